"""What has been proven at earlier prices."""

from __future__ import annotations

from dataclasses import dataclass, fields

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.cells import CellPrices

_PLACE = ("segment", "period")


@dataclass(frozen=True, slots=True)
class Proof:
    """At ``prices``, with only the programmes that ``can_work`` [C, G], no treatment of a cell has a reduced
    cost above ``upper`` [C]. Cells may have been proven at different times."""

    prices: CellPrices
    can_work: BoolArray
    upper: FloatArray

    def until(self, prices: CellPrices) -> CellPrices:
        """The change of prices since."""
        parts = {part.name: getattr(prices, part.name) for part in fields(CellPrices)}
        for name in parts.keys() - set(_PLACE):
            parts[name] = parts[name] - getattr(self.prices, name)
        return CellPrices(**parts)

    def renewed(self, later: Proof, cells: IntArray) -> Proof:
        """The same with ``cells`` from a later one; the other cells keep the prices they were proven at."""
        parts = {part.name: getattr(self.prices, part.name).copy() for part in fields(CellPrices)}
        for name, values in parts.items():
            values[cells] = getattr(later.prices, name)[cells]
        can_work, upper = self.can_work.copy(), self.upper.copy()
        can_work[cells], upper[cells] = later.can_work[cells], later.upper[cells]
        return Proof(CellPrices(**parts), can_work, upper)
