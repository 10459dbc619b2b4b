"""The command line: arguments in, words and an exit status out. What is decided is decided by the engine."""

from allocator.cli.app import main

__all__ = ["main"]
