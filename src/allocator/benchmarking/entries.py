"""A policy on a scenario, and whom it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.benchmarking.records import Planned, Simulated
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Floats

OPTIMUM = "optimum"


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy on a scenario: its plan and the lives it was put through."""

    scenario: Scenario
    policy: str
    title: str
    planned: Planned
    simulated: tuple[Simulated, ...]

    @property
    def lives(self) -> Floats:
        """[R] customer equity of each replication."""
        return np.array([value for chunk in self.simulated for value in chunk.equity])

    @property
    def keeps_rules(self) -> bool:
        """Whether there is a plan and it breaks nothing."""
        return self.planned.status == "planned" and not self.planned.broken

    @property
    def unserved(self) -> float:
        """Share of the customers meant to get effort for whom there were no hours, over all replications."""
        weights = np.array([len(chunk.equity) for chunk in self.simulated])
        planned = float(weights @ [chunk.planned for chunk in self.simulated])
        given = float(weights @ [chunk.given for chunk in self.simulated])
        return 1.0 - given / planned if planned > 0.0 else 0.0


def named(group: Sequence[Entry], name: str) -> Entry | None:
    """The policy's entry, if it is there and has a plan."""
    found = [entry for entry in group if entry.policy == name and entry.planned.status == "planned"]
    return found[0] if found else None


def reference(group: Sequence[Entry]) -> Entry | None:
    """What others are compared with: the optimum, else the best plan that keeps the rules, else the best."""
    optimum = named(group, OPTIMUM)
    if optimum is not None:
        return optimum
    planned = [entry for entry in group if entry.planned.status == "planned"]
    return max(planned, key=lambda entry: (entry.keeps_rules, entry.planned.equity), default=None)
