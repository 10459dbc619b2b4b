"""The least change of stated numbers that restores a plan: elastic limits, weighted in percent of each number.

minimise  sum over open numbers of weight x change / |number|      over all plans

Shares multiply a quantity that depends on the plan. Their rows are linear at a known plan, and the known
plan moves until the share it attains is the share proposed (Dinkelbach's iteration; for one share alone it
ends at the exact least change).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from scipy import sparse

from allocator.domain.errors import Infeasible
from allocator.domain.evaluation import Evaluation
from allocator.domain.scenario import Scenario
from allocator.formulation.giving import Give
from allocator.formulation.instance import Floats, Ints
from allocator.solving.answers import Outcome
from allocator.solving.deadline import Deadline
from allocator.solving.movable import Movable
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


class Relaxation:
    """A program in which chosen numbers may change, at a cost, and the others are held."""

    def __init__(
        self,
        scenario: Scenario,
        current: Evaluation | None,
        no_effort: Evaluation | None,
        deadline: Deadline,
        *,
        gap: float = _GAP,
        prove: bool = True,
    ) -> None:
        self.engine = engine = Engine(scenario, current, no_effort, relaxable=True)
        self.deadline = deadline
        self.gap = gap
        self.prove = prove
        self.movable = Movable(engine)
        self.gives = self.movable.gives
        self.weights = np.array([self._weight(give) for give in self.gives]) * self.movable.units
        self._search = _Search(engine.master, engine.refiner, engine.lines, engine.uniform, engine.sides.choices)
        self._free_cells = engine.refiner.frozen
        self._constant: Ints | None = None
        engine.master.begin_phase_one()

    def _weight(self, give: Give) -> float:
        """Cost of one natural unit of change."""
        worth = 1000.0 * self.engine.instance.units.money
        typical = worth if give.unit == "money" else 1.0
        size = abs(give.stated) if abs(give.stated) > _TINY * typical else typical
        return (MODEL_WEIGHT if give.path[0] == "model" else 1.0) / size

    # Solving ------------------------------------------------------------------------------------------

    def minimise(self, open_: Collection[int], free: Collection[int] = ()) -> dict[int, float] | None:
        """Least change of the ``open_`` numbers (by position) that restores a plan, by position; None: there is none.

        ``free`` numbers may change at no cost; all others are held.

        Raises
        ------
        OutOfTimeError
        """
        self.movable.start()
        best: dict[int, float] | None = None
        for _ in range(_ITERATIONS):
            value = self._least(open_, free)
            if value is None:
                return best
            changes, exact = self._attained(value, open_)
            if best is None or self._total(changes) <= self._total(best):
                best = changes
            if exact:
                return best
        return best

    def _total(self, changes: Mapping[int, float]) -> float:
        """Weighted sum of changes."""
        each = self.weights / self.movable.units
        return sum(change * float(each[number]) for number, change in changes.items())

    def moved(self, open_: Collection[int], free: Collection[int] = ()) -> list[int] | None:
        """The ``open_`` numbers that a least change moves, share by share roughly; None: no change will do."""
        self.movable.start()
        value = self._least(open_, free)
        if value is None:
            return None
        change = self._weighted(value)
        return [number for number in open_ if change[number] > RESTORED]

    def extreme(self, column: int, sign: float) -> float:
        """Largest (``sign`` 1) or smallest (-1) natural value of a column that is >= 0, all numbers held.

        Raises
        ------
        Infeasible
            Where there is no plan.
        OutOfTimeError
        """
        solver, unit = self.engine.master.solver, float(self.engine.program.column_unit[column])
        self._release((), (), ())
        solver.cost_columns(np.array([column]), np.array([sign]))
        ceiling = 1.0
        try:
            while True:
                self._ceiling(ceiling if sign > 0.0 else 0.0)
                value = self._solve()
                if value is None:
                    raise Infeasible("no plan meets all requirements")
                if sign < 0.0 or value[column] < ceiling:
                    return float(value[column]) * unit
                ceiling *= 16.0
        finally:
            solver.cost_columns(np.array([column]), np.zeros(1))
            self._ceiling(0.0)

    def _ceiling(self, amount: float) -> None:
        """Lower the objective by a constant: a search for a change ends where the objective reaches 0."""
        solver = self.engine.master.solver
        if self._constant is None:
            empty = sparse.csc_array((solver.rows, 1))
            self._constant = solver.add_columns(empty, np.zeros(1), np.ones(1), np.ones(1))
        solver.cost_columns(self._constant, np.array([-amount]))

    def possible(self, open_: Collection[int]) -> bool:
        """Whether a plan exists once the ``open_`` numbers may change as far as they like."""
        return self._least((), open_) is not None

    def _least(self, open_: Collection[int], free: Collection[int]) -> Floats | None:
        """A solution of least change at the plan known so far."""
        self._release((), open_, free)
        value = self._solve()
        if value is not None or self.engine.refiner.complete:
            return value
        held = [number for number in range(len(self.gives)) if number not in open_ and number not in free]
        self._release(held, (), [*open_, *free])
        value = self._solve()
        if value is None or float(self._weighted(value)[held].sum()) > RESTORED:
            return None
        self._release((), open_, free)
        return self._solve()

    def _release(self, punished: Collection[int], open_: Collection[int], free: Collection[int]) -> None:
        """Let numbers change: ``punished`` and ``open_`` at their cost, ``free`` at none; the rest are fixed."""
        upper, cost = np.zeros(len(self.gives)), np.zeros(len(self.gives))
        for number in (*punished, *open_):
            upper[number], cost[number] = self.movable.most[number], -self.weights[number]
        for number in free:
            upper[number] = np.inf if self.movable.tangents[number] else self.movable.most[number]
        self.movable.bound(np.zeros(len(upper)), upper)
        self.engine.master.solver.cost_columns(self.movable.columns, cost)

    def _solve(self) -> Floats | None:
        engine = self.engine
        engine.refiner.frozen = self._free_cells
        root = engine.refiner.converge(self.deadline, gap=self.gap, prove=self.prove)
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
        search.run(bound, self.deadline, gap=self.gap)
        if search.best is None and self.deadline.passed:
            raise OutOfTimeError
        return None if search.best is None else search.best.value

    def _weighted(self, value: Floats) -> Floats:
        return np.asarray(value[self.movable.columns] * self.weights)

    def _attained(self, value: Floats, open_: Collection[int]) -> tuple[dict[int, float], bool]:
        """The changes that a solution stands for, and whether its shares are exact; their plan is moved to it."""
        values = Values(self.engine.ledger, self.engine.master, value)
        movable = self.movable
        changes: dict[int, float] = {}
        exact = True
        for number in open_:
            change = max(0.0, float(value[movable.columns[number]] * movable.units[number]))
            if movable.tangents[number]:
                attained = movable.short(values, number)
                exact &= abs(attained - change) <= _EXACT * max(1.0, abs(self.gives[number].stated))
                movable.follow(values, number, attained)
                change = attained
            if change * self.weights[number] / movable.units[number] > RESTORED:
                changes[number] = change
        return changes, exact
