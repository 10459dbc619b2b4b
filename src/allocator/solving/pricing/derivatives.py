"""First and second derivatives of the smooth part of the reduced cost at given treatments.

F is the mean of the arrival prices a_j under weights of which destination j has the share P_j; P is the share of ours,
A and B are the mean prices of ours and of the others, and q_j = P_j (a_j - F). Loyalty curves move the logarithms of
the weights of all of ours with slope s_l in the effort of lever l, other curves and measured rows that of weight j
with slope m_jl. With c_l = sum of q_j m_jl over ours, u_l = s_l P + sum_j P_j m_jl and T = P (1 - P) (A - B),

    dF/de_l        = s_l T + sum_j q_j m_jl
    d2F/de_l de_k  = s_l s_k T + s_l c_k + c_l s_k + sum_j q_j m_jl m_jk - dF/de_l u_k - u_l dF/de_k

besides, for l = k, the second derivatives of the curves times T and q_j.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocator.response.arrays import FloatArray, IntArray
from allocator.response.effects import Action
from allocator.response.table import ResponseTable

STEEP = 1e100
"""What infinite derivatives are taken as."""


@dataclass(frozen=True, slots=True)
class Treated:
    """K treatments: ``segment``, ``period`` [K], ``efforts`` [K, L]; ``boosts`` [K, L] on curves, or None."""

    segment: IntArray
    period: IntArray
    efforts: FloatArray
    boosts: FloatArray | None

    def read(self, action: Action) -> tuple[IntArray, FloatArray]:
        """Treatments that an action acts on, and its value, slope and second derivative there [3, N]."""
        rows = np.flatnonzero(action.present[self.segment])
        found = np.stack(action.curves.bent(self.segment[rows], self.efforts[rows, action.lever]))
        np.clip(found[1:], -STEEP, STEEP, out=found[1:])
        return rows, found if self.boosts is None else found * self.boosts[rows, action.lever]

    def added_up(self, actions: Iterable[Action]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Sums of values [K], of slopes [K, L] and of second derivatives [K, L]."""
        value, slope, bend = np.zeros(len(self.segment)), np.zeros_like(self.efforts), np.zeros_like(self.efforts)
        for action in actions:
            rows, found = self.read(action)
            value[rows] += found[0]
            slope[rows, action.lever] += found[1]
            bend[rows, action.lever] += found[2]
        return value, slope, bend


def margin_derivatives(table: ResponseTable, treated: Treated) -> tuple[FloatArray, FloatArray]:
    """Slopes and second derivatives [K, L] of the margin, in money, in each effort."""
    base = table.untreated_margin[treated.segment][:, None]
    relative, added = treated.added_up(table.effects.margins), treated.added_up(table.effects.margin_adds)
    return base * relative[1] + added[1], base * relative[2] + added[2]


def mean_derivatives(table: ResponseTable, treated: Treated, price: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient [K, L] and Hessian [K, L, L] of the mean F of arrival prices [K, D+1]."""
    return _Mean(table, treated, price).derivatives()


class _Mean:
    """F and what it is made of."""

    def __init__(self, table: ResponseTable, treated: Treated, price: FloatArray) -> None:
        segment = treated.segment
        self._own = np.pad(table.effects.own[segment] > 0.0, ((0, 0), (0, 1)))
        self._measured_lever = table.transitions.measured_lever[segment]
        self._rows = table.transitions.ranges(segment, treated.period, treated.efforts, treated.efforts)
        self._moves = [
            (move.action.lever, rows, move.position[segment[rows]], found)
            for move in table.effects.migrations
            for rows, found in [treated.read(move.action)]
        ]
        value, self._slope, self._bend = treated.added_up(table.effects.loyalty)
        self._share(price, value)

    def _share(self, price: FloatArray, loyalty: FloatArray) -> None:
        """P and T [K], the latter exactly 0 where all are ours or none, and P_j and a_j - F [K, D+1]."""
        shift = self._own * loyalty[:, None]
        for _, rows, column, found in self._moves:
            shift[rows, column] += found[0]
        top = np.where(self._rows.low > 0.0, shift, -np.inf).max(axis=1, keepdims=True)
        factor = np.exp(np.minimum(shift - top, 0.0))
        self._factor = factor / (factor * self._rows.low).sum(axis=1, keepdims=True)
        self._shares = self._factor * self._rows.low
        self._gaps = price - (self._shares * price).sum(axis=1, keepdims=True)
        parts = [np.where(group, self._shares, 0.0) for group in (self._own, ~self._own)]
        self._ours, others = (part.sum(axis=1) for part in parts)
        worths = [(part * price).sum(axis=1) for part in parts]
        # P (1 - P) (A - B), without dividing by what may be 0.
        self._tilt = others * worths[0] - self._ours * worths[1]

    def derivatives(self) -> tuple[FloatArray, FloatArray]:
        """Gradient [K, L] and Hessian [K, L, L]."""
        slope, tilt = self._slope, self._tilt[:, None]
        gradient, pull = slope * tilt, slope * self._ours[:, None]
        hessian, each = _products(gradient, slope), np.arange(slope.shape[1])
        hessian[:, each, each] += tilt * self._bend
        if self._moves:
            self._add_moves(gradient, pull, hessian)
        self._add_measured(gradient, pull, hessian)
        drag = _products(gradient, pull)
        return gradient, hessian - drag - drag.swapaxes(1, 2)

    def _add_moves(self, gradient: FloatArray, pull: FloatArray, hessian: FloatArray) -> None:
        """Add what migration curves bring to dF, to u, and to d2F but for what these two do."""
        slopes, tilts = self._log_slopes, self._shares * self._gaps
        gradient += _summed(tilts, slopes)
        pull += _summed(self._shares, slopes)
        loyal = _products(self._slope, _summed(np.where(self._own, tilts, 0.0), slopes))
        hessian += loyal + loyal.swapaxes(1, 2) + slopes.swapaxes(1, 2) @ (tilts[:, :, None] * slopes)
        for lever, rows, column, found in self._moves:
            hessian[rows, lever, lever] += tilts[rows, column] * found[2]

    @cached_property
    def _log_slopes(self) -> FloatArray:
        """[K, D+1, L] m_jl of migration curves."""
        found = np.zeros((*self._shares.shape, self._slope.shape[1]))
        for lever, rows, column, part in self._moves:
            found[rows, column, lever] += part[1]
        return found

    def _add_measured(self, gradient: FloatArray, pull: FloatArray, hessian: FloatArray) -> None:
        """Add what measured rows bring."""
        rows = np.flatnonzero(self._measured_lever >= 0)
        if not rows.size:
            return
        lever = self._measured_lever[rows]
        gains = self._factor[rows] * (self._rows.slope_low[rows] + self._rows.slope_high[rows]) / 2.0
        worth = gains * self._gaps[rows]
        gradient[rows, lever] += worth.sum(axis=1)
        pull[rows, lever] += gains.sum(axis=1)
        crossed = self._slope[rows] * np.where(self._own[rows], worth, 0.0).sum(axis=1, keepdims=True)
        crossed += _summed(worth, self._log_slopes[rows])
        hessian[rows, lever] += crossed
        hessian[rows, :, lever] += crossed


def _products(first: FloatArray, second: FloatArray) -> FloatArray:
    """[K, L, L] of every two."""
    return np.asarray(first[:, :, None] * second[:, None])


def _summed(weights: FloatArray, slopes: FloatArray) -> FloatArray:
    """[K, L] sums over destinations of ``weights`` [K, D+1] times ``slopes`` [K, D+1, L]."""
    return np.asarray((weights[:, None] @ slopes)[:, 0])
