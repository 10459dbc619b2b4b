"""Shock sets: what may happen to margins, from the planner's table or drawn.

This room knows the domain types only.
"""

from allocator.uncertainty.description import as_table, correlations, describe, histogram, staying
from allocator.uncertainty.shocks import ShockSet, equally_likely
from allocator.uncertainty.sources import fresh, nearest, shock_set

__all__ = [
    "ShockSet",
    "as_table",
    "correlations",
    "describe",
    "equally_likely",
    "fresh",
    "histogram",
    "nearest",
    "shock_set",
    "staying",
]
