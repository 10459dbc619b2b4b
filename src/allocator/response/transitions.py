"""Where customers go with no curve acting: stated rows by period, and measured rows by effort."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass

import numpy as np

from allocator.domain.model import Model
from allocator.response.arrays import BoolArray, FloatArray, IntArray

Row = dict[int, float]
"""Destination segment -> probability."""


@dataclass(frozen=True, slots=True)
class RowRanges:
    """What the probabilities of a row lie between over an interval of its measured lever's effort.

    low, high: [K, D+1], the last column being the chance of leaving.
    slope_low, slope_high: [K, D+1], change per unit of effort of the measured lever.
    """

    low: FloatArray
    high: FloatArray
    slope_low: FloatArray
    slope_high: FloatArray


class TransitionTable:
    """Transition rows of all segments.

    destinations: [S, D] segments that customers may go to, padded with -1.
    stationary: [S] whether the stated row is the same in all periods.
    measured_lever: [S] the lever that measured rows stand for, -1 where there are none.
    measured_knots: [S, M] efforts measured, ascending, padded with infinity.
    """

    def __init__(self, model: Model, reaches: BoolArray) -> None:
        self._place = {segment.name: place for place, segment in enumerate(model.segments)}
        by_period = self._stated(model)
        measured = self._measured(model, reaches)
        self.last_stated = max((row.period or 0 for row in model.transitions), default=0)
        periods = range(1, self.last_stated + 1)
        versions = [_beyond(by_period), *(_in_period(by_period, period) for period in periods)]
        versions.append(_in_period(by_period, None))
        self.destinations = self._union(versions, measured)
        self._stated_rows = np.stack([self._aligned(version) for version in versions])
        later = self._stated_rows[1:]
        self.stationary: BoolArray = (later == later[:1]).all(axis=(0, 2))
        self._fill_measured(measured)
        self._kept: FloatArray | None = None
        """[S, D+1, T] what each weight of a row is multiplied by in a period; None where nothing is."""

    def under(self, keep: FloatArray, own: FloatArray) -> TransitionTable:
        """The same for W shock scenarios side by side, segment s of scenario w at w S + s.

        ``keep`` [W, S, T] multiplies the odds of the destinations ``own`` [S, D] (1 or 0): their weights are
        multiplied, and :meth:`rows` no longer sum to 1.
        """
        copies, size, periods = keep.shape
        found = copy(self)
        first = np.repeat(np.arange(copies) * size, size)[:, None]
        there = np.tile(self.destinations, (copies, 1))
        found.destinations = np.where(there < 0, -1, there + first)
        found._stated_rows = np.tile(self._stated_rows, (1, copies, 1))
        found.measured_lever = np.tile(self.measured_lever, copies)
        found.measured_knots = np.tile(self.measured_knots, (copies, 1))
        found._measured_rows = np.tile(self._measured_rows, (copies, 1, 1))
        flat = keep.reshape(copies * size, periods)
        found.stationary = np.tile(self.stationary, copies) & (flat == flat[:, :1]).all(axis=1)
        if (flat != 1.0).any():
            kept = np.where(np.tile(own, (copies, 1))[:, :, None] > 0.0, flat[:, None], 1.0)
            found._kept = np.concatenate([kept, np.ones((copies * size, 1, periods))], axis=1)
        return found

    def _stated(self, model: Model) -> dict[tuple[int, int], dict[int | None, float]]:
        pairs: dict[tuple[int, int], dict[int | None, float]] = defaultdict(dict)
        for row in model.transitions:
            pairs[self._place[row.origin], self._place[row.destination]][row.period] = row.probability
        return pairs

    def _measured(self, model: Model, reaches: BoolArray) -> dict[int, tuple[int, dict[float, Row]]]:
        """Origin -> (lever, effort -> row). Effort 0 is the stated row, whatever treated.csv says."""
        levers = {name: place for place, name in enumerate(model.levers)}
        found: dict[int, tuple[int, dict[float, Row]]] = {}
        for row in model.treated:
            origin, lever = self._place[row.origin], levers[row.lever]
            if row.effort > 0.0 and reaches[lever, origin]:
                rows = found.setdefault(origin, (lever, {}))[1]
                rows.setdefault(row.effort, {})[self._place[row.destination]] = row.probability
        return found

    def _union(self, versions: list[dict[int, Row]], measured: Mapping[int, tuple[int, dict[float, Row]]]) -> IntArray:
        reachable: list[set[int]] = [set() for _ in self._place]
        for version in versions:
            for origin, row in version.items():
                reachable[origin] |= {place for place, probability in row.items() if probability > 0.0}
        for origin, (_, rows) in measured.items():
            for row in rows.values():
                reachable[origin] |= {place for place, probability in row.items() if probability > 0.0}
        most = max(1, *(len(places) for places in reachable))
        padded = np.full((len(reachable), most), -1, dtype=np.int64)
        for origin, places in enumerate(reachable):
            padded[origin, : len(places)] = sorted(places)
        return padded

    def _align(self, origin: int, row: Row) -> list[float]:
        return [row.get(place, 0.0) for place in self.destinations[origin].tolist()]

    def _aligned(self, version: dict[int, Row]) -> FloatArray:
        return np.array([self._align(origin, version.get(origin, {})) for origin in range(len(self._place))])

    def _fill_measured(self, measured: Mapping[int, tuple[int, dict[float, Row]]]) -> None:
        most = max((len(rows) for _, rows in measured.values()), default=0)
        size, width = self.destinations.shape
        self.measured_lever = np.full(size, -1, dtype=np.int64)
        self.measured_knots = np.full((size, most), np.inf)
        self._measured_rows = np.zeros((size, most, width))
        for origin, (lever, rows) in measured.items():
            self.measured_lever[origin] = lever
            for place, effort in enumerate(sorted(rows)):
                self.measured_knots[origin, place] = effort
                self._measured_rows[origin, place:] = self._align(origin, rows[effort])

    def stated(self, segment: IntArray, period: IntArray) -> FloatArray:
        """[K, D] probabilities with no lever applied, in ``period`` >= 1; 0 stands for beyond the horizon."""
        version = np.minimum(period, self.last_stated + 1)
        return np.asarray(self._stated_rows[version, segment])

    def version(self, segment: IntArray, period: IntArray) -> IntArray:
        """[K] a period whose row is that of ``period``, the same one for all periods with the same row."""
        different = self.last_stated if self._kept is None else max(self.last_stated, self._kept.shape[2])
        return np.asarray(np.where(self.stationary[segment], 1, np.minimum(period, different + 1)))

    def rows(self, segment: IntArray, period: IntArray, efforts: FloatArray) -> FloatArray:
        """[K, D+1] weights of the destinations and of leaving, at the efforts [K, L] of measured levers; they are
        probabilities where no shock scenario changes the odds."""
        result = self.stated(segment, period)
        lever = self.measured_lever[segment]
        some = np.flatnonzero(lever >= 0)
        if some.size:
            result[some] = self._interpolate(segment[some], result[some], efforts[some, lever[some]])
        return self._shocked(_with_leaving(result), segment, period)

    def _shocked(self, rows: FloatArray, segment: IntArray, period: IntArray) -> FloatArray:
        """Rows [K, D+1] with the odds of the shock scenario."""
        return rows if self._kept is None else np.asarray(rows * self._kept[segment, :, period - 1])

    def _interpolate(self, segment: IntArray, stated: FloatArray, effort: FloatArray) -> FloatArray:
        knots, rows = self._pieces(segment, stated)
        piece = (effort[:, None] >= knots[:, 1:-1]).sum(axis=1)
        each = np.arange(len(segment))
        start, end = knots[each, piece], knots[each, piece + 1]
        share = np.where(np.isinf(end), 0.0, (effort - start) / np.where(np.isinf(end), 1.0, end - start))
        return np.asarray(rows[each, piece] + share[:, None] * (rows[each, piece + 1] - rows[each, piece]))

    def _pieces(self, segment: IntArray, stated: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Knots [K, M+2] from 0 to infinity and the row [K, M+2, D] at each; the last piece is level."""
        measured = self._measured_rows[segment]
        ends = np.zeros((len(segment), 1)), np.full((len(segment), 1), np.inf)
        knots = np.concatenate([ends[0], self.measured_knots[segment], ends[1]], axis=1)
        return knots, np.concatenate([stated[:, None], measured, measured[:, -1:]], axis=1)

    def ranges(self, segment: IntArray, period: IntArray, low: FloatArray, high: FloatArray) -> RowRanges:
        """Ranges of the rows over boxes of effort [low, high], each [K, L]."""
        first = self.rows(segment, period, low)
        result = RowRanges(first, first.copy(), np.zeros_like(first), np.zeros_like(first))
        some = np.flatnonzero(self.measured_lever[segment] >= 0)
        if some.size:
            lever = self.measured_lever[segment[some]]
            place = segment[some], period[some]
            part = self._interval(*place, low[some, lever], high[some, lever])
            result.low[some], result.high[some] = self._shocked(part.low, *place), self._shocked(part.high, *place)
            result.slope_low[some] = self._shocked(part.slope_low, *place)
            result.slope_high[some] = self._shocked(part.slope_high, *place)
        return result

    def _interval(self, segment: IntArray, period: IntArray, low: FloatArray, high: FloatArray) -> RowRanges:
        stated = self.stated(segment, period)
        knots, bare = self._pieces(segment, stated)
        rows = _with_leaving(bare)
        first = _with_leaving(self._interpolate(segment, stated, low))
        last = _with_leaving(self._interpolate(segment, stated, high))
        lowest, highest = np.minimum(first, last), np.maximum(first, last)
        slope_low, slope_high = np.full_like(first, np.inf), np.full_like(first, -np.inf)
        for piece in range(knots.shape[1] - 1):
            start, end = knots[:, piece, None], knots[:, piece + 1, None]
            length = np.where(np.isinf(end) | np.isinf(start), np.inf, end - np.where(np.isinf(start), 0.0, start))
            slope = (rows[:, piece + 1] - rows[:, piece]) / length
            inside = (start < high[:, None]) & (end > low[:, None]) | (start == low[:, None])
            np.minimum(slope_low, slope, out=slope_low, where=inside)
            np.maximum(slope_high, slope, out=slope_high, where=inside)
            within = (start > low[:, None]) & (start < high[:, None])
            np.minimum(lowest, rows[:, piece], out=lowest, where=within)
            np.maximum(highest, rows[:, piece], out=highest, where=within)
        return RowRanges(lowest, highest, slope_low, slope_high)


def _with_leaving(rows: FloatArray) -> FloatArray:
    """Append what the row leaves short of 1 as a last column."""
    missing = np.maximum(0.0, 1.0 - rows.sum(axis=-1, keepdims=True))
    return np.concatenate([rows, missing], axis=-1)


def _in_period(pairs: Mapping[tuple[int, int], dict[int | None, float]], period: int | None) -> dict[int, Row]:
    rows: dict[int, Row] = defaultdict(dict)
    for (origin, destination), stated in pairs.items():
        rows[origin][destination] = stated.get(period, stated.get(None, 0.0))
    return rows


def _beyond(pairs: Mapping[tuple[int, int], dict[int | None, float]]) -> dict[int, Row]:
    """Rows after the horizon: the every-period values of an origin, or if it has none its row of the last period
    that is stated for it."""
    periods: dict[int, set[int | None]] = defaultdict(set)
    for (origin, _), stated in pairs.items():
        periods[origin] |= stated.keys()
    last = {origin: None if None in of else max(p for p in of if p is not None) for origin, of in periods.items()}
    rows: dict[int, Row] = defaultdict(dict)
    for (origin, destination), stated in pairs.items():
        rows[origin][destination] = stated.get(last[origin], 0.0)
    return rows
