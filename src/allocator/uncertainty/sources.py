"""From the risk section of a scenario to its shock set."""

from __future__ import annotations

from allocator.domain.scenario import Scenario
from allocator.uncertainty.shocks import ShockSet
from allocator.uncertainty.table import from_table


def shock_set(scenario: Scenario) -> ShockSet | None:
    """Shocks that the scenario plans with: its table, or drawn as `generate` asks; None without either.

    Raises
    ------
    InvalidInput
        If the table or the terms of generation cannot be right.
    """
    risk = scenario.risk
    if risk.shocks is not None:
        return from_table(scenario, risk.shocks)
    return None
