"""Treatments with fewer programmes, for solutions in which programmes work in part.

Where a relaxation lets a programme work at a level between 0 and 1, at most that share of the customers may
have treatments that use it. So the customers of a cell lie in layers: all programmes that work at least at
some level are used by as many customers as that level allows. The best treatment alone, one a round, would
bring one layer a round; its efforts are entered with the programmes of every layer at once.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import sparse

from allocator.formulation.instance import Floats
from allocator.formulation.ledger import Ledger
from allocator.formulation.programmes import working
from allocator.solving.chain import Lifted
from allocator.solving.master import Master
from allocator.solving.pricing import Pricer
from allocator.solving.treatments import Bools, Treatments

_PARTLY = 1e-6


class Layers:
    """Reads from a solution at which level programmes work, and enters best treatments by layer."""

    def __init__(self, ledger: Ledger, master: Master, pricer: Pricer) -> None:
        self._pricer = pricer
        self._shape = ledger.instance.horizon, len(ledger.starts)
        self._ledger, self._program = ledger, master.program

    @cached_property
    def _working(self) -> sparse.csr_array:
        """[T G, columns] at which level each programme works in each period."""
        rows, columns, shares = [], [], []
        for number, name in enumerate(self._ledger.starts):
            for t in self._ledger.instance.periods:
                terms = working(self._ledger, name, t)
                for share, variable in zip(terms.coefficients, terms.variables, strict=True):
                    column = self._program.column(variable)
                    if column is not None:
                        rows.append((t - 1) * self._shape[1] + number)
                        columns.append(column)
                        shares.append(share)
        shape = (self._shape[0] * self._shape[1], len(self._program.lower))
        return sparse.csr_array(sparse.coo_array((shares, (rows, columns)), shape=shape))

    def levels(self, value: Floats) -> Floats:
        """[T, G] at which level each programme works in a solution."""
        level = self._working @ value[: self._working.shape[1]]
        return np.asarray(np.where(level < _PARTLY, 0.0, np.minimum(level, 1.0))).reshape(self._shape)

    def possible(self, upper: Floats) -> Bools:
        """[T, G] whether each programme may work, where columns are at most ``upper``."""
        most = self._working @ np.minimum(upper[: self._working.shape[1]], 1.0)
        return np.asarray(most > 0.0).reshape(self._shape)

    def of(self, lifted: Lifted, value: Floats, open_cells: Bools) -> list[Treatments]:
        """The best treatments with the programmes of each layer only, where that is worth more than the prices."""
        level = self.levels(value)
        partly = (level > 0.0) & (level < 1.0 - _PARTLY)
        prices, best, space = lifted.prices, lifted.best, self._pricer.space
        if not partly.any():
            return []
        place = prices.period - 1
        at = level[place] * space.useful[prices.segment]
        cells = np.flatnonzero(open_cells & (best.value > 0.0) & (partly[place] & (at > 0.0)).any(axis=1))
        rank = np.argsort(np.argsort(-at[cells], axis=1, kind="stable"), axis=1)
        found = []
        for size in range(self._shape[1] + 1):
            used = (rank < size) & (at[cells] > 0.0)
            variant = space.variant_of(space.compatible(np.zeros_like(used), used))
            efforts = best.efforts[cells]
            kept = self._pricer.values(prices.take(cells), efforts, variant) > 0.0
            rows = cells[kept]
            found.append(Treatments(prices.segment[rows], prices.period[rows], efforts[kept], variant[kept]))
        return found
