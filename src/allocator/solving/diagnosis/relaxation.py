"""The least change of stated numbers that restores a plan: elastic limits, weighted in percent of each number.

minimise  sum over open numbers of weight x change / |number|      over all plans

Shares multiply a quantity that depends on the plan. Their rows are linear at a known plan, and the known
plan moves until the share it attains is the share proposed (Dinkelbach's iteration; for one share alone it
ends at the exact least change).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from allocator.domain.evaluation import Evaluation
from allocator.domain.scenario import Scenario
from allocator.formulation.giving import Give, Link
from allocator.formulation.instance import Floats
from allocator.solving.highs import Deadline, Outcome
from allocator.solving.search import Search
from allocator.solving.solve import Engine
from allocator.solving.values import Values

RESTORED = 1e-7
"""Total change, as a share of the numbers changed, that counts as none."""
MODEL_WEIGHT = 10.0
"""A number of the model is changed only where numbers of the scenario would have to change ten times as far."""
_GAP = 1e-5
_EXACT = 1e-9
_ITERATIONS = 30
_TINY = 1e-9
"""Numbers below this share of what is typical count as 0, of which there is no percentage."""


class OutOfTimeError(Exception):
    """The deadline came before an answer."""


class _Search(Search):
    """A search whose objective is a total change: gaps are relative to it, not to money."""

    def size_of(self, objective: float) -> float:
        return max(abs(objective), 1e-3)


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


class Relaxation:
    """A program in which chosen numbers may change, at a cost, and the others are held."""

    def __init__(
        self, scenario: Scenario, current: Evaluation | None, no_effort: Evaluation | None, deadline: Deadline
    ) -> None:
        self.engine = Engine(scenario, current, no_effort, relaxable=True)
        self.deadline = deadline
        self.master = self.engine.master
        program = self.engine.program
        gives = self.engine.ledger.gives
        found = [] if gives is None else list(gives.all.values())
        self.gives: list[Give] = [give for give in found if program.column(give.variable) is not None]
        self.columns = np.array([program.column(give.variable) for give in self.gives], dtype=np.int64)
        self.units = program.column_unit[self.columns]
        self.weights = np.array([self._weight(give) for give in self.gives]) * self.units
        self._most = program.upper[self.columns].copy()
        self._tangents = [
            [self._tangent(number, link) for link in give.links if link.base is not None]
            for number, give in enumerate(self.gives)
        ]
        engine = self.engine
        self._search = _Search(engine.master, engine.refiner, engine.lines, engine.uniform)
        self._free_cells = engine.refiner.frozen
        self.master.begin_phase_one()

    def _weight(self, give: Give) -> float:
        """Cost of one natural unit of change."""
        worth = 1000.0 * self.engine.instance.units.money
        typical = worth if give.unit == "money" else 1.0
        size = abs(give.stated) if abs(give.stated) > _TINY * typical else typical
        return (MODEL_WEIGHT if give.path[0] == "model" else 1.0) / size

    def _tangent(self, number: int, link: Link) -> _Tangent:
        program = self.engine.program
        column = program.column(link.base)
        assert column is not None, "its row defines it"
        unit = float(program.column_unit[column])
        return _Tangent(number, link, program.rows[link.family, link.key], column, link.limit.limit, unit, unit)

    # Solving ------------------------------------------------------------------------------------------

    def minimise(self, open_: Collection[int], free: Collection[int] = ()) -> dict[int, float] | None:
        """Least change of the ``open_`` numbers (by position) that restores a plan, by position; None: there is none.

        ``free`` numbers may change at no cost; all others are held.

        Raises
        ------
        OutOfTimeError
        """
        self._start_tangents()
        for _ in range(_ITERATIONS):
            value = self._least(open_, free)
            if value is None:
                return None
            changes = self._attained(value, open_)
            if changes is not None:
                return changes
        return None

    def moved(self, open_: Collection[int], free: Collection[int] = ()) -> list[int] | None:
        """The ``open_`` numbers that a least change moves, share by share roughly; None: no change will do."""
        self._start_tangents()
        value = self._least(open_, free)
        if value is None:
            return None
        change = self._weighted(value)
        return [number for number in open_ if change[number] > RESTORED]

    def possible(self, open_: Collection[int]) -> bool:
        """Whether a plan exists once the ``open_`` numbers may change as far as they like."""
        return self._least((), open_) is not None

    def _least(self, open_: Collection[int], free: Collection[int]) -> Floats | None:
        """A solution of least change at the plan known so far."""
        self._release(held=(), open_=open_, free=free)
        value = self._solve()
        if value is not None or self.engine.refiner.complete:
            return value
        held = [number for number in range(len(self.gives)) if number not in open_ and number not in free]
        self._release(held=held, open_=(), free=[*open_, *free])
        value = self._solve()
        if value is None or float(self._weighted(value)[held].sum()) > RESTORED:
            return None
        self._release(held=(), open_=open_, free=free)
        return self._solve()

    def _release(self, held: Collection[int], open_: Collection[int], free: Collection[int]) -> None:
        """Let numbers change: ``held`` and ``open_`` at their cost, ``free`` at none; the rest are fixed."""
        upper, cost = np.zeros(len(self.gives)), np.zeros(len(self.gives))
        for number in (*held, *open_):
            upper[number], cost[number] = self._most[number], -self.weights[number]
        for number in free:
            upper[number] = np.inf if self._tangents[number] else self._most[number]
        self.engine.program.upper[self.columns] = upper  # the search restores columns to the program's bounds
        self.master.solver.bound_columns(self.columns, np.zeros(len(upper)), upper)
        self.master.solver.cost_columns(self.columns, cost)

    def _solve(self) -> Floats | None:
        engine = self.engine
        engine.refiner.frozen = self._free_cells
        root = engine.refiner.converge(self.deadline, gap=_GAP)
        if root.answer.outcome is Outcome.STOPPED or self.deadline.passed:
            raise OutOfTimeError
        if not root.solved:
            return None
        if self._search.whole(root.answer.value):
            return root.answer.value
        engine.refiner.frozen = engine.uniform.frozen()
        return self._whole(root.bound)

    def _whole(self, bound: float) -> Floats | None:
        """The least change with whole numbers."""
        search = self._search
        search.best = None
        search.run(bound, self.deadline, gap=_GAP)
        if search.best is None and self.deadline.passed:
            raise OutOfTimeError
        return None if search.best is None else search.best.value

    def _weighted(self, value: Floats) -> Floats:
        return np.asarray(value[self.columns] * self.weights)

    # Shares -------------------------------------------------------------------------------------------

    def _start_tangents(self) -> None:
        for tangents in self._tangents:
            for tangent in tangents:
                tangent.ratio, tangent.base = tangent.link.limit.limit, tangent.unit
                self._move(tangent)

    def _attained(self, value: Floats, open_: Collection[int]) -> dict[int, float] | None:
        """The changes that a solution stands for; None where shares are not exact yet, and tangents were moved."""
        values = Values(self.engine.ledger, self.master, value)
        changes: dict[int, float] = {}
        exact = True
        for number in open_:
            give, tangents = self.gives[number], self._tangents[number]
            change = max(0.0, float(value[self.columns[number]] * self.units[number]))
            if tangents:
                worst = max((self._short(values, tangent) for tangent in tangents), default=0.0)
                exact &= abs(worst - change) <= _EXACT * max(1.0, abs(give.stated))
                self._follow(values, tangents, worst)
                change = worst
            if change * self.weights[number] / self.units[number] > RESTORED:
                changes[number] = change
        return changes if exact else None

    @staticmethod
    def _short(values: Values, tangent: _Tangent) -> float:
        """How far a solution's share is from its limit, on the wrong side; 0 on the right side."""
        limit = tangent.link.limit
        assert limit.basis is not None, "a share is a share of something"
        base = values.of(limit.basis)
        beyond = values.of(tangent.link.terms)
        wrong = -beyond if limit.sense == "min" else beyond
        return max(0.0, wrong / base) if base > 1e-12 * tangent.unit else 0.0

    def _follow(self, values: Values, tangents: list[_Tangent], change: float) -> None:
        """Make the solution's plan the known plan."""
        for tangent in tangents:
            limit = tangent.link.limit
            assert limit.basis is not None, "a share is a share of something"
            base = values.of(limit.basis)
            tangent.ratio = limit.limit + (-change if limit.sense == "min" else change)
            tangent.base = base if base > 1e-12 * tangent.unit else tangent.unit
            self._move(tangent)

    def _move(self, tangent: _Tangent) -> None:
        """part - ratio x base -+ known base x give  >= or <=  known base x (limit - ratio)."""
        program, limit = self.engine.program, tangent.link.limit
        factor = float(program.row_factor[tangent.row])
        column, unit = int(self.columns[tangent.number]), float(self.units[tangent.number])
        solver = self.master.solver
        sign = 1.0 if limit.sense == "min" else -1.0
        solver.change(tangent.row, tangent.column, -tangent.ratio * tangent.unit * factor)
        solver.change(tangent.row, column, sign * tangent.base * unit * factor)
        right = tangent.base * (limit.limit - tangent.ratio) * factor + self._constant(tangent) * factor
        low, high = (right, np.inf) if limit.sense == "min" else (-np.inf, right)
        solver.bound_rows(np.array([tangent.row]), np.array([low]), np.array([high]))

    @staticmethod
    def _constant(tangent: _Tangent) -> float:
        """What constants of the part leave on the right side: those of the basis are in ``base``."""
        limit = tangent.link.limit
        assert limit.basis is not None, "a share is a share of something"
        return -(tangent.link.terms.constant + limit.limit * limit.basis.constant)
