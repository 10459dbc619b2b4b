"""What depends on the horizon: capacities by period, the terminal value."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from allocator.domain.calendar import Calendar
from allocator.domain.checks.known import Known
from allocator.domain.checks.movement import TOLERANCE
from allocator.domain.errors import MistakeList
from allocator.domain.model import Model
from allocator.domain.resources import Fixed
from allocator.domain.scenario import Scenario


def check_capacities(scenario: Scenario, known: Known, found: MistakeList) -> None:
    """A capacity listed by period covers the horizon."""
    for name, resource in known.model.resources.items():
        if isinstance(resource, Fixed) and isinstance(resource.capacity, tuple):
            periods = len(resource.capacity)
            if periods < scenario.horizon:
                message = f"`capacity` is given for {periods} period{'s' if periods != 1 else ''}"
                expected = f"one number, or one for each of {scenario.horizon} periods"
                found.add(("model", "resources", name, "capacity"), message, expected=expected)


def check_terminal(scenario: Scenario, known: Known, found: MistakeList) -> None:
    """Segments of a stated terminal value exist; the baseline value is finite."""
    path = ("scenario", "terminal")
    if isinstance(scenario.terminal, str):
        if scenario.terminal == "baseline":
            _check_baseline(scenario, known, found)
        return
    for segment in scenario.terminal:
        known.check_segment(found, (*path, segment), segment)


def _check_baseline(scenario: Scenario, known: Known, found: MistakeList) -> None:
    """V = m + beta P V has one finite solution where the spectral radius of beta P is below 1."""
    if len(known.segments) < len(known.model.segments) or any(
        move.origin not in known.segments or move.destination not in known.segments for move in known.model.transitions
    ):
        return
    chances = _after_horizon(known.model)
    for segment, total in zip(known.segments, chances.sum(axis=1), strict=True):
        if total > 1.0 + TOLERANCE:
            rows = [(index, move) for index, move in enumerate(known.model.transitions) if move.origin == segment]
            message = f"after the last period stated, the probabilities from `{segment}` add up to {total:.10g}"
            if any(move.period is not None for _, move in rows):  # else it has been told already
                found.add(("transitions", rows[-1][0], "probability"), message, expected="at most 1")
            return
    model = known.model
    beta = Calendar(model.period, model.discount_rate, model.cash_flow, scenario.horizon).beta
    if beta * float(chances.sum(axis=1).max(initial=0.0)) < 1.0:
        return
    radius = float(np.abs(np.linalg.eigvals(chances)).max(initial=0.0)) * beta
    if radius >= 1.0 - TOLERANCE:
        message = (
            f"`baseline` gives customers an infinite terminal value: with a discount rate of {model.discount_rate:g} "
            "some of them are never lost"
        )
        found.add(("scenario", "terminal"), message, expected="a higher discount rate, `none`, or money by segment")


def _after_horizon(model: Model) -> NDArray[np.float64]:
    """Transition probabilities after the last period, segment by segment: the every-period value of a
    pair, or its last stated one."""
    index = {segment.name: position for position, segment in enumerate(model.segments)}
    stated: dict[tuple[int, int], dict[float, float]] = defaultdict(dict)
    for move in model.transitions:
        when = float(move.period) if move.period is not None else np.inf
        stated[index[move.origin], index[move.destination]][when] = move.probability
    chances = np.zeros((len(index), len(index)))
    for pair, by_period in stated.items():
        chances[pair] = by_period[max(by_period)]
    return chances
