"""Tables, page and workbook of a run: what the planner opens."""

from allocator.reporting.writer import write

__all__ = ["write"]
