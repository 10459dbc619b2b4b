"""What pricing is asked and what it answers. A *cell* is one segment in one period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from allocator.response.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Threshold:
    """Customers count here once their effort of a lever (by index) reaches ``level``; level 0 means any
    effort above 0."""

    lever: int
    level: float


@dataclass(frozen=True, slots=True)
class CellPrices:
    """Prices of C cells: the gain in the objective per unit.

    segment, period: [C] indices of segments, periods from 1.
    effort: [C, L] per unit of effort, cash cost included.
    load: [C, L] per unit of effort times the product of `saves` of the programmes used.
    margin: [C] per unit of margin.
    arrival: [C, D] per customer arriving in ``destinations[segment]``; leaving is worth 0.
    threshold: [C, H] gained by a treatment that reaches the threshold.
    need: [C, G] gained by a treatment that needs the programme; at most 0, for it is the price of a limit on those
        who may need it, so that lists leave out programmes that change nothing.
    constant: [C] gained by any treatment, such as minus the price of a customer.
    """

    segment: IntArray
    period: IntArray
    effort: FloatArray
    load: FloatArray
    margin: FloatArray
    arrival: FloatArray
    threshold: FloatArray
    need: FloatArray
    constant: FloatArray

    def __len__(self) -> int:
        return len(self.segment)

    def take(self, rows: npt.NDArray[np.intp] | IntArray | BoolArray) -> CellPrices:
        """Only the given cells."""
        return CellPrices(*(getattr(self, part.name)[rows] for part in fields(self)))

    @staticmethod
    def joined(parts: Sequence[CellPrices]) -> CellPrices:
        """One after the other."""
        return CellPrices(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(CellPrices)))


@dataclass(frozen=True, slots=True)
class Priced:
    """The best treatment found in each of C cells.

    efforts: [C, L]; variant: [C] index of the set of programmes used; value: [C] its reduced cost;
    upper: [C] no treatment of the cell has a reduced cost above this.
    """

    efforts: FloatArray
    variant: IntArray
    value: FloatArray
    upper: FloatArray

    def take(self, rows: slice) -> Priced:
        """Only the given cells."""
        return Priced(*(getattr(self, part.name)[rows] for part in fields(self)))

    def put(self, rows: npt.NDArray[np.intp] | IntArray, part: Priced) -> None:
        """Take over what was found for some of the cells."""
        self.efforts[rows], self.variant[rows] = part.efforts, part.variant
        self.value[rows], self.upper[rows] = part.value, part.upper
