"""From the duals of the master to the prices of a cell: one formula for all features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.formulation.entries import AccountKind
from allocator.formulation.instance import Floats, Instance, Ints
from allocator.formulation.ledger import Ledger
from allocator.solving.master import Master
from allocator.solving.pricing.cells import CellPrices, Threshold


def thresholds(ledger: Ledger) -> list[Threshold]:
    """The effort levels at which somebody counts customers."""
    return [Threshold(index, level) for kind, index, level in ledger.accounts if kind == "reached"]


def all_cells(instance: Instance) -> tuple[Ints, Ints]:
    """(segment, period) of every cell, by segment and then period."""
    segments, periods = len(instance.segments), instance.horizon
    return np.repeat(np.arange(segments), periods), np.tile(np.arange(1, periods + 1), segments)


class CellPricing:
    """Reads account prices into the arrays that pricing takes, for all cells.

    Values are gains in the scaled objective per scaled customer treated, so that they are the reduced
    costs of the master's treatment columns.
    """

    def __init__(self, master: Master, marks: Sequence[Threshold]) -> None:
        self.master = master
        self.marks = tuple(marks)
        self.segment, self.period = all_cells(master.instance)

    def prices(self, dual: Floats) -> CellPrices:
        """Prices of all cells at the duals of a solution of the master."""
        instance = self.master.instance
        account = self.master.account_prices(dual)
        per_unit = account * instance.units.customers / self.master.program.account_unit
        levers, programmes = range(len(instance.levers)), range(len(instance.programmes))
        cells = len(self.segment)

        def column(kind: AccountKind, index: int = 0, level: float = 0.0) -> Floats:
            return self._at((kind, index, level), per_unit, self.segment, self.period - 1)

        def stack(columns: list[Floats]) -> Floats:
            return np.column_stack(columns) if columns else np.zeros((cells, 0))

        return CellPrices(
            segment=self.segment,
            period=self.period,
            effort=stack([column("effort", lever) for lever in levers]),
            load=stack([column("load", lever) for lever in levers]),
            margin=column("margin"),
            arrival=self._arrivals(per_unit),
            threshold=stack([column("reached", mark.lever, mark.level) for mark in self.marks]),
            need=stack([column("needs", programme) for programme in programmes]),
            constant=column("customers"),
        )

    def _at(self, key: tuple[AccountKind, int, float], per_unit: Floats, segment: Ints, place: Ints) -> Floats:
        places = self.master.program.accounts.get(key)
        if places is None:
            return np.zeros(segment.shape)
        numbers = places[segment, place]
        return np.where(numbers >= 0, per_unit[numbers], 0.0) if len(per_unit) else np.zeros(segment.shape)

    def _arrivals(self, per_unit: Floats) -> Floats:
        destinations = self.master.instance.table.destinations[self.segment]
        place = np.broadcast_to(self.period[:, None], destinations.shape)
        found = self._at(("arrivals", 0, 0.0), per_unit, np.maximum(destinations, 0), place)
        return np.where(destinations >= 0, found, 0.0)
