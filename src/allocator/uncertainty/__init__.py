"""Shock sets: what may happen to margins, from the planner's table or drawn.

This room knows the domain types only.
"""

from allocator.uncertainty.shocks import ShockSet
from allocator.uncertainty.sources import shock_set

__all__ = ["ShockSet", "shock_set"]
