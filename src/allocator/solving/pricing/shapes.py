"""The curves of each lever on a grid of efforts, and by how much they may leave their chords between its points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.response.arrays import FloatArray, IntArray
from allocator.response.effects import Action
from allocator.solving.pricing.arithmetic import multiple
from allocator.solving.pricing.space import TreatmentSpace

PIECES = 48
"""Most pieces that a lever's efforts are divided into, at kinks and thresholds besides."""
ENTRIES = 4_000_000
"""About how many numbers are kept; with more segments and levers, pieces are fewer and wider."""
DENSER = 2.0
"""Power that draws the grid towards effort 0, where curves bend most."""

Part = tuple[Action, FloatArray]
"""An action, and what its curves are multiplied by in each segment [S]."""


class Curves:
    """All curves that act on one thing, added up by segment and lever, on a grid of efforts [S, L, N+1].

    value: [S, L, N+1].
    above, below: [S, L, N] by how much they may leave their chord on each piece, and on any part of it.
    bend_low, bend_high: [S, L, N] range of the second derivative, without limit where a kink is inside or at an end.
    """

    def __init__(self, parts: Sequence[Part], efforts: FloatArray) -> None:
        self._parts = parts
        self.value: FloatArray = np.zeros_like(efforts)
        self.above, self.below, self.bend_low, self.bend_high = (np.zeros_like(efforts[:, :, 1:]) for _ in range(4))
        for action, scale in parts:
            rows = np.flatnonzero(action.present & (scale != 0.0))
            self._add(action, rows, scale[rows, None], efforts[rows, action.lever])

    def _add(self, action: Action, rows: IntArray, scale: FloatArray, efforts: FloatArray) -> None:
        """Add an action in the segments ``rows`` [R], times ``scale`` [R, 1], on their grids [R, N+1]."""
        value = action.curves.value(np.repeat(rows, efforts.shape[1]), efforts.ravel()).reshape(efforts.shape)
        width, rise = np.diff(efforts, axis=1), np.diff(value, axis=1)
        ends = np.repeat(rows, width.shape[1]), efforts[:, :-1].ravel(), efforts[:, 1:].ravel()
        ranges = action.curves.ranges(*ends)
        slopes = ranges.slope_low.reshape(width.shape), ranges.slope_high.reshape(width.shape)
        # A kink at an end is felt on both sides of it.
        index, start, end = ends
        wider = index, np.nextafter(start, 0.0), np.nextafter(end, np.inf)
        least, most = (bend.reshape(width.shape) for bend in action.curves.bends(*wider))
        below, above = _gap(width, rise, slopes, most), _gap(width, rise, slopes, -least)
        place, size = (rows, action.lever), np.abs(scale)
        self.value[place] += scale * value
        self.above[place] += size * np.where(scale > 0.0, above, below)
        self.below[place] += size * np.where(scale > 0.0, below, above)
        with np.errstate(invalid="ignore"):
            self.bend_low[place] += np.minimum(scale * least, scale * most)
            self.bend_high[place] += np.maximum(scale * least, scale * most)

    def evaluate(self, segment: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Value and slope [Q, L] at efforts [Q, L]: at a kink, the slope to the right, and not a number where infinite
        slopes of both signs meet."""
        value, slope = np.zeros_like(efforts), np.zeros_like(efforts)
        for action, scale in self._parts:
            rows = np.flatnonzero(action.present[segment])
            found = action.curves.evaluate(segment[rows], efforts[rows, action.lever])
            value[rows, action.lever] += scale[segment[rows]] * found[0]
            with np.errstate(invalid="ignore"):
                slope[rows, action.lever] += multiple(scale[segment[rows]], found[1])
        return value, slope


class Shapes:
    """Curves by what they act on.

    efforts: [S, L, N+1] the grid, from 0 to the largest effort. Curves are monotone on its pieces.
    loyalty: what is added to the log-weight of every destination of ours.
    margin: what is added to the margin, in money.
    """

    def __init__(self, space: TreatmentSpace) -> None:
        effects, margin = space.table.effects, space.table.untreated_margin
        plain = np.ones_like(margin)
        self.efforts: FloatArray = _grid(space)
        self.loyalty = Curves([(action, plain) for action in effects.loyalty], self.efforts)
        added = [(action, plain) for action in effects.margin_adds]
        self.margin = Curves([*((action, margin) for action in effects.margins), *added], self.efforts)


def _gap(width: FloatArray, rise: FloatArray, slopes: tuple[FloatArray, FloatArray], bend: FloatArray) -> FloatArray:
    """How far a curve may be from its chord on pieces [R, N], on the side to which it is bent by ``bend`` at most; by
    that, or by the range of its slope. No part of a piece allows more."""
    with np.errstate(invalid="ignore", over="ignore"):
        by_slope = np.fmin(rise - slopes[0] * width, slopes[1] * width - rise)
        found = np.fmin(width**2 / 8.0 * np.maximum(bend, 0.0), by_slope)
    return np.where(width > 0.0, np.maximum(found, 0.0), 0.0)


def _grid(space: TreatmentSpace) -> FloatArray:
    levers, segments = space.max_effort.shape
    pieces = int(np.clip(ENTRIES / (10 * max(levers * segments, 1)), 8, PIECES))
    shares = np.linspace(0.0, 1.0, pieces + 1) ** DENSER
    largest = space.max_effort.T[:, :, None]
    stops = np.where(np.isnan(space.stop_table), largest, space.stop_table)
    return np.sort(np.concatenate([largest * shares, stops], axis=2), axis=2)
