"""The pricing problem: in each cell, the treatment of greatest reduced cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.domain.model import Model
from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.response.intervals import BoxEvaluator
from allocator.response.table import ResponseTable
from allocator.solving.pricing.boxes import Geometry
from allocator.solving.pricing.cells import CellPrices, Priced, Threshold
from allocator.solving.pricing.search import Search
from allocator.solving.pricing.space import TreatmentSpace

ENUMERATED = 4096
"""Most treatments of a segment that are listed rather than searched."""
BOXES = 400_000
"""Most boxes open at once."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """All treatments of a segment in the periods of one transition row, and what they post."""

    efforts: FloatArray
    variants: IntArray
    features: FloatArray


class Pricer:
    """Prices treatments of one model exactly.

    uses: [V, G] programmes used by each variant (boosting or saving); saves, boosts: [V, L] their factors.
    """

    def __init__(self, table: ResponseTable, model: Model, thresholds: Sequence[Threshold] = ()) -> None:
        self.space = TreatmentSpace(table, model, thresholds)
        self._geometry = Geometry(self.space)
        self._evaluator = BoxEvaluator(table)
        self._listed: dict[tuple[int, int], _Listed] = {}
        self._treatments: dict[int, tuple[FloatArray, IntArray]] = {}

    @property
    def uses(self) -> BoolArray:
        """[V, G] programmes that each variant uses."""
        return self.space.uses

    def count(self, segment: int) -> int | None:
        """Number of treatments of a segment, an upper bound on it where they are more than can be listed;
        None where an effort is continuous."""
        size = self.space.grid_size(segment)
        return size if size is None or size > ENUMERATED else len(self.treatments(segment)[1])

    def treatments(self, segment: int) -> tuple[FloatArray, IntArray]:
        """Efforts [K, L] and variants [K] of all treatments of a segment without continuous efforts."""
        if segment not in self._treatments:
            self._treatments[segment] = self.space.enumerate(segment)
        return self._treatments[segment]

    def maximise(
        self, prices: CellPrices, *, tolerance: FloatArray | float, floor: float = -np.inf, limit: int = BOXES
    ) -> Priced:
        """The best treatment of each cell and a bound on all others.

        ``upper - value <= tolerance`` [C] unless ``upper <= floor`` (a cell that no treatment lifts above
        the floor is left as soon as that is proven) or more than ``limit`` boxes were open; ``upper`` is
        valid in any case.
        """
        cells = len(prices)
        result = Priced(
            np.zeros((cells, len(self.space.levels))), np.zeros(cells, dtype=np.int64), np.zeros(cells), np.zeros(cells)
        )
        listed = np.array([self._is_listed(segment) for segment in prices.segment.tolist()], dtype=bool)
        if not listed.all():
            rows = np.flatnonzero(~listed)
            allowance = np.broadcast_to(np.asarray(tolerance, dtype=float), (cells,))[rows]
            search = Search(self.space, self._geometry, self._evaluator, prices.take(rows), allowance, floor)
            _put(result, rows, search.run(limit))
        self._look_up(prices, np.flatnonzero(listed), result)
        return result

    def _is_listed(self, segment: int) -> bool:
        size = self.space.grid_size(segment)
        return size is not None and size <= ENUMERATED

    def _look_up(self, prices: CellPrices, rows: IntArray, result: Priced) -> None:
        """Evaluate every listed treatment: one matrix product per segment and transition row."""
        version = self.space.table.transitions.version(prices.segment[rows], prices.period[rows])
        keys = np.stack([prices.segment[rows], version], axis=1)
        for segment, period in np.unique(keys, axis=0).tolist():
            group = rows[(keys == (segment, period)).all(axis=1)]
            listed = self.features(segment, period)
            values = listed.features @ _stack(prices.take(group)).T
            place, each = values.argmax(axis=0), np.arange(len(group))
            best = values[place, each] + prices.constant[group]
            _put(result, group, Priced(listed.efforts[place], listed.variants[place], best, best))

    def features(self, segment: int, period: int) -> _Listed:
        """Listed treatments with what one customer posts: efforts, loads, margin, arrivals, thresholds, needs."""
        if (segment, period) not in self._listed:
            efforts, variants = self.treatments(segment)
            size = len(variants)
            found = self.space.table.coefficients(
                np.full(size, segment), np.full(size, period), efforts, self.space.boosts[variants]
            )
            columns = [
                efforts,
                efforts * self.space.saves[variants],
                found.margin[:, None],
                found.probability,
                self.space.reached(efforts),
                self.space.needs(efforts, variants),
            ]
            self._listed[segment, period] = _Listed(efforts, variants, np.concatenate(columns, axis=1))
        return self._listed[segment, period]


def _stack(prices: CellPrices) -> FloatArray:
    """Prices in the order of a treatment's features."""
    return np.concatenate(
        [prices.effort, prices.load, prices.margin[:, None], prices.arrival, prices.threshold, prices.need], axis=1
    )


def _put(result: Priced, rows: IntArray, part: Priced) -> None:
    result.efforts[rows], result.variant[rows] = part.efforts, part.variant
    result.value[rows], result.upper[rows] = part.value, part.upper
