"""Policies against each other: the same scenarios, the same shocks, paired differences with their certainty."""

from allocator.benchmarking.files import write_tables
from allocator.benchmarking.records import Planned, Simulated
from allocator.benchmarking.run import BenchmarkSettings, benchmark
from allocator.benchmarking.scores import Benchmark

__all__ = ["Benchmark", "BenchmarkSettings", "Planned", "Simulated", "benchmark", "write_tables"]
