"""Upper bounds on the reduced cost over boxes of effort, the steps of thresholds and needs left aside.

The smooth part is f(e) = sum_l price_l e_l + price_margin m(e) + F(e), where F is the mean of the arrival
prices a_j under the weights w_j = p_j exp(G_j), leaving at price 0. The loyalty curves shift all destinations
of ours together, so F = P A + (1 - P) B with P the share of ours, A and B the mean prices of ours and of the
others. A and B move only with migration curves and measured rows. Three bounds, each the best where the one
before is loose:

1. order: a mean is largest with high weights on the dear destinations (one sort); P lies between its ends;
2. mean value: f(c) plus the gradient's range times the distance from c, of second order in the width;
3. curvature (``curvature``): where the Hessian's range is negative definite, a concave quadratic around c; it
   closes at an optimum at once, where 1 and 2 would need very many small boxes.

Where A and B are constant, ``separable`` bounds whole cells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.response.intervals import Boxes, BoxEvaluator, BoxRanges, Derivatives
from allocator.response.table import ResponseTable
from allocator.solving.pricing.arithmetic import NOTHING, ROUNDING, Range, column, times


@dataclass(frozen=True, slots=True)
class SmoothPrices:
    """Prices of the smooth part, one row per box: the range of ``effort`` [K, L] with load and saves merged
    in, ``margin`` [K], ``arrival`` [K, D+1] with a last 0 for leaving, ``order`` [K, D+1] dearest first."""

    effort: Range
    margin: FloatArray
    arrival: FloatArray
    order: IntArray


class SmoothBounds:
    """Ranges of f and of its gradient over one set of K boxes.

    With P_j the share of destination j in the weights and q_j = P_j (a_j - F), which sum to 0, and S_j what
    the share of j would gain per unit of the measured lever's effort if the sum of weights stayed.
    """

    def __init__(self, table: ResponseTable, evaluator: BoxEvaluator, boxes: Boxes, prices: SmoothPrices) -> None:
        self._table, self._evaluator, self._boxes, self._prices = table, evaluator, boxes, prices
        self.ranges: BoxRanges = evaluator.ranges(boxes)
        self._own = evaluator.own(boxes.segment)
        bare = self.ranges.rows.low * self.ranges.factor_low
        self._bare = bare, bare if boxes.points else self.ranges.rows.high * self.ranges.factor_high
        self._factor: Range = evaluator.loyalty(boxes, self.ranges)
        weight = bare * self._factor[0]
        self._weight: Range = weight, weight if boxes.points else self._bare[1] * self._factor[1]
        self._set_mean()

    def _set_mean(self) -> None:
        """Ranges of A, B, P and F."""
        self._mean_own, self._mean_other = self._mean_of(self._own), self._mean_of(~self._own)
        self._share_own = self._share_of(self._own)
        if self._boxes.points:
            share = self._share_own[0]
            point = share * self._mean_own[0] + (1.0 - share) * self._mean_other[0]
            self.mean: Range = point, point
            return
        ends = [
            [share * own + (1.0 - share) * rest for share in self._share_own]
            for own, rest in zip(self._mean_own, self._mean_other, strict=True)
        ]
        self.mean = np.minimum(*ends[0]), np.maximum(*ends[1])

    def _share_of(self, group: BoolArray) -> Range:
        """Range of the share of a group of destinations in the weights."""
        low, high = (np.where(group, weight, 0.0).sum(axis=1) for weight in self._weight)
        least_rest, most_rest = (np.where(group, 0.0, weight).sum(axis=1) for weight in self._weight)
        with np.errstate(invalid="ignore"):
            least = np.where(low > 0.0, low / (low + most_rest), 0.0)
            if self._boxes.points:
                return least, least
            return least, np.where(high > 0.0, high / (high + least_rest), 0.0)

    def _mean_of(self, group: BoolArray) -> Range:
        """Range of the mean price of a group of destinations: for each split of the order, high weights on one
        side and low weights on the other."""
        if self._boxes.points:
            return self._point_mean(group)
        order = self._prices.order
        price = np.take_along_axis(self._prices.arrival, order, axis=1)
        low, high = (np.take_along_axis(np.where(group, weight, 0.0), order, axis=1) for weight in self._bare)
        rise = high - low
        base, worth = (low.sum(axis=1, keepdims=True), (price * low).sum(axis=1, keepdims=True)), price * rise
        dear = _split_means(base, rise, worth)
        cheap = _split_means(base, rise[:, ::-1], worth[:, ::-1])
        some = high.any(axis=1)
        return (
            np.where(some, np.where(np.isnan(cheap), np.inf, cheap).min(axis=1), 0.0),
            np.where(some, np.where(np.isnan(dear), -np.inf, dear).max(axis=1), 0.0),
        )

    def _point_mean(self, group: BoolArray) -> Range:
        weight = np.where(group, self._bare[0], 0.0)
        total, worth = weight.sum(axis=1), (weight * self._prices.arrival).sum(axis=1)
        mean = np.where(total > 0.0, worth / np.where(total > 0.0, total, 1.0), 0.0)
        return mean, mean

    def order_bound(self) -> tuple[FloatArray, FloatArray]:
        """Bound 1 [K], and the magnitude [K] of the sums behind it."""
        prices, box = self._prices, self._boxes
        dearest = prices.effort[1]
        linear = np.maximum(dearest * box.low, dearest * box.high).sum(axis=1)
        ends = prices.margin * self.ranges.margin_low, prices.margin * self.ranges.margin_high
        price = np.maximum(np.abs(prices.effort[0]), np.abs(dearest))
        size = (price * box.high).sum(axis=1) + np.maximum(np.abs(ends[0]), np.abs(ends[1]))
        size += np.abs(prices.arrival).max(axis=1)
        return linear + np.maximum(*ends) + self.mean[1], size

    def gradient(self) -> Range:
        """Ranges [K, L] of the derivatives of f with respect to each effort."""
        margin = self._margin(self.ranges.slopes)
        loyal = self._loyal(self.ranges.slopes)
        rest = self._rest_gradient if self._uneven else (0.0, 0.0)
        low, high = self._prices.effort
        return low + margin[0] + loyal[0] + rest[0], high + margin[1] + loyal[1] + rest[1]

    def lift(self) -> Range:
        """Ranges [K, L] of the derivatives of f with respect to the logarithm of each lever's boost."""
        found = self._evaluator.lifts(self._boxes)
        margin, loyal = self._margin(found), self._loyal(found)
        rest = self._collect(self._tilts, NOTHING, found) if found.migrations else (0.0, 0.0)
        return margin[0] + loyal[0] + rest[0], margin[1] + loyal[1] + rest[1]

    def _margin(self, found: Derivatives) -> Range:
        price = self._prices.margin[:, None]
        return times((price, price), (found.margin.low, found.margin.high))

    def _loyal(self, found: Derivatives) -> Range:
        """[K, L] what loyalty curves add to the derivatives of F: their own times q, the sum of q_j over ours."""
        return times((found.loyalty.low, found.loyalty.high), column(self._tilt_own))

    @property
    def _uneven(self) -> bool:
        """Whether anything but loyalty moves the weights."""
        return bool(self._table.effects.migrations) or bool((self._table.transitions.measured_lever >= 0).any())

    @cached_property
    def _tilt_own(self) -> Range:
        """[K] q = P (1 - P) (A - B)."""
        return times(self._spread(lambda share: share * (1.0 - share), (0.5,)), self._difference)

    @cached_property
    def _difference(self) -> Range:
        low = self._mean_own[0] - self._mean_other[1]
        return low, low if self._boxes.points else self._mean_own[1] - self._mean_other[0]

    def _spread(self, function: Callable[[FloatArray], FloatArray], turns: tuple[float, ...]) -> Range:
        """Range of a function of P, with its turning points given."""
        low, high = self._share_own
        if low is high:
            point = function(low)
            return point, point
        ends = [low, high, *(np.clip(turn, low, high) for turn in turns)]
        found = np.stack([function(share) for share in ends])
        return found.min(axis=0), found.max(axis=0)

    @cached_property
    def _shares(self) -> Range:
        """[K, D+1] P_j: lowest where all other weights are highest, and the other way round."""
        low, high = self._weight
        totals = [weight.sum(axis=1, keepdims=True) for weight in self._weight]
        with np.errstate(invalid="ignore"):
            if self._boxes.points:
                share = np.where(low > 0.0, low / totals[0], 0.0)
                return share, share
            # The others' sum is a difference, which may be all rounding: it is widened by that much.
            most = high / (high + np.maximum(0.0, totals[0] * (1.0 - ROUNDING) - low))
            least = low / (low + np.maximum(0.0, totals[1] * (1.0 + ROUNDING) - high))
        return np.where(low > 0.0, least, 0.0), np.where(high > 0.0, most, 0.0)

    @cached_property
    def _gaps(self) -> Range:
        """[K, D+1] a_j - F."""
        low = self._prices.arrival - self.mean[1][:, None]
        return low, low if self._boxes.points else self._prices.arrival - self.mean[0][:, None]

    @cached_property
    def _tilts(self) -> Range:
        """[K, D+1] q_j."""
        return times(self._shares, self._gaps)

    @cached_property
    def _measured(self) -> tuple[IntArray, IntArray]:
        """Boxes whose segment has measured rows, and the lever measured."""
        lever = self._table.transitions.measured_lever[self._boxes.segment]
        rows = np.flatnonzero(lever >= 0)
        return rows, lever[rows]

    @cached_property
    def _gains(self) -> Range:
        """[N, D+1] S_j of boxes with measured rows."""
        rows, _ = self._measured
        found, loyalty = self.ranges, self._factor
        total = [weight[rows].sum(axis=1, keepdims=True) for weight in self._weight]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            low = found.factor_low[rows] * loyalty[0][rows] / total[1]
            high = found.factor_high[rows] * loyalty[1][rows] / total[0]
        return times((low, high), (found.rows.slope_low[rows], found.rows.slope_high[rows]))

    @cached_property
    def _measured_tilts(self) -> Range:
        """[N, D+1] (a_j - F) S_j."""
        rows, _ = self._measured
        return times((self._gaps[0][rows], self._gaps[1][rows]), self._gains)

    @cached_property
    def _rest_gradient(self) -> Range:
        """[K, L] what migration curves and measured rows add to dF/de_l."""
        return self._collect(self._tilts, self._measured_tilts, self.ranges.slopes)

    def _collect(self, by_column: Range, measured: Range, found: Derivatives, own: bool = False) -> Range:
        """[K, L] sum over destinations (only ours if ``own``) of ``by_column`` [K, D+1] times each migration
        curve's derivative, and of ``measured`` [N, D+1] on the measured lever."""
        low, high = np.zeros_like(self._boxes.low), np.zeros_like(self._boxes.low)
        for move in found.migrations:
            places = (move.rows, move.column)
            least, most = times((move.low, move.high), (by_column[0][places], by_column[1][places]))
            counted = self._own[places] if own else np.ones(len(least), dtype=bool)
            low[move.rows, move.lever] += np.where(counted, least, 0.0)
            high[move.rows, move.lever] += np.where(counted, most, 0.0)
        rows, lever = self._measured
        if rows.size:
            counted = self._own[rows] if own else np.ones_like(self._own[rows])
            low[rows, lever] += np.where(counted, measured[0], 0.0).sum(axis=1)
            high[rows, lever] += np.where(counted, measured[1], 0.0).sum(axis=1)
        return low, high


def _split_means(base: Range, rise: FloatArray, worth: FloatArray) -> FloatArray:
    """[K, D+1] means where the first weights are high, one more each time, and the others low: ``base`` is the
    sum of all low weights and what it is worth; NaN where all weights are 0."""
    with np.errstate(invalid="ignore"):
        return np.asarray((base[1] + np.cumsum(worth, axis=1)) / (base[0] + np.cumsum(rise, axis=1)))
