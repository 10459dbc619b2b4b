"""Programs in which channels share one budget and nothing else is to be decided, read as such.

What else there is must follow from the channels by equalities, such as customers from those who arrive: their columns
are put in terms of the answers. Bounds of such columns, and rows on one channel alone but for bounds of its spend, are
left out: the bound of the problem as read is one of a relaxation, and its plan is one only if the program takes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocator.domain.curves import Adbudg, Curve, Exponential
from allocator.formulation.instance import Floats, Ints
from allocator.solving.lines import Lines
from allocator.solving.master import Master
from allocator.solving.multiplier import OneBudget

Bools = NDArray[np.bool_]

_MOST_OTHERS = 200
"""Most columns that follow from the channels: they are put in other terms by a dense inverse."""
_SAME = 1e-9
"""Relative difference that is rounding."""


@dataclass(frozen=True, slots=True)
class _Program:
    """maximise objective . x + constant, sides of rows over bounded columns."""

    matrix: sparse.csr_array
    objective: Floats
    constant: float
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats

    def of_rows(self, chosen: Bools) -> tuple[sparse.csr_array, Floats, Floats]:
        """Some rows with their sides."""
        return sparse.csr_array(self.matrix[chosen]), self.row_lower[chosen], self.row_upper[chosen]


@dataclass(frozen=True, slots=True)
class _Shared:
    """Rows that several channels share: coefficients of spends and switches [N], and what they leave at most."""

    take: Floats
    fee: Floats
    most: float


def one_budget(master: Master, lines: Lines) -> tuple[OneBudget, float] | None:
    """The problem of a program of this kind, in natural spends and the scaled objective, and the constant that its
    objective lacks; None for another kind."""
    if not lines.channels or not lines.plain or not all(_bends_once(cell.curve) for cell in lines.channels):
        return None
    own = np.concatenate([lines.spend, lines.answer, lines.use[lines.use >= 0]])
    program = _without_others(_read(master), own, master)
    if program is None:
        return None
    shared = _shared_rows(program, lines, own)
    return None if shared is None else _problem(program, lines, *shared)


def _bends_once(curve: Curve) -> bool:
    """Whether a curve rises, convex up to an inflection and strictly concave from there on."""
    if isinstance(curve, Adbudg):
        return curve.high > curve.low
    return isinstance(curve, Exponential) and curve.high > 0.0 and curve.rate > 0.0


def _read(master: Master) -> _Program:
    """The program as it stands in the solver, for limits may have been moved."""
    matrix, objective, (lower, upper), (row_lower, row_upper) = master.solver.program()
    return _Program(matrix, objective, master.program.constant, lower, upper, row_lower, row_upper)


def _without_others(program: _Program, own: Ints, master: Master) -> _Program | None:
    """The program with all columns but the channels' ``own`` put in terms of these; None where they do not follow from
    them, or the channels' are held."""
    is_own = np.zeros(len(program.objective), dtype=bool)
    is_own[own] = True
    lower, upper = master.bounds(own)
    held = (program.lower[own] != lower) | (program.upper[own] != upper) | (lower >= upper)
    # Slack that is closed, and treatments that nobody can get.
    nothing = (program.lower == 0.0) & (program.upper == 0.0)
    others = np.flatnonzero(~is_own & ~nothing)
    whole = np.isin(others, master.integer_columns)
    tied = np.diff(sparse.csr_array(program.matrix[:, others]).indptr) > 0
    equal = program.row_lower == program.row_upper
    if held.any() or whole.any() or (tied & ~equal).any() or tied.sum() != len(others) or len(others) > _MOST_OTHERS:
        return None
    follow, sides, _ = program.of_rows(tied)
    square = follow[:, others].toarray()
    if len(others) and np.linalg.cond(square) > 1.0 / _SAME:
        return None
    price = np.linalg.solve(square.T, program.objective[others])
    return _Program(
        sparse.csr_array(program.matrix[~tied]),
        np.where(is_own, program.objective - follow.T @ price, 0.0),
        program.constant + float(price @ sides),
        program.lower,
        program.upper,
        program.row_lower[~tied],
        program.row_upper[~tied],
    )


def _shared_rows(program: _Program, lines: Lines, own: Ints) -> tuple[_Shared, _Shared, Floats, Floats] | None:
    """The budget, the count of channels in use, and bounds of spends; None where channels share other rows."""
    count, matrix = len(lines.channels), program.matrix
    channel = np.zeros(len(program.objective), dtype=np.int64)
    channel[own] = np.concatenate([np.arange(count), np.arange(count), np.flatnonzero(lines.use >= 0)])
    entries = matrix.tocoo()
    first, last = np.full(matrix.shape[0], count), np.full(matrix.shape[0], -1)
    np.minimum.at(first, entries.row, channel[entries.col])
    np.maximum.at(last, entries.row, channel[entries.col])
    low, high = _bounds_of_spends(program, lines, first == last)
    rows, lower, upper = program.of_rows(first < last)
    positive, negative = rows.maximum(0.0), rows.minimum(0.0)
    least = positive @ program.lower + negative @ program.upper
    most = positive @ program.upper + negative @ program.lower
    nothing = _Shared(np.zeros(count), np.zeros(count), np.inf)
    budget, number = nothing, nothing
    for row in np.flatnonzero((least < lower) | (most > upper)).tolist():
        found = _shared(rows[[row]].toarray().ravel(), lines, float(upper[row]))
        if found is None or least[row] < lower[row]:
            return None
        if found.take.any() and budget is nothing:
            budget = found
        elif not found.take.any() and number is nothing and np.ptp(found.fee[found.fee > 0.0]) == 0.0:
            number = found
        else:
            return None
    return budget, number, low, high


def _shared(row: Floats, lines: Lines, most: float) -> _Shared | None:
    """A row that limits spends and switches from above; None where it is of another kind."""
    if row[lines.answer].any() or (row < 0.0).any():
        return None
    return _Shared(row[lines.spend] / lines.spend_unit, np.where(lines.use >= 0, row[lines.use], 0.0), most)


def _bounds_of_spends(program: _Program, lines: Lines, alone: Bools) -> tuple[Floats, Floats]:
    """Least and most spend [N] of channels that are used, also by rows on a spend alone."""
    low, high = (
        lines.envelopes.low.copy(),
        np.minimum(lines.envelopes.high, program.upper[lines.spend] * lines.spend_unit),
    )
    rows, lower, upper = program.of_rows(alone)
    single = np.flatnonzero(np.diff(rows.indptr) == 1)
    place = np.full(len(program.objective), -1)
    place[lines.spend] = np.arange(len(lines.spend))
    for row in single.tolist():
        entry = rows.indptr[row]
        number, coefficient = int(place[rows.indices[entry]]), float(rows.data[entry])
        if number >= 0 and lines.use[number] < 0:
            ends = sorted((lower[row] / coefficient, upper[row] / coefficient))
            low[number] = max(low[number], ends[0] * lines.spend_unit[number])
            high[number] = min(high[number], ends[1] * lines.spend_unit[number])
    return low, high


def _problem(
    program: _Program, lines: Lines, budget: _Shared, number: _Shared, low: Floats, high: Floats
) -> tuple[OneBudget, float] | None:
    worth = program.objective[lines.answer] / lines.answer_unit
    if not (worth > 0.0).all() or (low > high).any() or not budget.take.any():
        return None
    switched, counted = lines.use >= 0, number.fee > 0.0
    problem = OneBudget(
        curves=[cell.curve for cell in lines.channels],
        worth=worth,
        cost=-program.objective[lines.spend] / lines.spend_unit,
        fixed=np.where(switched, -program.objective[lines.use], 0.0),
        take=budget.take,
        fee=budget.fee,
        low=low,
        high=high,
        switched=switched,
        counted=counted,
        most=np.floor(number.most / number.fee[counted][0] + _SAME) if counted.any() else np.inf,
        budget=min(budget.most, float(budget.take @ high + budget.fee.sum())),
    )
    return problem, program.constant
