"""The target of the objective, beside what a plan gives."""

from __future__ import annotations

from allocator.domain.scenario import Objective
from allocator.evaluation.readings import Reading

KIND = "target"
"""Of the reading."""


def reading(goal: Objective, gained: float, paid: float, *, scale: float) -> Reading | None:
    """The equity that is asked for, or the return; None where the objective has no target.

    ``gained`` is customer equity and ``paid`` discounted cash, for a return both beyond those of no effort; ``scale``
    is the usual size of equity.
    """
    if goal.target is None:
        return None
    if goal.kind == "spend":
        return Reading(KIND, "target equity", "min", goal.target, gained, scale=scale)
    return Reading(KIND, "target return", "min", goal.target, gained, base=paid, scale=scale)
