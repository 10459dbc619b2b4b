"""From a scenario to a plan with its proof: HiGHS, pricing, bounds and prices."""

from allocator.solving.diagnosis import diagnose
from allocator.solving.sensitivity import sensitivity
from allocator.solving.solve import Engine, Solved, solve

__all__ = ["Engine", "Solved", "diagnose", "sensitivity", "solve"]
