"""The best effort of each lever by itself, at given prices of what its curves add to, with a rigorous bound.

Over the effort e of one lever in [a, b],

    phi(e) = price e + price of margin x margin curves(e) + price of loyalty x loyalty curves(e)

is bounded piece by piece of a grid: by its ends and by how much curves may leave their chords. Around the best
point of the grid, where phi is concave, a tangent close to the peak is sharper.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.arithmetic import Range, multiple
from allocator.solving.pricing.shapes import Curves, Shapes

AROUND = 2
"""Pieces on either side of the best point of the grid for which a tangent stands."""
STEPS = 2
"""Steps from where a parabola has its peak to where the tangent is taken: it must be all but level."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Q boxes [low, high] of efforts [Q, L] of ``segment`` [Q], and what their treatments are paid for.

    boosts: [Q, L] factors on curves; effort: [Q, L] price per unit of effort; margin: [Q] per unit of margin.
    sign: [Q] 1 where the price of loyalty is 0 or more, -1 where it is 0 or less.
    """

    segment: IntArray
    low: FloatArray
    high: FloatArray
    boosts: FloatArray
    effort: FloatArray
    margin: FloatArray
    sign: FloatArray

    def take(self, rows: IntArray | BoolArray) -> Terms:
        """Only the given boxes."""
        return Terms(*(getattr(self, part.name)[rows] for part in fields(self)))


@dataclass(frozen=True, slots=True)
class Peaks:
    """Upper bounds [Q] on the sums of all levers' best values, efforts [Q, L] that come close, and the loyalty
    [Q] that they add."""

    upper: FloatArray
    efforts: FloatArray
    loyalty: FloatArray


@dataclass(frozen=True, slots=True)
class _Grid:
    """What phi is made of on the grids of Q boxes; each reaches from point ``first`` to point ``last`` [Q, L, 1].

    efforts, steady, loyalty: [Q, L, N+1] efforts, phi at a price of loyalty of 0, and what is added to loyalty.
    gap, bend: [Q, L, N] by how much phi may exceed its chord on each piece, and its greatest second derivative, both at
        a price of loyalty of 0; loyal_gap, loyal_bend: what each unit of that price, up or down, adds.
    """

    first: IntArray
    last: IntArray
    efforts: FloatArray
    steady: FloatArray
    loyalty: FloatArray
    gap: FloatArray
    bend: FloatArray
    loyal_gap: FloatArray
    loyal_bend: FloatArray

    def take(self, rows: IntArray | BoolArray) -> _Grid:
        """Only the given boxes."""
        return _Grid(*(getattr(self, part.name)[rows] for part in fields(self)))

    def phi(self, price: FloatArray) -> FloatArray:
        """[Q, L, N+1] at a price of loyalty [Q]."""
        return np.asarray(self.steady + price[:, None, None] * self.loyalty)


class LeverProblems:
    """One problem for each lever of Q boxes, at any price of loyalty."""

    def __init__(self, shapes: Shapes, terms: Terms, grid: _Grid | None = None) -> None:
        self._shapes, self._terms = shapes, terms
        self._grid = _fitted(shapes, terms) if grid is None else grid

    def take(self, rows: IntArray | BoolArray) -> LeverProblems:
        """Only the given boxes."""
        return LeverProblems(self._shapes, self._terms.take(rows), self._grid.take(rows))

    @property
    def loyalty(self) -> Range:
        """Least and most [Q] that treatments add to loyalty."""
        added = self._grid.loyalty
        return added.min(axis=2).sum(axis=1), added.max(axis=2).sum(axis=1)

    def solve(self, price: FloatArray) -> Peaks:
        """The best efforts at a price of loyalty [Q]."""
        grid, size = self._grid, np.abs(price)[:, None, None]
        phi = grid.phi(price)
        best = np.clip(phi.argmax(axis=2)[:, :, None], grid.first, grid.last)
        upper = np.maximum(phi[:, :, :-1], phi[:, :, 1:])
        upper += grid.gap + size * grid.loyal_gap
        near = np.clip(best + np.arange(-AROUND, AROUND), grid.first, grid.last - 1)
        with np.errstate(invalid="ignore"):
            concave = (_at(grid.bend, near) + size * _at(grid.loyal_bend, near) <= 0.0).all(axis=2)
        piece = _at(grid.efforts, near[:, :, :1])[:, :, 0], _at(grid.efforts, near[:, :, -1:] + 1)[:, :, 0]
        efforts, value, tangent, loyalty = self._touch(price, _turn(grid, phi, best), piece)
        peak = np.where(concave, np.fmin(tangent, _at(upper, near).max(axis=2)), _at(upper, near).max(axis=2))
        np.put_along_axis(upper, near, -np.inf, axis=2)
        better = value >= _at(phi, best)[:, :, 0]
        return Peaks(
            np.maximum(peak, upper.max(axis=2)).sum(axis=1),
            np.where(better, efforts, _at(grid.efforts, best)[:, :, 0]),
            np.where(better, loyalty, _at(grid.loyalty, best)[:, :, 0]).sum(axis=1),
        )

    def _touch(
        self, price: FloatArray, turn: Range, piece: Range
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Efforts close to the peak of phi on a ``piece`` [Q, L], phi there, the greatest value of its tangent on the
        piece, and what is added to loyalty. From where a parabola turns, steps lead to where the slope is 0."""
        efforts, bend = np.clip(turn[0], *piece), turn[1]
        value, slope, loyalty = self._evaluate(price, efforts)
        for _ in range(STEPS):
            before = efforts, slope
            with np.errstate(divide="ignore", invalid="ignore"):
                closer = efforts - slope / bend
            efforts = np.clip(np.where(np.isfinite(closer), closer, efforts), *piece)
            value, slope, loyalty = self._evaluate(price, efforts)
            with np.errstate(divide="ignore", invalid="ignore"):
                bend = (slope - before[1]) / (efforts - before[0])
        with np.errstate(invalid="ignore"):
            ahead = [np.where(efforts == end, 0.0, slope * (end - efforts)) for end in piece]
        return efforts, value, value + np.maximum(*ahead), loyalty

    def _evaluate(self, price: FloatArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """phi, its slope, and what is added to loyalty [Q, L]."""
        terms = self._terms
        loyalty, margin = (
            curves.evaluate(terms.segment, efforts) for curves in (self._shapes.loyalty, self._shapes.margin)
        )
        factors = terms.boosts * price[:, None], terms.boosts * terms.margin[:, None]
        value = factors[0] * loyalty[0] + factors[1] * margin[0]
        with np.errstate(invalid="ignore"):
            slope = multiple(factors[0], loyalty[1]) + multiple(factors[1], margin[1])
        return terms.effort * efforts + value, terms.effort + slope, terms.boosts * loyalty[0]

    def dip(self, price: FloatArray, ends: Range) -> tuple[IntArray, FloatArray]:
        """The lever [Q] for which phi falls most between two efforts [Q, L], -1 where it falls for none, and the effort
        [Q] at which it is least."""
        grid, phi = self._grid, self._grid.phi(price)
        low, high = np.minimum(*ends)[:, :, None], np.maximum(*ends)[:, :, None]
        between = np.where((grid.efforts > low) & (grid.efforts < high), phi, np.inf)
        depth = np.minimum(*(self._evaluate(price, end)[0] for end in ends)) - between.min(axis=2)
        lever, each = depth.argmax(axis=1), np.arange(len(price))
        place = grid.efforts[each, lever, between[each, lever].argmin(axis=1)]
        return np.where(depth[each, lever] > 0.0, lever, -1), place


def _at(values: FloatArray, places: IntArray) -> FloatArray:
    return np.take_along_axis(values, places, axis=2)


def _turn(grid: _Grid, phi: FloatArray, best: IntArray) -> Range:
    """Where the parabola through the best point and its neighbours turns, and its second derivative [Q, L]."""
    three = np.clip(best, grid.first + 1, grid.last - 1) + np.arange(-1, 2)
    three = np.clip(three, grid.first, grid.last)
    effort, value = _at(grid.efforts, three), _at(phi, three)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.diff(value, axis=2) / np.diff(effort, axis=2)
        bend = 2.0 * (slope[:, :, 1] - slope[:, :, 0]) / (effort[:, :, 2] - effort[:, :, 0])
        turn = (effort[:, :, 0] + effort[:, :, 1]) / 2.0 - slope[:, :, 0] / bend
    return np.where(np.isfinite(turn), turn, _at(grid.efforts, best)[:, :, 0]), bend


def _fitted(shapes: Shapes, terms: Terms) -> _Grid:
    """The grids of the segments cut down to boxes, whose first and last pieces may be parts of pieces."""
    low, high = terms.low[:, :, None], terms.high[:, :, None]
    whole = shapes.efforts[terms.segment]
    efforts = np.clip(whole, low, high)
    inside, factor = efforts[:, :, 1:] > efforts[:, :, :-1], terms.boosts[:, :, None]

    def values(curves: Curves) -> FloatArray:
        ends = [curves.evaluate(terms.segment, end)[0][:, :, None] for end in (terms.low, terms.high)]
        return factor * np.where(whole < low, ends[0], np.where(whole > high, ends[1], curves.value[terms.segment]))

    def slack(curves: Curves, price: FloatArray) -> Range:
        """Gaps, and greatest second derivatives, at a price [Q]."""
        worth = price[:, None, None]
        gap = np.where(worth > 0.0, curves.above[terms.segment], curves.below[terms.segment])
        bend = np.where(worth > 0.0, curves.bend_high[terms.segment], -curves.bend_low[terms.segment])
        size = factor * np.abs(worth)
        return np.where(inside, size * gap, 0.0), np.where(inside, multiple(size, bend), 0.0)

    steady = terms.effort[:, :, None] * efforts + terms.margin[:, None, None] * values(shapes.margin)
    first = np.clip((whole <= low).sum(axis=2, keepdims=True) - 1, 0, inside.shape[2] - 1)
    last = np.clip((whole < high).sum(axis=2, keepdims=True), first + 1, inside.shape[2])
    added = slack(shapes.margin, terms.margin), slack(shapes.loyalty, terms.sign)
    return _Grid(first, last, efforts, steady, values(shapes.loyalty), *added[0], *added[1])
