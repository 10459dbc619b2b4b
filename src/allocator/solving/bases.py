"""Bases of a program that grows and shrinks between solves."""

from __future__ import annotations

import highspy
import numpy as np

from allocator.domain.errors import InternalError
from allocator.solving.highs import Ints, Solver

_BASIC, _LOWER = highspy.HighsBasisStatus.kBasic, highspy.HighsBasisStatus.kLower


def basic_columns(solver: Solver) -> Ints:
    """Columns in the basis of the last solve; to be asked for before anything is changed."""
    status, numbers = solver.highs.getBasicVariables()  # type: ignore[attr-defined]  # not in its stubs
    _ok(status, "getBasicVariables")
    return np.sort(numbers[numbers >= 0]).astype(np.int64)


def exchange(solver: Solver, leaving: Ints, entering: Ints, deleted: Ints) -> None:
    """Put columns in the basis in the places of others, which go to 0; then delete columns that are not in it."""
    basis = solver.basis()
    status = list(basis.col_status)
    for out, into in zip(leaving.tolist(), entering.tolist(), strict=True):
        status[out], status[into] = _LOWER, _BASIC
    there = np.ones(len(status), dtype=bool)
    there[deleted] = False
    basis.col_status = [each for each, kept in zip(status, there.tolist(), strict=True) if kept]
    delete(solver, deleted)
    _ok(solver.highs.setBasis(basis), "setBasis")


def delete(solver: Solver, columns: Ints) -> None:
    """Delete columns; those after them move up, and the basis is lost."""
    _ok(solver.highs.deleteCols(len(columns), columns.astype(np.int32)), "deleteCols")


def begin_at(solver: Solver, basis: highspy.HighsBasis, own: int, basic: Ints) -> None:
    """Come back to the first ``own`` columns and the rows of an earlier basis, with the columns ``basic`` in it."""
    status = list(basis.col_status)[:own] + [_LOWER] * (solver.columns - own)
    for column in basic.tolist():
        status[column] = _BASIC
    rows = list(basis.row_status)
    back = highspy.HighsBasis()
    back.col_status, back.row_status = status, rows + [_BASIC] * (solver.rows - len(rows))
    back.valid = True
    _ok(solver.highs.setBasis(back), "setBasis")


def _ok(status: object, call: str) -> None:
    if status == highspy.HighsStatus.kError:
        raise InternalError(f"HiGHS failed in {call}")
