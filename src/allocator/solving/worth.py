"""What changing each number of the scenario would be worth: prices, their range, and re-solves.

The program is built once with every stated number movable and starts from the plan found. With its integers
held, the reduced cost of a number's movement is its local price, and the ranging of the optimal basis says how
far the number can move before that price changes. Then the number is moved, everything else is free to adapt,
and the program is solved again, warm.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from allocator.domain.errors import Infeasible, StoppedWithoutPlan
from allocator.domain.evaluation import Evaluation
from allocator.domain.scenario import Scenario
from allocator.formulation.giving import Give
from allocator.solving.deadline import Deadline
from allocator.solving.movable import Movable
from allocator.solving.near_flat import near_flat
from allocator.solving.search import Incumbent
from allocator.solving.solve import Engine
from allocator.solving.solved import Solved
from allocator.solving.values import Values
from allocator.solving.wholes import columns_of, moved_heads

COLUMNS = [
    "requirement",
    "limit",
    "unit",
    "price",
    "holds_from",
    "holds_to",
    "minus_5_percent",
    "minus_1",
    "plus_1",
    "plus_5_percent",
    "note",
]
_STEPS = {"plus_5_percent": (1, 0.05), "minus_5_percent": (-1, 0.05), "plus_1": (1, None), "minus_1": (-1, None)}
"""Sign and share of each change (None: one unit), the most telling first."""
_POINT = 0.01
"""One unit of a share: a percentage point."""
_ONE_WAY = ("periods", "requirement")
"""Units of numbers whose tightening the movable program does not know."""
_WHOLE = ("heads", "hires", "releases", "segments", "channels", "periods", "requirement")
_SECONDS = 300.0
_FINER, _FINEST = 0.1, 1e-7
"""Re-solves are proven to this part of the scenario's gap, and no finer than that."""
_NOISE = 1e-9
"""Gains below this share of the objective are rounding."""
_BASE = 0.25
"""Most of the time that the plan itself may be solved again in."""


@dataclass(slots=True)
class _Row:
    """One stated number, with the gains that were worked out so far."""

    number: int
    give: Give
    cells: dict[str, object]
    notes: dict[str, str] = field(default_factory=dict)
    """Column -> why it is empty, or what it is."""


@dataclass(frozen=True, slots=True)
class _Local:
    """Price of a number at the plan's integers, and how far it may move before the price changes; natural."""

    price: float
    low: float
    high: float


_UNKNOWN = _Local(math.nan, math.nan, math.nan)


class LimitWorth:
    """Re-solves of a scenario around its plan."""

    def __init__(
        self,
        scenario: Scenario,
        solved: Solved,
        current: Evaluation | None,
        no_effort: Evaluation | None,
        deadline: Deadline,
    ) -> None:
        planned = scenario.model_copy(update={"current_plan": solved.plan})
        self.engine = Engine(planned, current, no_effort, relaxable=True)
        self.movable = Movable(self.engine)
        self.movable.start()
        self.deadline = deadline
        gives = set(self.movable.columns.tolist())
        self._whole = any(column not in gives for column in self.engine.master.integer_columns.tolist())
        self._free_cells = self.engine.refiner.frozen
        self._start = columns_of(self.engine.ledger, self.engine.master, solved.whole)
        self._gap = max(_FINEST, _FINER * scenario.solver.gap)
        self.base = self._solve(deadline.part(_BASE))
        self._start = self.base.value
        self._size = self.engine.search.size_of(self.base.objective)

    def table(self) -> pd.DataFrame:
        """One row per stated number, in the columns of ``COLUMNS``.

        ``price`` is the gain in the objective per unit more of the number, with integers held;
        ``holds_from`` and ``holds_to`` are the values of the number between which it holds (missing: no
        end, or efforts are continuous and the price changes gradually). All three are missing where the number
        cannot move with integers held. The other figures are
        gains in the objective after re-solving with the number 5 percent or one unit (of a share: one
        percentage point) lower or higher; for least spend a gain is spend saved. ``note`` says which
        changes leave no plan, and which could not be computed in time or exactly.
        """
        local = self._local_prices()
        rows = [self._row(number, give, local[number]) for number, give in self._in_order()]
        steps = [(turn, row, *step) for row in rows for turn, step in enumerate(_in_turn(row.give))]
        steps.sort(key=lambda step: step[0])  # each number once before any again: time may run out
        for done, (_, row, column, change) in enumerate(steps):
            row.cells[column] = self._gain(row, local[row.number], column, change, len(steps) - done)
        words = ["; ".join(row.notes[column] for column in COLUMNS if column in row.notes) for row in rows]
        return pd.DataFrame(
            [{**row.cells, "note": note} for row, note in zip(rows, words, strict=True)], columns=COLUMNS
        )

    def _in_order(self) -> list[tuple[int, Give]]:
        """Every number once, the scenario's first."""
        once = {give.path: (number, give) for number, give in reversed(list(enumerate(self.movable.gives)))}
        return sorted(once.values(), key=lambda entry: (entry[1].path[0] == "model", entry[0]))

    def _row(self, number: int, give: Give, local: _Local) -> _Row:
        row: dict[str, object] = {"requirement": give.requirement, "limit": give.stated, "unit": give.unit}
        if give.unit not in _ONE_WAY and not self.engine.refiner.complete:
            row["price"] = local.price
        elif give.unit not in _ONE_WAY and local.low < local.high:
            holds = {"holds_from": _finite(give.stated + local.low), "holds_to": _finite(give.stated + local.high)}
            row |= {"price": local.price, **holds}
        return _Row(number, give, row)

    def _gain(self, row: _Row, local: _Local, column: str, change: float, steps: int) -> float:
        """Gain by one change, in the time that is left to it where so many ``steps`` are to be done."""
        words = column.replace("_", " ")
        if local.low <= change <= local.high and self._known(row.number, change, local):
            return local.price * change + 0.0
        if self.deadline.passed:
            row.notes[column] = f"{words}: no time left"
            return math.nan
        self.movable.shift(row.number, change)
        try:
            deadline = self.deadline.part(1.0 / steps)
            engine, path = self.engine, row.give.path
            stands = path[0] == "model" and path[-1] == "headcount"
            following = (
                moved_heads(engine.ledger, engine.program, str(path[2]), change, self._start) if stands else [{}]
            )
            found = self._solve(deadline, following)
        except Infeasible:
            row.notes[column] = f"{words}: no plan"
            return math.nan
        except StoppedWithoutPlan:
            row.notes[column] = f"{words}: no time left"
            return math.nan
        finally:
            self.movable.shift(row.number, 0.0)
        if deadline.passed:
            row.notes[column] = f"{words}: stopped early, at least this"
        self._measure_again()
        gain = found.objective - self.base.objective
        return gain * self.engine.program.money if abs(gain) > _NOISE * self._size else 0.0

    def _known(self, number: int, change: float, local: _Local) -> bool:
        """Whether the local price says it all: in a linear program, and where a limit is tightened that is slack."""
        slack = local.price == 0.0
        tighter = self.movable.gives[number].direction * change < 0.0
        linear = self.engine.refiner.complete and not self.engine.lines.channels
        return slack and tighter if self._whole else slack or linear

    def _solve(self, deadline: Deadline, following: Sequence[Mapping[int, float]] = ({},)) -> Incumbent:
        """The best plan as the numbers stand now, from the integers of the plan found; with them where time ends.

        ``following`` is as for :meth:`_polish`.
        """
        self._polish(deadline, following)
        polished = self.engine.search.best
        if polished is not None and (not self._whole or deadline.passed):
            return polished
        try:
            best, _ = self.engine.solve(deadline, gap=self._gap)
        except StoppedWithoutPlan:
            if polished is None:
                raise
            return polished
        return best

    def _polish(self, deadline: Deadline, following: Sequence[Mapping[int, float]] = ({},)) -> None:
        """Hold the integers of the plan found, moved in each of several ways, and let everything else adapt; nothing
        where that leaves no plan."""
        engine = self.engine
        engine.search.best = None
        engine.refiner.frozen = self._free_cells
        for moves in () if engine.uniform.cells else following:
            start = np.zeros(engine.master.solver.columns)
            start[: len(self._start)] = self._start
            start[self.movable.columns] = engine.program.lower[self.movable.columns]
            for column, by in moves.items():
                start[column] += by
            engine.search.hold_and_polish(start, deadline)

    def _measure_again(self) -> None:
        """Let the base have the treatments that a re-solve found, so that it is not behind for want of them."""
        if not self.engine.refiner.complete:
            self._polish(self.deadline)
            again = self.engine.search.best
            if again is not None and again.objective > self.base.objective:
                self.base = again

    # Local prices -------------------------------------------------------------------------------------

    def _local_prices(self) -> list[_Local]:
        """Price and range of every number, with the integers of the base held."""
        engine, movable = self.engine, self.movable
        values = Values(engine.ledger, engine.master, self.base.local.value)
        for number in range(len(movable.gives)):
            movable.follow(values, number, 0.0)
        columns = engine.master.integer_columns
        columns = columns[columns < len(self.base.value)]
        at = np.round(self.base.value[columns])
        engine.master.solver.bound_columns(columns, at, at)
        try:
            answer = engine.refiner.converge(self.deadline, gap=1e-9)
            if not answer.solved:
                return [_UNKNOWN] * len(movable.gives)
            return list(self._ranging())
        finally:
            engine.master.solver.bound_columns(columns, *engine.master.bounds(columns))
            movable.start()

    def _ranging(self) -> Iterator[_Local]:
        """Prices and ranges at the program's optimal basis.

        Where treatments are priced the basis, and the price with it, changes with every little move: there is
        no range to speak of.
        """
        highs, movable = self.engine.master.solver.highs, self.movable
        solution = highs.getSolution()
        if not solution.dual_valid:  # time ran out with treatments just added, or in the midst of a solve
            yield from [_UNKNOWN] * len(movable.gives)
            return
        gain = np.array(solution.col_dual)[movable.columns] / movable.units * self.engine.program.money
        _, ranging = highs.getRanging()
        down, up = np.zeros(len(gain)), np.zeros(len(gain))
        if self.engine.refiner.complete and ranging.valid:
            down = np.array(ranging.col_bound_dn.value_)[movable.columns] * movable.units
            up = np.array(ranging.col_bound_up.value_)[movable.columns] * movable.units
        for give, price, low, high in zip(movable.gives, gain.tolist(), down.tolist(), up.tolist(), strict=True):
            ends = (low, high) if give.direction > 0 else (-high, -low)
            yield _Local(give.direction * price + 0.0, min(ends[0], 0.0), max(ends[1], 0.0))


def _finite(value: float) -> float:
    """Missing where a range has no end."""
    return value if math.isfinite(value) else math.nan


def limit_worth(
    scenario: Scenario,
    solved: Solved,
    evaluation: Evaluation,
    *,
    current: Evaluation | None = None,
    no_effort: Evaluation | None = None,
    seconds: float | None = None,
) -> dict[str, pd.DataFrame]:
    """The tables `relaxation` (:meth:`LimitWorth.table`) and `ranges` (:func:`near_flat`) of a solved scenario.

    ``seconds`` bounds the time of both together (default 300), half of it for the first. What there is no
    time for is missing.
    """
    deadline = Deadline.after(_SECONDS if seconds is None else seconds)
    half = Deadline.after(0.5 * deadline.left)
    try:
        relaxation = LimitWorth(scenario, solved, current, no_effort, half).table()
    except StoppedWithoutPlan:
        relaxation = pd.DataFrame(columns=COLUMNS)
    ranges = near_flat(scenario, solved, evaluation, current=current, no_effort=no_effort, deadline=deadline)
    return {"relaxation": relaxation, "ranges": ranges}


def _in_turn(give: Give) -> Iterator[tuple[str, float]]:
    """(column, change) of the re-solves of one number, the most telling first."""
    whole = give.whole or give.unit in _WHOLE
    for column, (sign, share) in _STEPS.items():
        if give.unit in _ONE_WAY and sign != give.direction:
            continue
        change = share * abs(give.stated) if share else _POINT if give.unit == "share" else 1.0
        change = math.floor(change + 1e-9) if whole else change
        if change and give.stated + sign * change >= 0.0:
            yield column, sign * change
