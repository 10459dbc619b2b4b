"""Ranges of the second derivatives of the smooth part of the reduced cost; its notation is that of ``bounds``."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from allocator.response.arrays import FloatArray
from allocator.response.intervals import Derivatives
from allocator.solving.pricing.arithmetic import NOTHING, Range, column, row, times
from allocator.solving.pricing.bounds import SmoothBounds


class CurvedBounds(SmoothBounds):
    """Ranges of f, of its gradient and of its Hessian over one set of K boxes."""

    def hessian(self) -> Range:
        """Ranges [K, L, L] of the second derivatives; infinite where there is a kink inside the box.

        For loyalty alone, with slopes s_l and second derivatives b_l of the log-weight of ours,
        d2F/de_l de_k = s_l s_k P (1 - P) (1 - 2 P) (A - B) + [l = k] b_l q.
        """
        slope = self.ranges.slopes.loyalty
        turns = (0.5 - np.sqrt(1.0 / 12.0), 0.5 + np.sqrt(1.0 / 12.0))
        bent = times(self._spread(lambda share: share * (1.0 - share) * (1.0 - 2.0 * share), turns), self._difference)
        slopes = slope.low, slope.high
        pairs = times(column(slopes), row(slopes))
        low, high = times(pairs, column(column(bent)))
        high = high.copy() if low is high else high
        bends = self._evaluator.bends(self._boxes)
        margin, loyal = self._margin(bends), self._loyal(bends)
        each = np.arange(low.shape[1])
        low[:, each, each] += margin[0] + loyal[0]
        high[:, each, each] += margin[1] + loyal[1]
        if self._uneven:
            self._add_uneven(low, high, bends)
        return low, high

    def _add_uneven(self, low: FloatArray, high: FloatArray, bends: Derivatives) -> None:
        """Add what migration curves and measured rows bring.

        With a_l = dF/de_l and u_l = the gain of the sum of weights without the loyalty parts, c_l the part of
        a_l from destinations of ours, and m_jl the migration slopes, the terms are
        s_l (c_k - q u_k - P a_k) - a_l u_k + [l measured] sum_j S_j (a_j - F) m_jk, each with l and k exchanged too,
        + sum_j q_j m_jl m_jk + [l = k] sum_j q_j m'_jl.
        """
        slopes = self.ranges.slopes
        a, u = self._rest_gradient, self._collect(self._shares, self._gains, slopes)
        c = self._collect(self._tilts, self._measured_tilts, slopes, own=True)
        loss = times(column(self._tilt_own), u), times(column(self._share_own), a)
        inner = c[0] - loss[0][1] - loss[1][1], c[1] - loss[0][0] - loss[1][0]
        loyal = times(column((slopes.loyalty.low, slopes.loyalty.high)), row(inner))
        drag = times(column(a), row(u))
        least, most = loyal[0] - drag[1], loyal[1] - drag[0]
        low += least + least.swapaxes(1, 2)
        high += most + most.swapaxes(1, 2)
        own = self._collect(self._tilts, NOTHING, bends) if slopes.migrations else (0.0, 0.0)
        each = np.arange(low.shape[1])
        low[:, each, each] += own[0]
        high[:, each, each] += own[1]
        self._add_pairs(low, high)
        self._add_measured_pairs(low, high)

    def _add_pairs(self, low: FloatArray, high: FloatArray) -> None:
        """Add sum_j q_j m_jl m_jk."""
        if not self.ranges.slopes.migrations:
            return
        moves = self._moves
        tilts = self._tilts[0][:, None], self._tilts[1][:, None]
        tilted = times(moves, tilts)
        for lever in range(low.shape[1]):
            least, most = times(tilted, (moves[0][:, lever, None], moves[1][:, lever, None]))
            low[:, lever] += least.sum(axis=2)
            high[:, lever] += most.sum(axis=2)

    def _add_measured_pairs(self, low: FloatArray, high: FloatArray) -> None:
        rows, lever = self._measured
        if not rows.size:
            return
        each = np.arange(low.shape[1])
        tilts = self._measured_tilts[0][:, None], self._measured_tilts[1][:, None]
        parts = times(tilts, (self._moves[0][rows], self._moves[1][rows]))
        for total, part in zip((low, high), parts, strict=True):
            total[rows[:, None], lever[:, None], each] += part.sum(axis=2)
            total[rows[:, None], each, lever[:, None]] += part.sum(axis=2)
        knots = self._table.transitions.measured_knots[self._boxes.segment[rows]]
        start, end = self._boxes.low[rows, lever, None], self._boxes.high[rows, lever, None]
        kinked = rows[((knots > start) & (knots < end)).any(axis=1)]
        low[kinked], high[kinked] = -np.inf, np.inf

    @cached_property
    def _moves(self) -> Range:
        """[K, L, D+1] m_jl."""
        shape = (*self._boxes.low.shape, self._own.shape[1])
        low, high = np.zeros(shape), np.zeros(shape)
        for move in self.ranges.slopes.migrations:
            low[move.rows, move.lever, move.column] += move.low
            high[move.rows, move.lever, move.column] += move.high
        return low, high
