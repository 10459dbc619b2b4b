"""The reduced cost of given treatments, and the best ones met so far."""

from __future__ import annotations

from typing import Self

import numpy as np

from allocator.response.arrays import FloatArray, IntArray
from allocator.response.intervals import Boxes, BoxEvaluator
from allocator.solving.pricing.arithmetic import Range
from allocator.solving.pricing.bounds import SmoothPrices
from allocator.solving.pricing.cells import CellPrices
from allocator.solving.pricing.curvature import CurvedBounds
from allocator.solving.pricing.derivatives import Treated, margin_derivatives, mean_derivatives
from allocator.solving.pricing.levers import Terms
from allocator.solving.pricing.outlook import Outlook
from allocator.solving.pricing.space import Factors, TreatmentSpace

INSET = 1e-8
"""How far, relative to the border, a treatment keeps away from a threshold that it must not touch."""


class ReducedCost:
    """Reduced costs of treatments in C cells."""

    def __init__(self, space: TreatmentSpace, prices: CellPrices) -> None:
        self.space = space
        self.prices = prices
        self._arrival: FloatArray = np.concatenate([prices.arrival, np.zeros((len(prices), 1))], axis=1)
        self._order: IntArray = np.argsort(-self._arrival, axis=1, kind="stable")

    def smooth_prices(self, cell: IntArray, saves: Range) -> SmoothPrices:
        """Prices of the smooth part, one row per cell and range of saves [K, L]."""
        effort, load = self.prices.effort[cell], self.prices.load[cell]
        first = effort + load * saves[0]
        merged = (first, first)
        if saves[0] is not saves[1]:
            last = effort + load * saves[1]
            merged = np.minimum(first, last), np.maximum(first, last)
        return SmoothPrices(merged, self.prices.margin[cell], self._arrival[cell], self._order[cell])

    def boxes(self, cell: IntArray, boosts: Range | None, low: FloatArray, high: FloatArray) -> Boxes:
        """Boxes of effort and of boosts, [K, L] each, of cells."""
        return Boxes(self.prices.segment[cell], self.prices.period[cell], low, high, boosts)

    def bounds(
        self, evaluator: BoxEvaluator, cell: IntArray, factors: Factors, low: FloatArray, high: FloatArray
    ) -> CurvedBounds:
        """Bounds of the smooth part over boxes."""
        region, prices = self.boxes(cell, factors.boosts, low, high), self.smooth_prices(cell, factors.saves)
        return CurvedBounds(self.space.table, evaluator, region, prices)

    def separated(self, cell: IntArray, variant: IntArray, efforts: Range) -> tuple[Terms, Outlook]:
        """The smooth part over boxes of ``efforts`` [K, L], by what the levers bring one by one and what they bring
        through loyalty together; the untreated margin left aside."""
        prices, space = self.prices, self.space
        segment, boosts = prices.segment[cell], space.boosts_of(variant)
        weights = space.table.transitions.rows(segment, prices.period[cell], efforts[0])
        own = np.pad(space.table.effects.own[segment] > 0.0, ((0, 0), (0, 1)))
        outlook = Outlook.of(weights, self._arrival[cell], own)
        effort = prices.effort[cell] + prices.load[cell] * space.saves[variant]
        factors = np.ones_like(effort) if boosts is None else boosts
        sign = np.where(outlook.rise >= 0.0, 1.0, -1.0)
        return Terms(segment, *efforts, factors, effort, prices.margin[cell], sign), outlook

    def derivatives(self, cell: IntArray, variant: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient [K, L] and Hessian [K, L, L] of the smooth part at treatments."""
        prices, space = self.prices, self.space
        treated = Treated(prices.segment[cell], prices.period[cell], efforts, space.boosts_of(variant))
        gradient, hessian = mean_derivatives(space.table, treated, self._arrival[cell])
        slope, bend = margin_derivatives(space.table, treated)
        worth, each = prices.margin[cell][:, None], np.arange(efforts.shape[1])
        hessian[:, each, each] += worth * bend
        return gradient + worth * slope + prices.effort[cell] + prices.load[cell] * space.saves[variant], hessian

    def smooth(self, cell: IntArray, variant: IntArray, efforts: FloatArray) -> FloatArray:
        """[K] the part without thresholds, needs and constant; efforts need not be allowed."""
        prices = self.prices
        found = self.space.table.coefficients(
            prices.segment[cell], prices.period[cell], efforts, self.space.boosts_of(variant)
        )
        per_effort = prices.effort[cell] + prices.load[cell] * self.space.saves[variant]
        arriving = np.einsum("kd,kd->k", prices.arrival[cell], found.probability)
        return np.asarray((per_effort * efforts).sum(axis=1) + prices.margin[cell] * found.margin + arriving)

    def value(self, cell: IntArray, variant: IntArray, efforts: FloatArray) -> FloatArray:
        """[K] reduced cost of treatments."""
        reached, needs = self.space.reached(efforts), self.space.needs(efforts, variant)
        steps = (self.prices.threshold[cell] * reached).sum(axis=1) + (self.prices.need[cell] * needs).sum(axis=1)
        return np.asarray(self.smooth(cell, variant, efforts) + steps + self.prices.constant[cell])


class Incumbents:
    """The best treatment met in each cell, and how good any other might be."""

    def __init__(self, cells: int, levers: int) -> None:
        self.efforts: FloatArray = np.zeros((cells, levers))
        self.variant: IntArray = np.zeros(cells, dtype=np.int64)
        self.value: FloatArray = np.full(cells, -np.inf)
        self.dismissed: FloatArray = np.full(cells, -np.inf)

    def offer(self, cell: IntArray, variant: IntArray, efforts: FloatArray, value: FloatArray) -> IntArray:
        """Take over what is better; return the cells that improved."""
        best = self.value.copy()
        np.maximum.at(best, cell, value)
        winners = np.flatnonzero((value >= best[cell]) & (value > self.value[cell]))
        cells = cell[winners]
        self.efforts[cells], self.variant[cells] = efforts[winners], variant[winners]
        self.value[cells] = value[winners]
        return np.unique(cells)

    def consider(
        self, reduced_cost: ReducedCost, cell: IntArray, variant: IntArray, efforts: FloatArray, low: FloatArray
    ) -> IntArray:
        """Offer the allowed treatments near ``efforts`` and above ``low``; return the cells that improved."""
        treatments, fits = reduced_cost.space.nearest(reduced_cost.prices.segment[cell], efforts, low)
        cell, variant, treatments = cell[fits], variant[fits], treatments[fits]
        return self.offer(cell, variant, treatments, reduced_cost.value(cell, variant, treatments))

    def dismiss(self, cell: IntArray, upper: FloatArray) -> Self:
        """Leave boxes aside, none of whose treatments is better than ``upper``."""
        np.maximum.at(self.dismissed, cell, upper)
        return self
