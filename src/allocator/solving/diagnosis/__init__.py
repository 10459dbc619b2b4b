"""Why no plan exists: what clashes, and the least that must change."""

from __future__ import annotations

import math

from allocator.domain.errors import Clash, Infeasible
from allocator.domain.evaluation import Evaluation
from allocator.domain.scenario import Scenario
from allocator.solving.deadline import Deadline
from allocator.solving.diagnosis import words
from allocator.solving.diagnosis.conflict import clashing
from allocator.solving.diagnosis.relaxation import OutOfTimeError, Relaxation
from allocator.solving.diagnosis.words import can_be_written

__all__ = ["diagnose"]

_SECONDS = 120.0
"""Time for the diagnosis where the scenario states no limit."""
_MARGIN = 1e-4
"""Room that proposals leave (relative to the change) where treatments are priced rather than listed."""


def diagnose(
    scenario: Scenario,
    *,
    current: Evaluation | None = None,
    no_effort: Evaluation | None = None,
    seconds: float | None = None,
) -> Infeasible:
    """Explain why a scenario has no plan.

    ``current`` and ``no_effort`` are as for :func:`allocator.solving.solve`; ``seconds`` is the time it may
    take. What is not found by then is left out, and the message says so.

    Returns
    -------
    The error to raise: `clashes` are sets of numbers that cannot hold together, each with the change of it
    alone that restores a plan (NaN where it alone cannot, as where several sets clash apart from each other);
    `changes` is the least change, in percent of the numbers, that does. Changes are rounded outwards.
    """
    deadline = Deadline.after(_SECONDS if seconds is None else seconds)
    changes: list[Clash] = []
    groups: list[list[Clash]] = []
    try:
        relaxation = Relaxation(scenario, current, no_effort, deadline)
        least = _least(relaxation)
        changes = [_clash(relaxation, number, change) for number, change in least.items()]
        numbers = clashing(relaxation)
        groups = [[_clash(relaxation, number, math.nan) for number in group] for group in numbers]
        if len(numbers) == 1:
            groups = [[_clash(relaxation, number, _alone(relaxation, number)) for number in numbers[0]]]
    except OutOfTimeError:
        unfinished = words.sentence(groups, changes) or "no plan meets all requirements"
        return Infeasible(f"{unfinished} (time ran out before all was known)", _flat(groups), changes)
    return Infeasible(words.sentence(groups, changes) or "no plan meets all requirements", _flat(groups), changes)


def _flat(groups: list[list[Clash]]) -> list[Clash]:
    return [entry for group in groups for entry in group]


def _least(relaxation: Relaxation) -> dict[int, float]:
    """The least change; numbers that would have to go beyond what the file format allows stay as they are."""
    open_ = set(range(len(relaxation.gives)))
    while True:
        least = relaxation.minimise(sorted(open_)) or {}
        beyond = {number for number, change in least.items() if not can_be_written(relaxation.gives[number], change)}
        if not beyond:
            return least
        open_ -= beyond


def _alone(relaxation: Relaxation, number: int) -> float:
    """The change of one number alone that restores a plan; NaN where there is none that can be written."""
    change = (relaxation.minimise([number]) or {}).get(number, math.nan)
    return change if can_be_written(relaxation.gives[number], change) else math.nan


def _clash(relaxation: Relaxation, number: int, change: float) -> Clash:
    margin = 0.0 if relaxation.engine.refiner.complete else _MARGIN
    return words.clash(relaxation.gives[number], change, margin=margin)
