"""Tables, page and workbook of a run: what the planner opens."""

from allocator.reporting.writer import write, write_evaluation

__all__ = ["write", "write_evaluation"]
