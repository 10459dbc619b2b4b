"""The master program: the compiled ledger in HiGHS, with treatments appended as columns and lines as rows."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from allocator.formulation.compile import Program
from allocator.formulation.instance import Floats, Instance, Ints
from allocator.solving.highs import Deadline, LpAnswer, Solver
from allocator.solving.treatments import Postings, Treatments, nothing


class Master:
    """Owns the HiGHS instance; keeps track of which column is which treatment.

    Columns 0..P-1 are the program's own; rows 0..R-1 likewise. Columns and rows added later keep their
    numbers.
    """

    def __init__(self, instance: Instance, program: Program, *, threads: int | None = None) -> None:
        self.instance = instance
        self.program = program
        self.postings = Postings(instance, program)
        self.solver = Solver(threads=threads)
        self.solver.load(
            program.matrix, program.objective, (program.lower, program.upper), (program.row_lower, program.row_upper)
        )
        self.treatments = nothing(instance).take(np.zeros(0, dtype=np.int64))
        self.treatment_columns: Ints = np.zeros(0, dtype=np.int64)
        self._known: set[bytes] = set()
        self.integer_columns: Ints = np.flatnonzero(program.integer)

    @property
    def own_rows(self) -> int:
        """Rows of the compiled program; treatments have entries in these only."""
        return len(self.program.row_lower)

    def add(self, treatments: Treatments) -> int:
        """Append those treatments that are not there yet; returns how many."""
        labels = treatments.labels()
        fresh = [row for row, label in enumerate(labels) if label not in self._known]
        fresh = list({labels[row]: row for row in fresh}.values())
        if not fresh:
            return 0
        self._known.update(labels[row] for row in fresh)
        chosen = treatments.take(np.array(fresh))
        matrix, objective = self.postings.columns(chosen)
        count = len(chosen)
        numbers = self.solver.add_columns(matrix, objective, np.zeros(count), np.full(count, np.inf))
        self.treatments = self.treatments.and_then(chosen)
        self.treatment_columns = np.concatenate([self.treatment_columns, numbers])
        return count

    def add_rows(self, rows: list[tuple[list[int], list[float], float, float]]) -> Ints:
        """Append scaled rows (columns, coefficients, lower, upper); returns their numbers."""
        if not rows:
            return np.zeros(0, dtype=np.int64)
        lengths = [len(columns) for columns, _, _, _ in rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        columns = np.array([column for row in rows for column in row[0]], dtype=np.int64)
        values = np.array([value for row in rows for value in row[1]])
        block = sparse.csr_array((values, columns, starts), shape=(len(rows), self.solver.columns))
        return self.solver.add_rows(block, np.array([row[2] for row in rows]), np.array([row[3] for row in rows]))

    def solve_lp(self, deadline: Deadline, *, method: str = "choose") -> LpAnswer:
        """Solve the linear relaxation, or the program with its integers as they are bounded now."""
        return self.solver.solve_lp(deadline, method=method)

    def account_prices(self, dual: Floats) -> Floats:
        """[accounts] gain in the scaled objective per scaled unit posted, at the duals of a solution."""
        own = dual[: self.own_rows]
        return self.program.account_objective - np.asarray(self.program.account_matrix.T @ own)

    def natural(self, column: int, value: Floats) -> float:
        """The natural value of one of the program's own columns in a solution."""
        return float(value[column] * self.program.column_unit[column])
