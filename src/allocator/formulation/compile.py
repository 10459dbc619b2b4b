"""From the closed ledger to a scaled matrix, with the accounts folded away.

Every account equals a sum over treatments, so its column need not be in the program: a treatment's
column is the accounts' columns times the treatment's coefficients, and the price of an account is its
reduced cost in the program without it. This keeps the program as short as if features summed over
treatments themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocator.formulation.entries import AccountKind
from allocator.formulation.instance import Floats, Ints
from allocator.formulation.ledger import LAZY, Ledger
from allocator.formulation.limit import Key
from allocator.formulation.tabulate import tabulate
from allocator.formulation.terms import Variable


@dataclass(frozen=True, slots=True)
class Program:
    """maximise objective . x + constant, row_lower <= matrix x <= row_upper, lower <= x <= upper; all scaled.

    A scaled variable is the natural one divided by its ``column_unit``; a scaled row is the natural one
    times its ``row_factor``; the objective is divided by ``money``. ``account_matrix`` and
    ``account_objective`` belong to the account columns, which are not among the program's own.
    """

    objective: Floats
    constant: float
    matrix: sparse.csc_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    integer: NDArray[np.bool_]
    column_unit: Floats
    row_factor: Floats
    money: float
    account_matrix: sparse.csc_array
    account_objective: Floats
    account_unit: Floats
    columns: dict[int, int]
    """id of a Pyomo variable -> column."""
    rows: dict[tuple[str, Key], int]
    """(family, key) -> row."""
    first_lazy: int
    """Rows from here on may be left out until a solution breaks them."""
    accounts: dict[tuple[AccountKind, int, float], Ints]
    """Account -> [S, T+1] its column among the accounts by segment and period - 1, or -1."""

    def column(self, variable: Variable) -> int | None:
        """The column of a variable; None where no row and no objective uses it."""
        return self.columns.get(id(variable))


def compile_program(ledger: Ledger) -> Program:
    """Compile the ledger's Pyomo model once into a scaled matrix."""
    table = tabulate(ledger.program)
    unit_of = {id(variable): unit for variable, unit in ledger.units}
    units = np.fromiter(map(unit_of.__getitem__, table.places), dtype=float, count=len(table.places))
    account_of = _account_columns(ledger, table.places)
    is_account = np.zeros(len(units), dtype=bool)
    for numbers in account_of.values():
        is_account[numbers[numbers >= 0]] = True
    own, accounts = np.flatnonzero(~is_account), np.flatnonzero(is_account)
    place = np.empty(len(units) + 1, dtype=np.int64)
    place[own], place[accounts], place[-1] = np.arange(len(own)), np.arange(len(accounts)), -1
    matrix, factor = _scaled(table.matrix, units, place[:-1] + is_account * len(own))
    money = ledger.instance.units.money
    objective = table.objective * units / money
    variables = [table.columns[number] for number in own.tolist()]
    lower, upper, integer = _bounds(variables, units[own])
    rows = _row_numbers(ledger)
    return Program(
        objective=objective[own],
        constant=ledger.goal.constant / money,
        matrix=_part(matrix, 0, len(own)),
        row_lower=table.row_lower * factor,
        row_upper=table.row_upper * factor,
        lower=lower,
        upper=upper,
        integer=integer,
        column_unit=units[own],
        row_factor=factor,
        money=money,
        account_matrix=_part(matrix, len(own), len(units)),
        account_objective=objective[accounts],
        account_unit=units[accounts],
        columns={id(variable): number for number, variable in enumerate(variables)},
        rows=rows,
        first_lazy=min((rows[LAZY, key] for key in ledger.keys(LAZY) if _is_lazy(ledger, key)), default=len(rows)),
        accounts={key: place[numbers] for key, numbers in account_of.items()},
    )


def _account_columns(ledger: Ledger, columns: dict[int, int]) -> dict[tuple[AccountKind, int, float], Ints]:
    shape = (len(ledger.instance.segments), ledger.instance.horizon + 1)
    result: dict[tuple[AccountKind, int, float], Ints] = {}
    for key, account in ledger.accounts.items():
        numbers = np.full(shape, -1, dtype=np.int64)
        count = len(account.variables)
        cells = np.fromiter(chain.from_iterable(account.variables), dtype=np.int64, count=2 * count)
        found = map(columns.get, map(id, account.variables.values()), repeat(-1))
        numbers[cells[::2], cells[1::2] - 1] = np.fromiter(found, dtype=np.int64, count=count)
        result[key] = numbers
    return result


def _scaled(matrix: sparse.csr_array, units: Floats, place: Ints) -> tuple[sparse.csc_array, Floats]:
    """The matrix with its columns in their units and at their places, and the factor of each row: 1 over the largest
    coefficient, as a power of two so that scaling rounds nothing."""
    sizes = np.diff(matrix.indptr)
    row = np.repeat(np.arange(len(sizes)), sizes)
    values = matrix.data * units[matrix.indices]
    largest = np.zeros(len(sizes))
    np.maximum.at(largest, row, np.abs(values))
    factor = np.exp2(-np.round(np.log2(np.where(largest > 0.0, largest, 1.0))))
    columns = place[matrix.indices].astype(matrix.indices.dtype)
    scaled = sparse.csr_array((values * factor[row], columns, matrix.indptr), shape=matrix.shape)
    return sparse.csc_array(scaled), factor


def _part(matrix: sparse.csc_array, first: int, last: int) -> sparse.csc_array:
    """Neighbouring columns of a matrix."""
    starts = matrix.indptr[first : last + 1]
    entries = slice(starts[0], starts[-1])
    found = (matrix.data[entries], matrix.indices[entries], starts - starts[0])
    return sparse.csc_array(found, shape=(matrix.shape[0], last - first))


def _bounds(variables: list[Variable], units: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    lower = np.array([-np.inf if v.lb is None else v.lb for v in variables], dtype=float) / units
    upper = np.array([np.inf if v.ub is None else v.ub for v in variables], dtype=float) / units
    return lower, upper, np.array([not v.is_continuous() for v in variables], dtype=bool)


def _is_lazy(ledger: Ledger, key: Key) -> bool:
    """Whether a row of the lazy family may be left out for now: limits that a planner sees may not."""
    return (LAZY, key) not in ledger.limits


def _row_numbers(ledger: Ledger) -> dict[tuple[str, Key], int]:
    keys = [(family, key) for family in ledger.families for key in ledger.keys(family)]
    return {key: number for number, key in enumerate(keys)}
