"""Shocks that the planner wrote down: the table of `risk.shocks`."""

from __future__ import annotations

import numpy as np

from allocator.domain.risk import Shock
from allocator.domain.scenario import Scenario
from allocator.uncertainty.shocks import Array, ShockSet, is_persistent


def from_table(scenario: Scenario, shocks: tuple[Shock, ...]) -> ShockSet:
    """Arrays of a shock table.

    The factor is 1 where no row stands. A row without a period counts for every period and for the
    terminal value (period T+1); a row with a period overrides it there, its `keep_factor` only where given.
    Probabilities are divided by their sum.
    """
    probability = {shock.scenario: shock.probability for shock in shocks}
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
