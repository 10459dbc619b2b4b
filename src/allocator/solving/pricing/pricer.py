"""The pricing problem: in each cell, the treatment of greatest reduced cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from allocator.domain.model import Model
from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.response.intervals import BoxEvaluator
from allocator.response.table import ResponseTable
from allocator.solving.pricing.boxes import Geometry
from allocator.solving.pricing.catalogue import Catalogue
from allocator.solving.pricing.cells import CellPrices, Priced, Threshold
from allocator.solving.pricing.objective import Incumbents, ReducedCost
from allocator.solving.pricing.proof import Proof
from allocator.solving.pricing.search import Search, Stop, never
from allocator.solving.pricing.seeds import Memory, Start
from allocator.solving.pricing.separable import SeparableBounds
from allocator.solving.pricing.space import TreatmentSpace

ENUMERATED = 4096
"""Most treatments of a segment that are listed rather than searched."""
BOXES = 400_000
"""Most boxes open at once."""


class Pricer:
    """Prices treatments of one model exactly.

    ``earliest`` [G] is the first period in which treatments may need each programme; None where any may at
    any time. A price of minus infinity for a need rules the programme out in that cell, too.
    """

    def __init__(
        self,
        table: ResponseTable,
        model: Model,
        thresholds: Sequence[Threshold] = (),
        earliest: IntArray | None = None,
    ) -> None:
        self.space = TreatmentSpace(table, model, thresholds)
        self._earliest = earliest
        self._listed = Catalogue(self.space)
        self._proofs: dict[bytes, Proof] = {}
        """Cells, by their segments and periods -> what was last proven of them."""
        self._treatments: dict[int, tuple[FloatArray, IntArray]] = {}
        sizes = [self.space.grid_size(segment) for segment in range(len(table.segments))]
        self._is_listed = np.array([size is not None and size <= ENUMERATED for size in sizes], dtype=bool)

    @cached_property
    def _geometry(self) -> Geometry:
        return Geometry(self.space)

    @cached_property
    def _evaluator(self) -> BoxEvaluator:
        return BoxEvaluator(self.space.table)

    @cached_property
    def _separable(self) -> SeparableBounds:
        return SeparableBounds(self.space)

    @cached_property
    def _memory(self) -> Memory:
        return Memory(self.space)

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

    def look(self, prices: CellPrices, *, tolerance: FloatArray | float = 0.0, thorough: bool) -> Priced:
        """A good treatment of each cell, found by climbing, from more places if ``thorough``; climbing stops at steps
        that gain less than a part of the ``tolerance`` [C]. Nothing is proven and ``upper`` is infinite where
        treatments are not listed."""
        prices, can_work = self._possible(prices)
        return self._search(prices, can_work, _each(tolerance, prices), 0.0, 0, thorough=thorough)

    def values(self, prices: CellPrices, efforts: FloatArray, variant: IntArray) -> FloatArray:
        """[C] reduced cost of one treatment of each cell; minus infinity where a programme it needs is ruled out."""
        prices, can_work = self._possible(prices)
        found = ReducedCost(self.space, prices).value(np.arange(len(prices)), variant, efforts)
        barred = (self.space.needs(efforts, variant) & ~can_work).any(axis=1)
        return np.where(barred, -np.inf, found)

    def recall(self, prices: CellPrices) -> Priced:
        """The best treatment known so far in each cell; nothing is searched, and ``upper`` is its value."""
        found = self._recall(*self._possible(prices))
        found.upper[:] = found.value
        return found

    def _recall(self, prices: CellPrices, can_work: BoolArray) -> Priced:
        """The best treatment known; ``upper`` is infinite but where treatments are listed."""
        best = Incumbents(len(prices), len(self.space.levels))
        listed = self._listed_cells(prices)
        self._memory.give(best, prices, can_work, np.flatnonzero(~listed))
        found = Priced(best.efforts, best.variant, best.value, np.full(len(prices), np.inf))
        self._look_up(prices, can_work, np.flatnonzero(listed), found)
        return found

    def prove(
        self, prices: CellPrices, *, tolerance: FloatArray | float, floor: float = -np.inf, stop: Stop = never
    ) -> Priced:
        """The best treatment of each cell and a bound on all others.

        ``upper - value <= tolerance`` [C] unless ``upper <= floor`` (a cell that no treatment lifts above
        the floor is left as soon as that is proven) or too many boxes were open or ``stop`` said so; ``upper`` is
        valid in any case. Cells where the change of prices since an earlier proof alone cannot lift any treatment
        above the tolerance or the floor are not searched again.

        A treatment's reduced cost at the new prices is the one at the old prices, which was bounded then, plus
        its reduced cost at the difference of the two, which is bounded over all treatments at once.
        """
        prices, can_work = self._possible(prices)
        allowance = _each(tolerance, prices)
        result = self._recall(prices, can_work)
        known = np.full(len(prices), np.inf)
        place = prices.segment.tobytes() + prices.period.tobytes()
        earlier = self._proofs.get(place)
        if earlier is not None:
            known = earlier.upper + self._growth(earlier, prices, can_work)
        result.upper[:] = np.minimum(result.upper, np.maximum(known, result.value))
        again = np.flatnonzero(result.upper > np.maximum(result.value + allowance, floor))
        proof = Proof(prices, can_work, np.array(result.upper))
        if again.size:
            rest = prices.take(again), can_work[again], allowance[again], floor
            part = self._search(*rest, BOXES, thorough=False, stop=stop)
            result.put(again, part)
            proof.upper[again] = part.upper
        self._proofs[place] = proof if earlier is None else earlier.renewed(proof, again)
        return result

    def _growth(self, proof: Proof, prices: CellPrices, can_work: BoolArray) -> FloatArray:
        """[C] by how much any reduced cost can have grown since a proof; infinite where programmes may work
        that could not then."""
        change = proof.until(prices)
        start = Start(self.space, self._evaluator, change, can_work)
        nothing = np.zeros(len(prices))
        upper = Search(start, self._geometry, self._separable, nothing, -np.inf).bound()
        return np.where((can_work & ~proof.can_work).any(axis=1), np.inf, upper)

    def _search(
        self,
        prices: CellPrices,
        can_work: BoolArray,
        allowance: FloatArray,
        floor: float,
        limit: int,
        *,
        thorough: bool,
        stop: Stop = never,
    ) -> Priced:
        cells = len(prices)
        result = Priced(
            np.zeros((cells, len(self.space.levels))), np.zeros(cells, dtype=np.int64), np.zeros(cells), np.zeros(cells)
        )
        listed = self._listed_cells(prices)
        if not listed.all():
            rows = np.flatnonzero(~listed)
            start = Start(self.space, self._evaluator, prices.take(rows), can_work[rows])
            start.seed(self._memory, 0.1 * allowance[rows], thorough=thorough)
            search = Search(start, self._geometry, self._separable, allowance[rows], floor)
            result.put(rows, search.run(limit, stop))
            self._memory.keep(start.best, start.prices)
        self._look_up(prices, can_work, np.flatnonzero(listed), result)
        return result

    def _possible(self, prices: CellPrices) -> tuple[CellPrices, BoolArray]:
        """Prices with finite needs, and which programmes can work [C, G]."""
        can_work = np.isfinite(prices.need)
        if self._earliest is not None:
            can_work &= prices.period[:, None] >= self._earliest
        return replace(prices, need=np.where(can_work, prices.need, 0.0)), can_work

    def _listed_cells(self, prices: CellPrices) -> BoolArray:
        """[C] where all treatments are listed."""
        return np.asarray(self._is_listed[prices.segment])

    def _look_up(self, prices: CellPrices, can_work: BoolArray, rows: IntArray, result: Priced) -> None:
        """Evaluate every listed treatment."""
        for segment in np.unique(prices.segment[rows]).tolist():
            if segment not in self._listed:
                self._listed.add(segment, *self.treatments(segment))
        best = Incumbents(len(prices), len(self.space.levels))
        self._listed.give(best, prices, can_work, rows)
        part = Priced(best.efforts[rows], best.variant[rows], best.value[rows], best.value[rows])
        result.put(rows, part)


def _each(tolerance: FloatArray | float, prices: CellPrices) -> FloatArray:
    """[C] the tolerance of each cell."""
    return np.broadcast_to(np.asarray(tolerance, dtype=float), (len(prices),))
