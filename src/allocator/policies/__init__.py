"""Policies: rivals with one interface, scenario in, plan out.

Each is in its own file; what they share (capacity, budgets, hiring) is in ``mechanics``.
"""

from allocator.policies.base import NotApplicable, Policy
from allocator.policies.optimum import Optimum, Solution, Solve
from allocator.policies.registry import all_policies, choose

__all__ = ["NotApplicable", "Optimum", "Policy", "Solution", "Solve", "all_policies", "choose"]
