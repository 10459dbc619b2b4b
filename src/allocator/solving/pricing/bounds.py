"""Upper bounds on the reduced cost over boxes of effort, the steps of thresholds and needs left aside.

The smooth part is f(e) = const + sum_l price_l e_l + price_margin m(e) + F(e), where F is the mean of the
arrival prices under the weights w_j = p_j exp(G_j), leaving at price 0. With P_j the shares of the weights
and q_j = P_j (a_j - F), which sum to 0, dF/de_l = sum_j q_j dG_j/de_l; measured rows add their own terms.
Three bounds, each the best where the one before is loose:

1. order: weights lie in intervals, so F is largest with high weights on the dear destinations (one sort);
2. mean value: f(c) plus the gradient's range times the distance from c, of second order in the width;
3. curvature: where the Hessian's range is negative definite, a concave quadratic around c; it closes at an
   optimum at once, where 1 and 2 would need very many small boxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocator.response.arrays import FloatArray, IntArray
from allocator.response.intervals import Boxes, BoxEvaluator, BoxRanges, Derivatives
from allocator.response.table import ResponseTable

ROUNDING = 2e-13
"""Relative slack on bounds for the rounding of the sums they are made of."""

Range = tuple[FloatArray, FloatArray]


def times(first: Range, second: Range) -> Range:
    """Range of the product of two quantities, where 0 x infinity is 0."""
    with np.errstate(invalid="ignore", over="ignore"):
        products = [first[0] * second[0], first[0] * second[1], first[1] * second[0], first[1] * second[1]]
    for product in products:
        product[np.isnan(product)] = 0.0
    low = np.minimum(np.minimum(products[0], products[1]), np.minimum(products[2], products[3]))
    high = np.maximum(np.maximum(products[0], products[1]), np.maximum(products[2], products[3]))
    return low, high


def middle(found: Range) -> FloatArray:
    """Middle of a range; infinite ends are taken as very large."""
    return np.asarray((np.clip(found[0], -1e100, 1e100) + np.clip(found[1], -1e100, 1e100)) / 2.0)


@dataclass(frozen=True, slots=True)
class SmoothPrices:
    """Prices of the smooth part, one row per box: ``effort`` [K, L] with load and saves merged in,
    ``margin`` [K], ``arrival`` [K, D+1] with a last 0 for leaving, ``order`` [K, D+1] dearest first."""

    effort: FloatArray
    margin: FloatArray
    arrival: FloatArray
    order: IntArray


class SmoothBounds:
    """Ranges of F, of its gradient and of its Hessian, over one set of boxes."""

    def __init__(self, table: ResponseTable, evaluator: BoxEvaluator, boxes: Boxes, prices: SmoothPrices) -> None:
        self._table, self._evaluator, self._boxes, self._prices = table, evaluator, boxes, prices
        self.ranges: BoxRanges = evaluator.ranges(boxes)
        self._weights = self.ranges.weight_low, self.ranges.weight_high
        self.mean: Range = self._mean()

    def _mean(self) -> Range:
        """Range of F: for each split of the order, high weights on one side and low weights on the other."""
        order = self._prices.order
        price = np.take_along_axis(self._prices.arrival, order, axis=1)
        low, high = (np.take_along_axis(weight, order, axis=1) for weight in self._weights)
        rise = high - low
        start = np.zeros((len(order), 1))
        weight = np.concatenate([start, np.cumsum(rise, axis=1)], axis=1)
        worth = np.concatenate([start, np.cumsum(price * rise, axis=1)], axis=1)
        base_weight, base_worth = low.sum(axis=1, keepdims=True), (price * low).sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            dear = (base_worth + worth) / (base_weight + weight)
            cheap = (base_worth + worth[:, -1:] - worth) / (base_weight + weight[:, -1:] - weight)
        return np.nanmin(cheap, axis=1), np.nanmax(dear, axis=1)

    def order_bound(self) -> tuple[FloatArray, FloatArray]:
        """Bound 1 [K], and the magnitude [K] of the sums behind it."""
        prices, box = self._prices, self._boxes
        linear = np.maximum(prices.effort * box.low, prices.effort * box.high).sum(axis=1)
        ends = prices.margin * self.ranges.margin_low, prices.margin * self.ranges.margin_high
        size = (np.abs(prices.effort) * box.high).sum(axis=1) + np.maximum(np.abs(ends[0]), np.abs(ends[1]))
        size += np.abs(prices.arrival).max(axis=1)
        return linear + np.maximum(*ends) + self.mean[1], size

    def gradient(self) -> Range:
        """Ranges [K, L] of the derivatives of the smooth part with respect to each effort."""
        slopes, prices = self.ranges.slopes, self._prices
        mean = self._mean_gradient()
        margin = times((prices.margin[:, None], prices.margin[:, None]), (slopes.margin.low, slopes.margin.high))
        return prices.effort + margin[0] + mean[0], prices.effort + margin[1] + mean[1]

    def _differences(self) -> Range:
        """[K, D+1] a_j - F."""
        return self._prices.arrival - self.mean[1][:, None], self._prices.arrival - self.mean[0][:, None]

    def _shares(self) -> Range:
        """[K, D+1] P_j: lowest where all other weights are highest, and the other way round."""
        low, high = self._weights
        with np.errstate(divide="ignore", invalid="ignore"):
            most = high / (high + np.maximum(0.0, low.sum(axis=1, keepdims=True) - low))
            least = low / (low + np.maximum(0.0, high.sum(axis=1, keepdims=True) - high))
        return np.where(low > 0.0, least, 0.0), np.where(high > 0.0, most, 0.0)

    def _mean_gradient(self) -> Range:
        """[K, L] dF/de_l."""
        slopes = self.ranges.slopes
        tilts = self._tilts
        own = self._evaluator.own(self._boxes.segment) > 0.0
        inside = [np.where(own, tilt, 0.0).sum(axis=1) for tilt in tilts]
        outside = [np.where(own, 0.0, tilt).sum(axis=1) for tilt in tilts]
        loyal = np.maximum(inside[0], -outside[1])[:, None], np.minimum(inside[1], -outside[0])[:, None]
        low, high = times((slopes.loyalty.low, slopes.loyalty.high), loyal)
        for move in slopes.migrations:
            tilt = tilts[0][move.rows, move.column], tilts[1][move.rows, move.column]
            least, most = times((move.low, move.high), tilt)
            low[move.rows, move.lever] += least
            high[move.rows, move.lever] += most
        rows, lever = self._measured
        if rows.size:
            least, most = (part.sum(axis=1) for part in self._measured_tilts)
            low[rows, lever] += least
            high[rows, lever] += most
        return low, high

    @cached_property
    def _tilts(self) -> Range:
        """[K, D+1] q_j = P_j (a_j - F)."""
        return times(self._shares(), self._differences())

    @property
    def _measured(self) -> tuple[IntArray, IntArray]:
        """Boxes whose segment has measured rows, and the lever measured."""
        lever = self._table.transitions.measured_lever[self._boxes.segment]
        rows = np.flatnonzero(lever >= 0)
        return rows, lever[rows]

    @cached_property
    def _spreads(self) -> Range:
        """[N, D+1] dP_j/dp_j before the mean moves, times dp_j/de, for boxes with measured rows."""
        rows, _ = self._measured
        found = self.ranges
        total = self._weights[0][rows].sum(axis=1, keepdims=True), self._weights[1][rows].sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = found.factor_low[rows] / total[1], found.factor_high[rows] / total[0]
        return times(factor, (found.rows.slope_low[rows], found.rows.slope_high[rows]))

    @cached_property
    def _measured_tilts(self) -> Range:
        """[N, D+1] the terms that measured rows add to the gradient."""
        rows, _ = self._measured
        low, high = self._differences()
        return times((low[rows], high[rows]), self._spreads)

    def hessian(self) -> Range:
        """Ranges [K, L, L] of the second derivatives; infinite where there is a kink inside the box.

        d2F/de_l de_k = sum_j q_j h_jl h_jk + [l = k] sum_j q_j h'_jl - F_l u_k - F_k u_l + measured terms,
        with h_jl = dG_j/de_l, F_l = dF/de_l and u_l = sum_j P_j h_jl.
        """
        bends = self._evaluator.bends(self._boxes)
        slope, bend = self._dense(self.ranges.slopes), self._dense(bends)
        tilts = self._tilts[0][:, None], self._tilts[1][:, None]
        shares = [share[:, None] for share in self._shares()]
        drift = [part.sum(axis=2) for part in times((shares[0], shares[1]), slope)]
        rows, lever = self._measured
        if rows.size:
            for side in (0, 1):
                drift[side][rows, lever] += self._spreads[side].sum(axis=1)
        pull = [part[:, :, None] for part in self._mean_gradient()]
        crossed = times((pull[0], pull[1]), (drift[0][:, None, :], drift[1][:, None, :]))
        pairs = times((slope[0][:, :, None], slope[1][:, :, None]), (slope[0][:, None], slope[1][:, None]))
        joint = times((tilts[0][:, None], tilts[1][:, None]), pairs)
        low = joint[0].sum(axis=3) - crossed[1] - crossed[1].swapaxes(1, 2)
        high = joint[1].sum(axis=3) - crossed[0] - crossed[0].swapaxes(1, 2)
        own = times(tilts, bend)
        price = self._prices.margin[:, None]
        margin = times((price, price), (bends.margin.low, bends.margin.high))
        each = np.arange(low.shape[1])
        low[:, each, each] += own[0].sum(axis=2) + margin[0]
        high[:, each, each] += own[1].sum(axis=2) + margin[1]
        self._add_measured_bends(low, high, slope)
        return low, high

    def _add_measured_bends(self, low: FloatArray, high: FloatArray, slope: Range) -> None:
        rows, lever = self._measured
        if not rows.size:
            return
        tilts = self._measured_tilts[0][:, None], self._measured_tilts[1][:, None]
        least, most = (part.sum(axis=2) for part in times(tilts, (slope[0][rows], slope[1][rows])))
        each = np.arange(low.shape[1])
        for total, part in ((low, least), (high, most)):
            total[rows[:, None], lever[:, None], each] += part
            total[rows[:, None], each, lever[:, None]] += part
        knots = self._table.transitions.measured_knots[self._boxes.segment[rows]]
        start, end = self._boxes.low[rows, lever, None], self._boxes.high[rows, lever, None]
        kinked = rows[((knots > start) & (knots < end)).any(axis=1)]
        low[kinked], high[kinked] = -np.inf, np.inf

    def _dense(self, found: Derivatives) -> Range:
        """[K, L, D+1] derivatives of each log-weight."""
        own = (self._evaluator.own(self._boxes.segment) > 0.0)[:, None]
        low = np.where(own, found.loyalty.low[:, :, None], 0.0)
        high = np.where(own, found.loyalty.high[:, :, None], 0.0)
        for move in found.migrations:
            low[move.rows, move.lever, move.column] += move.low
            high[move.rows, move.lever, move.column] += move.high
        return low, high
