"""Rigorous ranges of what treatments do over boxes of effort; the ground that pricing's bounds stand on.

Each curve is monotone (or piecewise linear), so over an interval of effort it lies between its extremes,
and so do sums of curves, the weights p_j exp(G_j), and the margin. Ranges are exact up to rounding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from allocator.response.arrays import FloatArray, IntArray
from allocator.response.curves import Ranges
from allocator.response.effects import Action
from allocator.response.table import ResponseTable
from allocator.response.transitions import RowRanges

_STEEP = 1e150
"""Finite end of a range that is infinite on both ends of it, so that sums of ranges stay defined."""


@dataclass(frozen=True, slots=True)
class BoxRanges:
    """Ranges over K boxes; destinations as in the table, leaving as the last column.

    rows: probabilities before any curve acts, and their change per unit of the measured lever's effort.
    shift_low, shift_high: [K, D+1] what curves add to the log-weights (0 for leaving).
    shift_slope_low, shift_slope_high: [K, L, D+1] change of that per unit of effort.
    margin_low, margin_high: [K] money per customer.
    margin_slope_low, margin_slope_high: [K, L] change of that per unit of effort; may be infinite at
        effort 0, as the slopes of log-weights may.
    """

    rows: RowRanges
    shift_low: FloatArray
    shift_high: FloatArray
    shift_slope_low: FloatArray
    shift_slope_high: FloatArray
    margin_low: FloatArray
    margin_high: FloatArray
    margin_slope_low: FloatArray
    margin_slope_high: FloatArray

    def weights(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest weight [K, D+1] of each destination, in a unit of each box's own."""
        top = np.where(self.rows.high > 0.0, self.shift_high, -np.inf).max(axis=1, keepdims=True)
        low, high = np.zeros_like(self.shift_low), np.zeros_like(self.shift_high)
        np.exp(self.shift_low - top, out=low, where=self.rows.low > 0.0)
        np.exp(self.shift_high - top, out=high, where=self.rows.high > 0.0)
        return low * self.rows.low, high * self.rows.high


@dataclass(slots=True)
class _Total:
    """Running sum of curves with its ranges and, per lever [K, L], those of its slopes."""

    low: FloatArray
    high: FloatArray
    slope_low: FloatArray
    slope_high: FloatArray

    @classmethod
    def zero(cls, size: int, levers: int) -> _Total:
        return cls(np.zeros(size), np.zeros(size), np.zeros((size, levers)), np.zeros((size, levers)))


class BoxEvaluator:
    """Ranges over boxes of effort for one response table."""

    def __init__(self, table: ResponseTable) -> None:
        self._table = table

    def ranges(
        self,
        segment: IntArray,
        period: IntArray,
        low: FloatArray,
        high: FloatArray,
        boosts: FloatArray | None = None,
    ) -> BoxRanges:
        """Ranges over boxes [low, high] of efforts, each [K, L]; ``segment``, ``period``, ``boosts`` as in
        :meth:`ResponseTable.coefficients`."""
        effects = self._table.effects
        box = (segment, low, high, boosts)
        loyalty = self._sum(effects.loyalty, *box)
        own = np.concatenate([effects.own[segment], np.zeros((len(segment), 1))], axis=1)
        shift_low, shift_high = loyalty.low[:, None] * own, loyalty.high[:, None] * own
        slope_low = np.where(own[:, None, :] > 0.0, loyalty.slope_low[:, :, None], 0.0)
        slope_high = np.where(own[:, None, :] > 0.0, loyalty.slope_high[:, :, None], 0.0)
        for move in effects.migrations:
            lever = move.action.lever
            rows, part = self._part(move.action, *box)
            column = move.position[segment[rows]]
            shift_low[rows, column] += part.low
            shift_high[rows, column] += part.high
            slope_low[rows, lever, column] += part.slope_low
            slope_high[rows, lever, column] += part.slope_high
        margin = self._margin(*box)
        return BoxRanges(
            self._table.transitions.ranges(segment, period, low, high),
            shift_low,
            shift_high,
            slope_low,
            slope_high,
            margin.low,
            margin.high,
            margin.slope_low,
            margin.slope_high,
        )

    def _margin(self, segment: IntArray, low: FloatArray, high: FloatArray, boosts: FloatArray | None) -> _Total:
        relative = self._sum(self._table.effects.margins, segment, low, high, boosts)
        added = self._sum(self._table.effects.margin_adds, segment, low, high, boosts)
        base = self._table.untreated_margin[segment]
        first, last = _scaled(base, 1.0 + relative.low, 1.0 + relative.high)
        slope_first, slope_last = _scaled(base[:, None], relative.slope_low, relative.slope_high)
        return _Total(
            first + added.low, last + added.high, slope_first + added.slope_low, slope_last + added.slope_high
        )

    def _sum(
        self,
        actions: Iterable[Action],
        segment: IntArray,
        low: FloatArray,
        high: FloatArray,
        boosts: FloatArray | None,
    ) -> _Total:
        total = _Total.zero(len(segment), low.shape[1])
        for action in actions:
            rows, part = self._part(action, segment, low, high, boosts)
            total.low[rows] += part.low
            total.high[rows] += part.high
            total.slope_low[rows, action.lever] += part.slope_low
            total.slope_high[rows, action.lever] += part.slope_high
        return total

    def _part(
        self, action: Action, segment: IntArray, low: FloatArray, high: FloatArray, boosts: FloatArray | None
    ) -> tuple[IntArray, Ranges]:
        """Rows the action acts on, and its ranges there. Boosts are >= 0, so they keep the order."""
        rows = np.flatnonzero(action.present[segment])
        part = action.curves.ranges(segment[rows], low[rows, action.lever], high[rows, action.lever])
        part = replace(
            part, slope_low=np.minimum(part.slope_low, _STEEP), slope_high=np.maximum(part.slope_high, -_STEEP)
        )
        if boosts is None:
            return rows, part
        boost = boosts[rows, action.lever]
        value_low, value_high = part.low * boost, part.high * boost
        return rows, Ranges(value_low, value_high, *_scaled(boost, part.slope_low, part.slope_high))


def _scaled(factor: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Range of factor x [low, high], where 0 x infinity is 0."""
    zero = factor == 0.0
    with np.errstate(invalid="ignore"):
        first, last = factor * low, factor * high
    first, last = np.where(zero, 0.0, first), np.where(zero, 0.0, last)
    return np.minimum(first, last), np.maximum(first, last)
