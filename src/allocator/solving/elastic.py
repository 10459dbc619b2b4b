"""Elastic limits: slack on every limit of the planner, to find a first feasible program or what stands in the way.

While elastic, the objective is the slack alone (phase one of the simplex method), and pricing looks for
treatments that lower it: a restricted set of treatments may be infeasible where all treatments are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from scipy import sparse

from allocator.formulation.instance import Floats, Ints
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Key, Limit
from allocator.solving.master import Master

FEASIBLE = 1e-7
"""Slack over all limits, scaled, that counts as none."""


class Elastic:
    """Slack columns on limits; closed (held at 0) until :meth:`open`."""

    def __init__(self, ledger: Ledger, master: Master) -> None:
        self.master = master
        self.limits: list[tuple[str, Key, Limit]] = []
        rows, signs = [], []
        for (family, key), limit in ledger.limits.items():
            row = master.program.rows.get((family, key))
            if row is not None:
                self.limits.append((family, key, limit))
                rows.append(row)
                signs.append(-1.0 if limit.sense == "max" else 1.0)
        self.rows: Ints = np.array(rows, dtype=np.int64)
        self._signs: Floats = np.array(signs)

    @cached_property
    def columns(self) -> Ints:
        """The slack of each limit; most programs are feasible and never need any."""
        solver, count = self.master.solver, len(self.rows)
        block = sparse.csc_array((self._signs, (self.rows, np.arange(count))), shape=(solver.rows, count))
        return solver.add_columns(block, np.zeros(count), np.zeros(count), np.zeros(count))

    def open(self, weights: Mapping[int, float] | None = None) -> None:
        """Let limits give way: all of them alike, or only those (by position) that ``weights`` names."""
        chosen = {number: 1.0 for number in range(len(self.columns))} if weights is None else weights
        numbers = np.array(sorted(chosen), dtype=np.int64)
        self.master.begin_phase_one()
        columns = self.columns[numbers]
        self.master.solver.cost_columns(columns, -np.array([chosen[number] for number in numbers.tolist()]))
        self.master.solver.bound_columns(columns, np.zeros(len(columns)), np.full(len(columns), np.inf))

    def close(self) -> None:
        """Hold all slack at 0 and bring the objective back."""
        zeros = np.zeros(len(self.columns))
        self.master.solver.bound_columns(self.columns, zeros, zeros)
        self.master.solver.cost_columns(self.columns, zeros)
        self.master.end_phase_one()

    def renumber(self, stay: Ints) -> None:
        """Find the slack again where only the columns ``stay`` are left, all of the slack among them."""
        if "columns" in self.__dict__:
            self.columns = np.searchsorted(stay, self.columns)

    def slack(self, value: Floats) -> Floats:
        """[limits] how far each limit gave way in a solution, in the row's natural unit."""
        return np.asarray(value[self.columns] / self.master.program.row_factor[self.rows])
