"""Shocks that the planner wrote down: the table of `risk.shocks`."""

from __future__ import annotations

import numpy as np

from allocator.domain.checks.risk import SUM_TOLERANCE
from allocator.domain.errors import MistakeList
from allocator.domain.risk import Shock
from allocator.domain.scenario import Scenario
from allocator.uncertainty.shocks import Array, ShockSet, is_persistent


def from_table(scenario: Scenario, shocks: tuple[Shock, ...]) -> ShockSet:
    """Arrays of a shock table.

    The factor is 1 where no row stands. A row without a period counts for every period and for the
    terminal value (period T+1); a row with a period overrides it there, its `keep_factor` only where given.

    Raises
    ------
    InvalidInput
        For an unknown segment, a period beyond T+1, a second row for one place, a scenario with two
        probabilities, probabilities that do not sum to 1.
    """
    probability = _checked(scenario, shocks)
    names = tuple(probability)
    position = {name: index for index, name in enumerate(names)}
    segments = tuple(segment.name for segment in scenario.model.segments)
    column = {name: index for index, name in enumerate(segments)}
    factor: Array = np.ones((len(names), len(segments), scenario.horizon + 1))
    keep: Array = np.ones((len(names), len(segments), scenario.horizon))
    for shock in sorted(shocks, key=lambda shock: shock.period is not None):
        periods = slice(None) if shock.period is None else slice(shock.period - 1, shock.period)
        factor[position[shock.scenario], column[shock.segment], periods] = shock.factor
        if shock.keep_factor is not None:
            keep[position[shock.scenario], column[shock.segment], periods] = shock.keep_factor
    keep_factor = keep if any(shock.keep_factor is not None for shock in shocks) else None
    weights = np.array(list(probability.values()))
    return ShockSet(
        names=names,
        probability=weights / weights.sum(),
        factor=factor,
        keep_factor=keep_factor,
        persistent=is_persistent(factor, keep_factor),
        segments=segments,
        groups=segments,
    )


def _checked(scenario: Scenario, shocks: tuple[Shock, ...]) -> dict[str, float]:
    """Probability by scenario name, in the order of the table, after all checks."""
    mistakes = MistakeList()
    segments = {segment.name for segment in scenario.model.segments}
    probability: dict[str, float] = {}
    places: set[tuple[str, str, int | None]] = set()
    for row, shock in enumerate(shocks):
        if shock.segment not in segments:
            mistakes.unknown(("shocks", row, "segment"), "segment", shock.segment, segments)
        if shock.period is not None and shock.period > scenario.horizon + 1:
            mistakes.add(
                ("shocks", row, "period"),
                f"period {shock.period} is beyond the horizon",
                expected=f"1 to {scenario.horizon + 1} (the last is the terminal value)",
            )
        place = (shock.scenario, shock.segment, shock.period)
        if place in places:
            mistakes.add(("shocks", row), f"a second row for scenario `{shock.scenario}`, segment `{shock.segment}`")
        places.add(place)
        known = probability.setdefault(shock.scenario, shock.probability)
        if known != shock.probability:
            mistakes.add(
                ("shocks", row, "probability"),
                f"scenario `{shock.scenario}` has probability {shock.probability:g} here and {known:g} above",
            )
    total = sum(probability.values())
    if abs(total - 1.0) > SUM_TOLERANCE:
        mistakes.add(("shocks",), f"the probabilities of the scenarios sum to {total:.9g}", expected="1")
    mistakes.raise_if_any()
    return probability
