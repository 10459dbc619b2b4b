"""Benchmarks: each one command, with its results kept beside the command that made them."""
