"""The optimum without the clock: a machine with other work to do shall not change which plan is the best found."""

from __future__ import annotations

from allocator.api import Scenario, solve
from allocator.policies import Solution

SECONDS = 1200.0
"""By the clock, at most; the asked gap ends the search long before on a machine with nothing else to do."""


def unhurried(scenario: Scenario) -> Solution:
    """Solve to the scenario's gap, with more time than it states."""
    return solve(scenario.model_copy(update={"solver": scenario.solver.model_copy(update={"time_limit": SECONDS})}))
