"""Shock sets: what may happen to margins, from the planner's table or drawn.

This room knows the domain types only.
"""

from allocator.uncertainty.description import as_table, correlations, describe, histogram
from allocator.uncertainty.shocks import ShockSet
from allocator.uncertainty.sources import fresh, nearest, shock_set

__all__ = ["ShockSet", "as_table", "correlations", "describe", "fresh", "histogram", "nearest", "shock_set"]
