"""The optimum, in the same clothes as its rivals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario


class Solution(Protocol):
    """What the solver hands back, as far as policies care."""

    @property
    def plan(self) -> Plan:
        """The best plan found."""

    @property
    def objective(self) -> float:
        """Its objective."""

    @property
    def bound(self) -> float:
        """No plan has an objective above this."""


Solve = Callable[[Scenario], Solution]


@dataclass(frozen=True, slots=True)
class Optimum:
    """The plan with the proven gap. ``solve`` is given from outside, so that policies need no solver."""

    solve: Solve
    name: str = "optimum"
    title: str = "Optimum"

    def plan(self, scenario: Scenario) -> Plan:
        """The best plan found; errors of the solver pass through."""
        return self.solve(scenario).plan
