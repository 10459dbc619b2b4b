"""Tables, page and workbook of a run: what the planner opens."""

from allocator.reporting.folder import check_folder
from allocator.reporting.writer import write, write_evaluation

__all__ = ["check_folder", "write", "write_evaluation"]
