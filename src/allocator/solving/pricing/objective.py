"""The reduced cost of given treatments, and the best ones met so far."""

from __future__ import annotations

from typing import Self

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.response.intervals import Boxes
from allocator.solving.pricing.bounds import SmoothPrices
from allocator.solving.pricing.cells import CellPrices
from allocator.solving.pricing.space import CONTACT_SLACK, TreatmentSpace

INSET = 1e-8
"""How far, relative to the border, a treatment keeps away from a threshold that it must not touch."""


class ReducedCost:
    """Reduced costs of treatments in C cells."""

    def __init__(self, space: TreatmentSpace, prices: CellPrices) -> None:
        self.space = space
        self.prices = prices
        self._arrival: FloatArray = np.concatenate([prices.arrival, np.zeros((len(prices), 1))], axis=1)
        self._order: IntArray = np.argsort(-self._arrival, axis=1, kind="stable")

    def smooth_prices(self, cell: IntArray, variant: IntArray) -> SmoothPrices:
        """Prices of the smooth part, one row per (cell, variant)."""
        effort = self.prices.effort[cell] + self.prices.load[cell] * self.space.saves[variant]
        return SmoothPrices(effort, self.prices.margin[cell], self._arrival[cell], self._order[cell])

    def boxes(self, cell: IntArray, variant: IntArray, low: FloatArray, high: FloatArray) -> Boxes:
        """Boxes of effort [K, L] of cells and variants."""
        return Boxes(self.prices.segment[cell], self.prices.period[cell], low, high, self.space.boosts[variant])

    def smooth(self, cell: IntArray, variant: IntArray, efforts: FloatArray) -> FloatArray:
        """[K] the part without thresholds, needs and constant; efforts need not be allowed."""
        prices = self.prices
        found = self.space.table.coefficients(
            prices.segment[cell], prices.period[cell], efforts, self.space.boosts[variant]
        )
        per_effort = prices.effort[cell] + prices.load[cell] * self.space.saves[variant]
        arriving = np.einsum("kd,kd->k", prices.arrival[cell], found.probability)
        return np.asarray((per_effort * efforts).sum(axis=1) + prices.margin[cell] * found.margin + arriving)

    def value(self, cell: IntArray, variant: IntArray, efforts: FloatArray) -> FloatArray:
        """[K] reduced cost of treatments."""
        reached, needs = self.space.reached(efforts), self.space.needs(efforts, variant)
        steps = (self.prices.threshold[cell] * reached).sum(axis=1) + (self.prices.need[cell] * needs).sum(axis=1)
        return np.asarray(self.smooth(cell, variant, efforts) + steps + self.prices.constant[cell])

    def allowed(self, cell: IntArray, efforts: FloatArray, low: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Treatments near ``efforts`` [K, L], none below ``low``, and whether they are allowed: levels are
        met, and effort above ``low`` is scaled down to what the contacts leave."""
        space = self.space
        segment = self.prices.segment[cell]
        result = efforts.copy()
        for lever, levels in enumerate(space.levels):
            if levels is not None:
                place = np.searchsorted((levels[1:] + levels[:-1]) / 2.0, result[:, lever])
                result[:, lever] = np.where(space.max_effort[lever, segment] > 0.0, levels[place], 0.0)
        too_many = ~space.fits_contacts(segment, result)
        result[too_many] = np.where(space.continuous, result[too_many], low[too_many])
        room = space.contacts_max[segment] - low @ space.contacts
        asked = (result - low) @ space.contacts
        tight = asked > room * (1.0 - CONTACT_SLACK)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(tight & too_many, np.maximum(0.0, room) / asked, 1.0)
        result = np.where(share[:, None] < 1.0, low + share[:, None] * (result - low), result)
        return result, space.fits_contacts(segment, result)


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

    def dismiss(self, cell: IntArray, upper: FloatArray) -> Self:
        """Leave boxes aside, none of whose treatments is better than ``upper``."""
        np.maximum.at(self.dismissed, cell, upper)
        return self
