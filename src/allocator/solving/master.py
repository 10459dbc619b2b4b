"""The master program: the compiled ledger in HiGHS, with treatments appended as columns and lines as rows."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import highspy
import numpy as np
from scipy import sparse

from allocator.formulation.compile import Program
from allocator.formulation.instance import Floats, Instance, Ints
from allocator.solving import bases
from allocator.solving.answers import LpAnswer
from allocator.solving.deadline import Deadline
from allocator.solving.highs import Solver
from allocator.solving.postings import Postings
from allocator.solving.pricing.space import TreatmentSpace
from allocator.solving.treatments import Bools, Listed, Treatments

_BROKEN = 1e-8
"""Excess over a scaled row that counts as broken."""


class Master:
    """Owns the HiGHS instance; keeps track of which column is which treatment.

    The first ``treatments``, no two of them the same, are handed over with the program at once.

    Columns 0..P-1 are the program's own; rows 0..R-1 likewise, lazy rows apart, which the solver takes in
    when a solution breaks them. Columns and rows added later keep their numbers.
    """

    def __init__(
        self,
        instance: Instance,
        program: Program,
        space: TreatmentSpace,
        treatments: Treatments | Listed,
        *,
        threads: int | None = None,
    ) -> None:
        self.instance = instance
        self.program = program
        self.postings = Postings(instance, program, space)
        self.solver = Solver(threads=threads)
        self._first = treatments
        matrix, objective = self.postings.after(program.matrix, program.objective, treatments)
        own, count, first = len(program.lower), len(treatments), program.first_lazy
        self.treatment_columns: Ints = np.arange(own, own + count)
        lower, upper = np.zeros(own + count), np.full(own + count, np.inf)
        lower[:own], upper[:own] = program.lower, program.upper
        self.solver.load(
            matrix if first == self.own_rows else matrix[:first],
            objective,
            (lower, upper),
            (program.row_lower[:first], program.row_upper[:first]),
        )
        self._treatment_objective = objective[own:]
        self._lazy_own, self._lazy_treatments = _from(first, matrix, slice(own)), _from(first, matrix, slice(own, None))
        self._taken_in: Ints = np.full(self.own_rows - first, -1, dtype=np.int64)
        """Lazy row -> its row in the solver, or -1 while it is left out."""
        self.phase_one = False
        """Whether the objective is put aside while a feasible program is looked for."""
        self.integer_columns: Ints = np.flatnonzero(program.integer)

    @property
    def own_rows(self) -> int:
        """Rows of the compiled program; treatments have entries in these only."""
        return len(self.program.row_lower)

    @cached_property
    def treatments(self) -> Treatments:
        """Those that are columns. A list of all is written out when a solution is read, not while it is built."""
        return self._first.in_periods(self._first.periods) if isinstance(self._first, Listed) else self._first

    @cached_property
    def _known(self) -> set[bytes]:
        """Labels of all treatments there are, worked out when the first are added."""
        return set(self.treatments.labels())

    def add(self, treatments: Treatments) -> int:
        """Append those treatments that are not there yet; returns how many."""
        places = dict(zip(treatments.labels(), range(len(treatments)), strict=True))
        fresh = [place for label, place in places.items() if label not in self._known]
        if not fresh:
            return 0
        self._known.update(places)
        chosen = treatments.take(np.array(fresh)) if len(fresh) < len(treatments) else treatments
        matrix, objective = self.postings.columns(chosen)
        count = len(chosen)
        now = np.zeros(count) if self.phase_one else objective
        numbers = self.solver.add_columns(self._in_solver(matrix), now, np.zeros(count), np.full(count, np.inf))
        self._treatment_objective = np.concatenate([self._treatment_objective, objective])
        self.treatments = self.treatments.and_then(chosen)
        self.treatment_columns = np.concatenate([self.treatment_columns, numbers])
        return count

    def drop(self, price: float, kept: Bools) -> Ints:
        """Leave out the treatments that the last solution makes no use of and that would lose more than ``price``,
        but for those ``kept`` [K]; returns the columns that stay, by their old numbers. They may be added again.

        To do nothing stays open to all customers: without it a program whose programmes are held off could seem to
        have no solution.
        Who has added columns of another kind has to number them anew.
        """
        idle = ~self.solver.basic() & (self.solver.reduced_costs() > price)
        stay = kept | self._nothing | ~idle[self.treatment_columns]
        self.solver.delete_columns(self.treatment_columns[~stay])
        return self._keep(stay)

    @property
    def basic(self) -> Bools:
        """[K] treatments in the basis of the last solve, if nothing was changed since."""
        basic = np.zeros(self.solver.columns, dtype=bool)
        basic[bases.basic_columns(self.solver)] = True
        return np.asarray(basic[self.treatment_columns])

    def exchange(self, basic: Bools, *, since: int) -> Ints:
        """Let those treatments that are new since a solve take the places in its basis of those that are alone there in
        their cells; ``basic`` are those that were in it. Others before number ``since`` are left out, as by
        :meth:`drop`."""
        first, count = len(basic), len(self.treatments)
        basic = np.append(basic, np.zeros(count - first, dtype=bool))
        cell = self.treatments.segment * self.instance.horizon + self.treatments.period - 1
        sole = np.flatnonzero(basic & (np.bincount(cell, basic)[cell] == 1.0))
        place = np.full(int(cell.max()) + 1, -1)
        place[cell[sole]] = sole
        fresh = first + np.unique(cell[first:], return_index=True)[1]
        fresh = fresh[place[cell[fresh]] >= 0]
        stay = basic | (np.arange(count) >= since) | self._nothing
        columns = self.treatment_columns
        bases.exchange(self.solver, columns[place[cell[fresh]]], columns[fresh], columns[~stay])
        return self._keep(stay)

    def begin_at(self, basis: highspy.HighsBasis, basic: Treatments, others: Treatments) -> Ints:
        """Come back to an earlier basis, with the treatments that were in it and others at hand; all the rest are left
        out, as by :meth:`drop`."""
        stay = self._among(basic.and_then(others)) | self._nothing
        bases.delete(self.solver, self.treatment_columns[~stay])
        remaining = self._keep(stay)
        self.add(basic.and_then(others))
        bases.begin_at(self.solver, basis, len(self.program.lower), self.treatment_columns[self._among(basic)])
        return remaining

    def worth(self, value: Floats) -> float:
        """The scaled objective of a solution, put aside or not."""
        own = self.program.objective @ value[: len(self.program.objective)]
        return float(own + self._treatment_objective @ self.amounts(value))

    @property
    def _nothing(self) -> Bools:
        """[K] treatments without any effort."""
        return np.asarray((self.treatments.variant == 0) & ~self.treatments.efforts.any(axis=1))

    def _among(self, treatments: Treatments) -> Bools:
        """[K] which of all treatments are among those given."""
        wanted = set(treatments.labels())
        return np.array([label in wanted for label in self.treatments.labels()], dtype=bool)

    def _keep(self, stay: Bools) -> Ints:
        """Forget the treatments but those that ``stay`` [K], once their columns are gone; returns the columns that
        stay, by their old numbers."""
        self._known.difference_update(self.treatments.take(~stay).labels())
        gone = self.treatment_columns[~stay]
        remaining = np.setdiff1d(np.arange(self.solver.columns + len(gone)), gone)
        self.treatments = self.treatments.take(stay)
        self._treatment_objective = self._treatment_objective[stay]
        if len(self._taken_in):
            self._lazy_treatments = sparse.csr_array(self._lazy_treatments[:, np.flatnonzero(stay)])
        self.treatment_columns = np.searchsorted(remaining, self.treatment_columns[stay])
        return remaining

    def _in_solver(self, matrix: sparse.csc_array) -> sparse.csc_array:
        """Treatment columns over the rows that the solver has; the lazy part is kept for later."""
        if not len(self._taken_in):
            return matrix
        lazy = sparse.csr_array(matrix[self.program.first_lazy :])
        self._lazy_treatments = sparse.csr_array(sparse.hstack([self._lazy_treatments, lazy]))
        entries = matrix.tocoo()
        place = np.concatenate([np.arange(self.program.first_lazy), self._taken_in])[entries.row]
        kept = place >= 0
        shape = (self.solver.rows, matrix.shape[1])
        return sparse.csc_array(sparse.coo_array((entries.data[kept], (place[kept], entries.col[kept])), shape=shape))

    def take_in(self, value: Floats | None = None) -> int:
        """Take in the lazy rows that a solution breaks, or all that some treatment counts in; returns how many."""
        if not len(self._taken_in):
            return 0
        if value is None:
            wanted = np.diff(self._lazy_treatments.indptr) > 0
        else:
            activity = self._lazy_own @ value[: len(self.program.lower)] + self._lazy_treatments @ self.amounts(value)
            wanted = activity > self.program.row_upper[self.program.first_lazy :] + _BROKEN
        chosen = np.flatnonzero(wanted & (self._taken_in < 0))
        if len(chosen):
            own, posted = self._lazy_own[chosen].tocoo(), self._lazy_treatments[chosen].tocoo()
            columns = np.concatenate([own.col, self.treatment_columns[posted.col]])
            entries = (np.concatenate([own.data, posted.data]), (np.concatenate([own.row, posted.row]), columns))
            block = sparse.csr_array(sparse.coo_array(entries, shape=(len(chosen), self.solver.columns)))
            upper = self.program.row_upper[self.program.first_lazy :][chosen]
            self._taken_in[chosen] = self.solver.add_rows(block, np.full(len(chosen), -np.inf), upper)
        return len(chosen)

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

    def solve_lp(self, deadline: Deadline, *, primal: bool = False) -> LpAnswer:
        """Solve the linear relaxation, or the program with its integers as they are bounded now.

        ``primal`` says that only columns are new since the last solve. The duals are those of the
        program's own rows, 0 for lazy rows that are left out.
        """
        answer = self.solver.solve_lp(deadline, primal=primal)
        if not len(answer.dual):
            return answer
        lazy = np.where(self._taken_in >= 0, answer.dual[self._taken_in], 0.0)
        return replace(answer, dual=np.concatenate([answer.dual[: self.program.first_lazy], lazy]))

    def bounds(self, columns: Ints) -> tuple[Floats, Floats]:
        """Lower and upper bounds of columns when nothing is held."""
        own = len(self.program.lower)
        lower, upper = np.zeros(len(columns)), np.ones(len(columns))
        inside = columns < own
        lower[inside], upper[inside] = self.program.lower[columns[inside]], self.program.upper[columns[inside]]
        return lower, upper

    def account_prices(self, dual: Floats) -> Floats:
        """[accounts] gain in the scaled objective per scaled unit posted, at the duals of a solution."""
        own = dual[: self.own_rows]
        objective = 0.0 if self.phase_one else self.program.account_objective
        return objective - np.asarray(self.program.account_matrix.T @ own)

    def amounts(self, value: Floats) -> Floats:
        """[K] scaled customers who get each treatment; 0 for treatments appended after the solution."""
        there = self.treatment_columns < len(value)
        return np.where(there, np.maximum(value[np.where(there, self.treatment_columns, 0)], 0.0), 0.0)

    def begin_phase_one(self) -> None:
        """Put the objective aside."""
        self.phase_one = True
        self.solver.cost_columns(np.arange(self.solver.columns), np.zeros(self.solver.columns))

    def end_phase_one(self) -> None:
        """Bring the objective back."""
        self.phase_one = False
        self.solver.cost_columns(np.arange(len(self.program.objective)), self.program.objective)
        self.solver.cost_columns(self.treatment_columns, self._treatment_objective)

    def natural(self, column: int, value: Floats) -> float:
        """The natural value of one of the program's own columns in a solution."""
        return float(value[column] * self.program.column_unit[column])


def _from(first: int, matrix: sparse.csc_array, columns: slice) -> sparse.csr_array:
    """The last rows of some columns; there are none as a rule, and then scipy need not look for them."""
    rows, count = matrix.shape
    found = sparse.csr_array(matrix[first:, columns] if first < rows else (0, len(range(count)[columns])))
    found.eliminate_zeros()
    return found
