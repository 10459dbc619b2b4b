"""What depends on the horizon: capacities by period, the terminal value."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from allocator.domain.calendar import Calendar
from allocator.domain.checks.known import Known
from allocator.domain.checks.movement import TOLERANCE
from allocator.domain.errors import MistakeList
from allocator.domain.model import Model, Transition
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
    if chances.sum(axis=1).max(initial=0.0) > 1.0 + TOLERANCE:
        return  # told where the rows are checked
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
    """Transition probabilities after the last period, segment by segment: the every-period values of a segment, or if
    it has none those of the last period that is stated for it."""
    index = {segment.name: position for position, segment in enumerate(model.segments)}
    last: dict[str, float] = defaultdict(float)
    for move in model.transitions:
        last[move.origin] = max(last[move.origin], _when(move))
    chances = np.zeros((len(index), len(index)))
    for move in model.transitions:
        if _when(move) == last[move.origin]:
            chances[index[move.origin], index[move.destination]] = move.probability
    return chances


def _when(move: Transition) -> float:
    return float(move.period) if move.period is not None else np.inf
