"""`uniform` in the master: one binary per treatment of a cell (or per effort of a lever there).

treated <= reachable x chosen        sum of chosen = 1
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from allocator.formulation.instance import Floats, Ints
from allocator.formulation.ledger import Ledger
from allocator.solving.master import Master


class UniformLinks:
    """Keeps the binaries of the `uniform` rules up with the treatments at hand."""

    def __init__(self, ledger: Ledger, master: Master) -> None:
        self.ledger = ledger
        self.master = master
        self.cells: dict[tuple[int, int], set[int | None]] = {}
        for lever, s, t in ledger.uniform:
            self.cells.setdefault((s, t), set()).add(lever)
        self._choices: dict[tuple[int | None, int, int, bytes], int] = {}
        self._rows: dict[tuple[int | None, int, int], int] = {}
        self._linked = 0

    def frozen(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """[cells] where the rules act."""
        instance = self.master.instance
        mask = np.zeros((len(instance.segments), instance.horizon), dtype=bool)
        for s, t in self.cells:
            mask[s, t - 1] = True
        return mask.ravel()

    def update(self) -> None:
        """Link the treatments appended since the last call."""
        if not self.cells:
            return
        reachable = self.ledger.reachable / self.ledger.instance.units.customers
        treatments = self.master.treatments
        for number in range(self._linked, len(treatments)):
            s, t = int(treatments.segment[number]), int(treatments.period[number])
            for lever in self.cells.get((s, t), ()):
                chosen = self._choice(lever, s, t, self._label(number, lever))
                column = int(self.master.treatment_columns[number])
                row = ([column, chosen], [1.0, -float(reachable[s, t - 1])], -np.inf, 0.0)
                self.master.add_rows([row])
        self._linked = len(treatments)

    def rounded(self, value: Floats) -> Iterator[tuple[Ints, Floats]]:
        """Columns of all choices and values for them: in each cell the treatment that most customers get in a solution
        of the relaxation, then no effort everywhere."""
        columns = np.array(list(self._choices.values()), dtype=np.int64)
        nothing = ~(self.master.treatments.efforts > 0.0).any(axis=1) & (self.master.treatments.variant == 0)
        for worth in (self.master.amounts(value), nothing.astype(float)):
            chosen = {self._choices[key] for key in self._of_best(worth)}
            yield columns, np.array([float(column in chosen) for column in columns.tolist()])

    def _of_best(self, worth: Floats) -> Iterator[tuple[int | None, int, int, bytes]]:
        """Keys of the choices that the treatment of most ``worth`` [K] makes in each cell."""
        best: dict[tuple[int, int], int] = {}
        cells = zip(self.master.treatments.segment.tolist(), self.master.treatments.period.tolist(), strict=True)
        for number, cell in enumerate(cells):
            if cell in self.cells and (cell not in best or worth[number] > worth[best[cell]]):
                best[cell] = number
        for (s, t), number in best.items():
            for lever in self.cells[s, t]:
                yield lever, s, t, self._label(number, lever)

    def _label(self, number: int, lever: int | None) -> bytes:
        """What treatments that everyone may get together have in common."""
        treatments = self.master.treatments
        efforts = np.round(treatments.efforts[number], 9)
        same = np.append(efforts, treatments.variant[number]) if lever is None else efforts[lever : lever + 1]
        return bytes(same.data)

    def _choice(self, lever: int | None, s: int, t: int, label: bytes) -> int:
        key = (lever, s, t, label)
        if key not in self._choices:
            if (lever, s, t) not in self._rows:
                self._rows[lever, s, t] = int(self.master.add_rows([([], [], 1.0, 1.0)])[0])
            solver = self.master.solver
            entry = sparse.csc_array(([1.0], ([self._rows[lever, s, t]], [0])), shape=(solver.rows, 1))
            number = int(solver.add_columns(entry, np.zeros(1), np.zeros(1), np.ones(1))[0])
            self.master.integer_columns = np.append(self.master.integer_columns, number)
            self._choices[key] = number
        return self._choices[key]
