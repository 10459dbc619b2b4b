"""HiGHS with every return code read: one instance that grows by columns and rows and stays warm."""

from __future__ import annotations

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocator.domain.errors import InternalError
from allocator.solving.answers import OUTCOMES, Floats, LpAnswer, MipAnswer, Outcome
from allocator.solving.deadline import Deadline

Ints = NDArray[np.int64]


_DUAL, _PRIMAL = 1, 4
_MANY = 1000
"""Rows from which on a program without a basis is solved by interior point and crossover: simplex takes three times as
long there."""


class Solver:
    """A program in HiGHS, maximised."""

    def __init__(self, *, threads: int | None = None) -> None:
        self.highs = highspy.Highs()
        self._integral = False
        self._moved = False
        """Whether bounds of columns were changed since the last solve."""
        self.option("output_flag", False)
        if threads is not None:
            highspy.Highs.resetGlobalScheduler(True)
            self.option("threads", threads)
        self.option("primal_feasibility_tolerance", 1e-9)
        self.option("dual_feasibility_tolerance", 1e-9)
        # HiGHS takes 1e-9 for its own rounding: with no more than that, presolve cut off best solutions.
        self.option("mip_feasibility_tolerance", 1e-8)
        self.option("mip_abs_gap", 0.0)
        # These start MIPs of their own that do not heed the time limit.
        for heuristic in ("rins", "rens", "root_reduced_cost"):
            self.option(f"mip_heuristic_run_{heuristic}", False)

    def option(self, name: str, value: bool | int | float | str) -> None:
        """Set an option; a refusal is an error, for HiGHS would go on silently."""
        if self.highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise InternalError(f"HiGHS refused option {name} = {value!r}")

    def load(
        self,
        matrix: sparse.csc_array,
        objective: Floats,
        column_bounds: tuple[Floats, Floats],
        row_bounds: tuple[Floats, Floats],
    ) -> None:
        """Hand over a program to maximise."""
        rows, columns = matrix.shape
        # Arrays as they are: a `HighsLp` would copy them number by number.
        status = self.highs.passModel(
            columns,
            rows,
            matrix.nnz,
            int(highspy.MatrixFormat.kColwise),
            int(highspy.ObjSense.kMaximize),
            0.0,
            objective,
            *column_bounds,
            *row_bounds,
            matrix.indptr.astype(np.int32, copy=False),
            matrix.indices.astype(np.int32, copy=False),
            matrix.data,
            np.zeros(columns, dtype=np.int32),
        )
        self._ok(status, "passModel")

    @property
    def columns(self) -> int:
        """Number of columns."""
        return int(self.highs.getNumCol())

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.highs.getNumRow())

    def add_columns(self, block: sparse.csc_array, objective: Floats, lower: Floats, upper: Floats) -> Ints:
        """Append columns; returns their numbers."""
        first, count = self.columns, block.shape[1]
        if count:
            block = sparse.csc_array(block)
            status = self.highs.addCols(
                count,
                objective,
                lower,
                upper,
                block.nnz,
                block.indptr[:-1].astype(np.int32),
                block.indices.astype(np.int32),
                block.data,
            )
            self._ok(status, "addCols")
        return np.arange(first, first + count)

    def add_rows(self, block: sparse.csr_array, lower: Floats, upper: Floats) -> Ints:
        """Append rows; returns their numbers."""
        first, count = self.rows, block.shape[0]
        if count:
            block = sparse.csr_array(block)
            status = self.highs.addRows(
                count,
                lower,
                upper,
                block.nnz,
                block.indptr[:-1].astype(np.int32),
                block.indices.astype(np.int32),
                block.data,
            )
            self._ok(status, "addRows")
        return np.arange(first, first + count)

    def bound_columns(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Change bounds of columns."""
        if len(columns):
            self._moved = True
            numbers = np.asarray(columns, dtype=np.int32)
            status = self.highs.changeColsBounds(len(numbers), numbers, np.asarray(lower), np.asarray(upper))
            self._ok(status, "changeColsBounds")

    def upper_bounds(self) -> Floats:
        """Upper bounds of all columns as they stand."""
        return np.asarray(self.highs.getLp().col_upper_, dtype=np.float64)

    def program(self) -> tuple[sparse.csr_array, Floats, tuple[Floats, Floats], tuple[Floats, Floats]]:
        """The program as it stands: matrix, objective, bounds of columns, sides of rows."""
        given = self.highs.getLp()
        table, shape = given.a_matrix_, (self.rows, self.columns)
        kind = sparse.csr_array if table.format_ == highspy.MatrixFormat.kRowwise else sparse.csc_array
        matrix = sparse.csr_array(kind((table.value_, table.index_, table.start_), shape=shape))
        objective, *sides = (
            np.asarray(one, dtype=np.float64)
            for one in (given.col_cost_, given.col_lower_, given.col_upper_, given.row_lower_, given.row_upper_)
        )
        return matrix, objective, (sides[0], sides[1]), (sides[2], sides[3])

    def bound_rows(self, rows: Ints, lower: Floats, upper: Floats) -> None:
        """Change the sides of rows."""
        for row, low, high in zip(rows.tolist(), lower.tolist(), upper.tolist(), strict=True):
            self._ok(self.highs.changeRowBounds(row, low, high), "changeRowBounds")

    def change(self, row: int, column: int, coefficient: float) -> None:
        """Change one coefficient."""
        self._ok(self.highs.changeCoeff(row, column, coefficient), "changeCoeff")

    def cost_columns(self, columns: Ints, objective: Floats) -> None:
        """Change objective coefficients."""
        numbers = np.asarray(columns, dtype=np.int32)
        self._ok(self.highs.changeColsCost(len(numbers), numbers, np.asarray(objective)), "changeColsCost")

    def integers(self, columns: Ints, integral: bool) -> None:
        """Declare columns integer or continuous."""
        self._integral = integral and len(columns) > 0
        if len(columns):
            kind = highspy.HighsVarType.kInteger if integral else highspy.HighsVarType.kContinuous
            numbers = np.asarray(columns, dtype=np.int32)
            kinds = np.full(len(numbers), int(kind), dtype=np.uint8)
            self._ok(self.highs.changeColsIntegrality(len(numbers), numbers, kinds), "changeColsIntegrality")

    def solve_lp(self, deadline: Deadline, *, primal: bool = False) -> LpAnswer:
        """Solve as a linear program; warm where a basis is at hand.

        ``primal`` is for re-solves after new columns alone: the basis is still feasible then, and primal
        simplex goes on from it in a fraction of the steps of dual simplex. So it does where columns are held
        or let go, though the basis is feasible no longer, if there are more columns than rows: channels bring more
        rows than columns, and then it takes ten times the steps.
        """
        primal = primal or (self._moved and self.columns > self.rows)
        self.option("simplex_strategy", _PRIMAL if primal else _DUAL)
        self._moved = False
        cold = self.rows > _MANY and not self.highs.getBasis().valid
        self.option("solver", "ipx" if cold else "choose")
        outcome = self._run(deadline)
        if cold and outcome not in (Outcome.OPTIMAL, Outcome.STOPPED):
            self.option("solver", "simplex")
            self.forget_basis()
            outcome = self._run(deadline)
        if outcome is not Outcome.OPTIMAL:
            return LpAnswer(outcome, np.nan, np.empty(0), np.empty(0))
        solution = self.highs.getSolution()
        objective = float(self.highs.getInfo().objective_function_value)
        return LpAnswer(outcome, objective, np.array(solution.col_value), np.array(solution.row_dual))

    def solve_mip(self, deadline: Deadline, *, gap: float, start: Floats | None = None) -> MipAnswer:
        """Solve with the integers; ``start`` is a solution to begin from, by column (NaN: not given)."""
        self.option("solver", "choose")
        self.option("simplex_strategy", _DUAL)
        self.option("mip_rel_gap", gap)
        if start is not None:
            given = np.flatnonzero(~np.isnan(start)).astype(np.int32)
            self._ok(self.highs.setSolution(len(given), given, start[given]), "setSolution")
        outcome = self._run(deadline)
        info = self.highs.getInfo()
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        value = np.array(self.highs.getSolution().col_value) if found else None
        objective = float(info.objective_function_value) if found else -np.inf
        # Without integers HiGHS solves an LP and leaves the bound of a MIP at 0.
        bound = float(info.mip_dual_bound) if self._integral else (objective if found else np.inf)
        return MipAnswer(outcome, objective, bound, value)

    def _run(self, deadline: Deadline) -> Outcome:
        # HiGHS adds up the time of all its runs and compares the sum with the limit.
        self.option("time_limit", float(self.highs.getRunTime()) + min(deadline.left, 1e8) + 1e-3)
        ended = self.highs.run()
        for name, value in (("solver", "simplex"), ("presolve", "off"), ("solver", "ipx")):
            # A basis grown over many rounds can become too ill-conditioned to go on from; a cold start is not.
            # On the edge of what is feasible presolve can lose the way back, and simplex the way.
            if ended == highspy.HighsStatus.kError or self.highs.getModelStatus() not in OUTCOMES:
                self.forget_basis()
                self.option(name, value)
                ended = self.highs.run()
        self.option("presolve", "choose")
        self._ok(ended, "run")
        status = self.highs.getModelStatus()
        if status not in OUTCOMES:
            raise InternalError(f"HiGHS ended with {self.highs.modelStatusToString(status)}")
        return OUTCOMES[status]

    def basis(self) -> highspy.HighsBasis:
        """The basis at hand, to come back to."""
        return self.highs.getBasis()

    def restore(self, basis: highspy.HighsBasis) -> None:
        """Come back to an earlier basis; columns added since are at 0, rows added since are slack."""
        back = highspy.HighsBasis()
        columns, rows = list(basis.col_status), list(basis.row_status)
        back.col_status = columns + [highspy.HighsBasisStatus.kLower] * (self.columns - len(columns))
        back.row_status = rows + [highspy.HighsBasisStatus.kBasic] * (self.rows - len(rows))
        back.valid = True
        self._ok(self.highs.setBasis(back), "setBasis")

    def reduced_costs(self) -> Floats:
        """Size of every column's reduced cost at the last solution; 0 where it is basic."""
        return np.abs(np.asarray(self.highs.getSolution().col_dual, dtype=np.float64))

    def basic(self) -> NDArray[np.bool_]:
        """Whether each column is in the basis."""
        return np.array([status == highspy.HighsBasisStatus.kBasic for status in self.basis().col_status], dtype=bool)

    def delete_columns(self, columns: Ints) -> None:
        """Delete columns that are not in the basis, which stays; those after them move up."""
        basis = self.basis()
        there = np.ones(self.columns, dtype=bool)
        there[columns] = False
        self._ok(self.highs.deleteCols(len(columns), columns.astype(np.int32)), "deleteCols")
        basis.col_status = [status for status, kept in zip(basis.col_status, there.tolist(), strict=True) if kept]
        self._ok(self.highs.setBasis(basis), "setBasis")

    def delete_rows(self, first: int) -> None:
        """Delete the last rows, from a number on."""
        if first < self.rows:
            self._ok(
                self.highs.deleteRows(self.rows - first, np.arange(first, self.rows, dtype=np.int32)), "deleteRows"
            )

    def forget_basis(self) -> None:
        """Start the next run cold."""
        self._ok(self.highs.clearSolver(), "clearSolver")

    @staticmethod
    def _ok(status: object, call: str) -> None:
        if status == highspy.HighsStatus.kError:
            raise InternalError(f"HiGHS failed in {call}")
