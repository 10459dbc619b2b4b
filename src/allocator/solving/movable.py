"""An engine in which the numbers that the planner stated can be moved without building it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from allocator.formulation.giving import Give, Link
from allocator.formulation.instance import Floats
from allocator.solving.solve import Engine
from allocator.solving.values import Values

_NOTHING = 1e-12
"""A quantity below this share of its unit is one that a share cannot be taken of."""


@dataclass(slots=True)
class _Tangent:
    """A share's row at a known plan: the share ``ratio`` and the quantity ``base`` it is of, natural."""

    number: int
    link: Link
    row: int
    column: int
    ratio: float
    base: float
    unit: float


class Movable:
    """The gives of a relaxable engine, by position, all held at no change until they are bounded otherwise."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        program = engine.program
        gives = engine.ledger.gives
        found = [] if gives is None else list(gives.all.values())
        self.gives: list[Give] = [give for give in found if program.column(give.variable) is not None]
        self.columns = np.array([program.column(give.variable) for give in self.gives], dtype=np.int64)
        self.units = program.column_unit[self.columns]
        self.most = program.upper[self.columns].copy()
        """[gives] the largest change that makes sense, scaled."""
        self.tangents = [
            [self._tangent(number, link) for link in give.links if link.base is not None]
            for number, give in enumerate(self.gives)
        ]
        self.bound(np.zeros(len(self.gives)), np.zeros(len(self.gives)))

    def _tangent(self, number: int, link: Link) -> _Tangent:
        program = self.engine.program
        column = program.column(link.base)
        assert column is not None, "its row defines it"
        unit = float(program.column_unit[column])
        return _Tangent(number, link, program.rows[link.family, link.key], column, link.limit.limit, unit, unit)

    def bound(self, lower: Floats, upper: Floats) -> None:
        """Bound all gives (scaled). The program is told too, for the search restores columns to its bounds."""
        self.engine.program.lower[self.columns] = lower
        self.engine.program.upper[self.columns] = upper
        self.engine.master.solver.bound_columns(self.columns, lower, upper)

    def shift(self, number: int, change: float) -> None:
        """Hold one number at its stated value plus ``change`` (natural), and all others as they are stated."""
        at = np.zeros(len(self.gives))
        self.start()
        for tangent in self.tangents[number]:
            tangent.ratio = tangent.link.limit.limit + change
            self._move(tangent)
        at[number] = self.gives[number].direction * change / self.units[number]
        self.bound(at, at)

    def start(self) -> None:
        """Bring all shares back to their stated values, at no known plan."""
        for tangent in self.all_tangents():
            tangent.ratio, tangent.base = tangent.link.limit.limit, tangent.unit
            self._move(tangent)

    def follow(self, values: Values, number: int, change: float) -> None:
        """Make the plan of a solution the known plan of one number's shares, which moved by ``change``."""
        for tangent in self.tangents[number]:
            limit = tangent.link.limit
            base = self._base(values, tangent)
            tangent.ratio = limit.limit + (-change if limit.sense == "min" else change)
            tangent.base = base if base > _NOTHING * tangent.unit else tangent.unit
            self._move(tangent)

    def short(self, values: Values, number: int) -> float:
        """How far the shares of a solution are from a number, on the wrong side; 0 on the right side."""
        worst = 0.0
        for tangent in self.tangents[number]:
            base = self._base(values, tangent)
            beyond = values.of(tangent.link.terms)
            wrong = -beyond if tangent.link.limit.sense == "min" else beyond
            if base > _NOTHING * tangent.unit:
                worst = max(worst, wrong / base)
        return worst

    def all_tangents(self) -> Iterable[_Tangent]:
        """Every row of every share."""
        return (tangent for tangents in self.tangents for tangent in tangents)

    @staticmethod
    def _base(values: Values, tangent: _Tangent) -> float:
        basis = tangent.link.limit.basis
        assert basis is not None, "a share is a share of something"
        return values.of(basis)

    def _move(self, tangent: _Tangent) -> None:
        """part - ratio x base -+ known base x give  >= or <=  known base x (limit - ratio)."""
        program, limit = self.engine.program, tangent.link.limit
        assert limit.basis is not None, "a share is a share of something"
        factor = float(program.row_factor[tangent.row])
        column, unit = int(self.columns[tangent.number]), float(self.units[tangent.number])
        solver = self.engine.master.solver
        sign = 1.0 if limit.sense == "min" else -1.0
        solver.change(tangent.row, tangent.column, -tangent.ratio * tangent.unit * factor)
        solver.change(tangent.row, column, sign * tangent.base * unit * factor)
        constant = tangent.link.terms.constant + limit.limit * limit.basis.constant
        right = (tangent.base * (limit.limit - tangent.ratio) - constant) * factor
        low, high = (right, np.inf) if limit.sense == "min" else (-np.inf, right)
        solver.bound_rows(np.array([tangent.row]), np.array([low]), np.array([high]))
