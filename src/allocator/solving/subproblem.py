"""One shock scenario at given commitments: its best treatments, and how its equity changes with the commitments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from allocator.domain.errors import Infeasible, StoppedWithoutPlan
from allocator.formulation.build import build
from allocator.formulation.compile import Program, compile_program
from allocator.formulation.instance import Floats, Instance, Ints
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Moved
from allocator.solving.answers import LpAnswer, Outcome
from allocator.solving.built import Frame
from allocator.solving.customers import most_reachable
from allocator.solving.deadline import Deadline
from allocator.solving.elastic import FEASIBLE
from allocator.solving.extract import given
from allocator.solving.refine import Converged
from allocator.solving.solve import Engine
from allocator.solving.treatments import Treatments

Commitments = Mapping[str, float]
"""What is decided now, by the name of its variable, in natural units."""


KEPT_CELLS = 40_000
"""Cells of segments, periods and shock scenarios whose programs are kept in memory, warm; beyond, they are built
again at each use."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A bound that is linear in the commitments x: most + slopes (x - at), in the program's unit of money.

    On the equity of the shock scenario; or, where no treatments keep its limits ``at`` these commitments, on
    minus the least slack that they need, which must reach 0.
    """

    at: Commitments
    most: float
    slopes: Commitments
    feasible: bool
    value: float
    """What treatments at hand reach; the bound is proven over all treatments."""


def reweighted(program: Program, ledger: Ledger, instance: Instance) -> Program:
    """The program of a scenario without shocks, with the shocks of ``instance`` on what customers earn.

    Its bounds are its own, for commitments are held by them.
    """
    objective, accounts = program.objective.copy(), program.account_objective.copy()
    factor = instance.mean_factor
    numbers = program.accounts.get(("margin", 0, 0.0), np.full(factor.shape, -1))
    there = numbers >= 0
    accounts[numbers[there]] *= factor[there]
    for segment, variable in ledger.final.items():
        column = program.column(variable)
        if column is not None:
            objective[column] *= factor[segment, -1]
    own = replace(program, lower=program.lower.copy(), upper=program.upper.copy())
    return replace(own, objective=objective, account_objective=accounts)


def hold(engine: Engine, point: Commitments) -> None:
    """Hold commitments as they are given, in an engine that leaves what is about them alone to others; what is
    infinite is free."""
    names, columns = _columns(engine)
    at = np.array([point[name] for name in names]) / engine.program.column_unit[columns]
    lower, upper = np.where(np.isinf(at), -np.inf, at), at
    engine.held = True
    # The program is told, too, for a search restores columns to its bounds.
    engine.program.lower[columns], engine.program.upper[columns] = lower, upper
    engine.master.solver.bound_columns(columns, lower, upper)


class Subproblem:
    """A shock scenario; ``build`` makes its engine, on the ledger given. Unless it is to ``stay``, the engine is let go
    after each use and only the treatments in use are remembered."""

    def __init__(self, build: Callable[[], Engine], ledger: Ledger, *, stay: bool) -> None:
        self._build = build
        self.ledger = ledger
        self._stay = stay
        self._engine: Engine | None = None
        self._known: Treatments | None = None

    def remember(self, treatments: Treatments) -> None:
        """Begin with these treatments."""
        self._known = treatments

    def at(self, point: Commitments, deadline: Deadline, *, gap: float) -> Cut:
        """Solve at the commitments ``point``; no treatment that is missing is worth more than ``gap`` (relative).

        Raises
        ------
        StoppedWithoutPlan
            If time is up before the bound is proven.
        """
        engine = self.open(point)
        solved = engine.refiner.converge(deadline, gap=gap)
        feasible = solved.answer.outcome is Outcome.OPTIMAL
        if solved.answer.outcome in (Outcome.INFEASIBLE, Outcome.UNBOUNDED_OR_INFEASIBLE):
            solved, feasible = _least_slack(engine, deadline, gap)
        if solved.answer.outcome is not Outcome.OPTIMAL:
            raise StoppedWithoutPlan("the time limit was reached before any plan was found")
        cut = _cut(engine, point, solved, feasible)
        self._rest(engine, solved.answer.value)
        return cut

    def solution(self, point: Commitments, deadline: Deadline, *, gap: float) -> tuple[Engine, LpAnswer] | None:
        """The engine and its solution at the commitments ``point``; None where no treatments keep the limits.

        Raises
        ------
        StoppedWithoutPlan
            If time is up before.
        """
        engine = self.open(point)
        solved, feasible = engine.refiner.converge(deadline, gap=gap, prove=False), True
        if solved.answer.outcome in (Outcome.INFEASIBLE, Outcome.UNBOUNDED_OR_INFEASIBLE):
            solved, feasible = _least_slack(engine, deadline, gap)
        if solved.answer.outcome is not Outcome.OPTIMAL:
            raise StoppedWithoutPlan("the time limit was reached before any plan was found")
        return (engine, solved.answer) if feasible else None

    def whole(self, point: Commitments, deadline: Deadline, *, gap: float) -> tuple[Engine, LpAnswer] | None:
        """The same where some of what adapts is whole: solved to a ``gap``.

        Raises
        ------
        StoppedWithoutPlan
        """
        engine = self.open(point)
        try:
            best, _ = engine.answer(deadline, gap=gap)
        except Infeasible:
            return None
        return engine, replace(best.local, objective=best.objective, value=best.value)

    def open(self, point: Commitments) -> Engine:
        """The engine with commitments held."""
        engine = self._engine
        if engine is None:
            engine = self._build()
            detach(engine)
            if self._known is not None:
                engine.master.add(self._known)
        hold(engine, point)
        self._engine = engine if self._stay else None
        return engine

    def _rest(self, engine: Engine, value: Floats) -> None:
        if not self._stay:
            self._known = given(engine.master, value)[0]


def subproblems(base: Instance, *, kept: int = KEPT_CELLS, moves: Moved | None = None) -> list[Subproblem]:
    """A program for each shock scenario, on one compiled program; those of the first ``kept`` cells stay in memory."""
    assert base.shocks is not None, "checked with the input"
    count = len(base.shocks.names)
    calm = base.standing().branches[0]
    alike = base.shocks.keep_factor is None
    branches = [calm] if alike else [base.alone(number) for number in range(count)]
    ledger = build(calm, lambda: np.max([most_reachable(branch) for branch in branches], axis=0), moves=moves)
    program = compile_program(ledger)

    def engine(number: int) -> Engine:
        instance = base.alone(number)
        frame = Frame(ledger, reweighted(program, ledger, instance))
        return Engine(base.scenario, instance=instance, frame=frame)

    stay = kept // max(1, len(base.segments) * base.horizon)
    return [Subproblem(partial(engine, number), ledger, stay=number < stay) for number in range(count)]


def _columns(engine: Engine) -> tuple[list[str], Ints]:
    """Names and columns of the commitments."""
    found = [(variable.name, engine.program.column(variable)) for variable in engine.ledger.stages.commitments]
    there = [(name, column) for name, column in found if column is not None]
    return [name for name, _ in there], np.array([column for _, column in there], dtype=np.int64)


def detach(engine: Engine) -> None:
    """Take out what is about commitments alone, curves of channels among them: who commits keeps it."""
    engine.lines.channels.clear()
    program, first = engine.program, engine.program.first_lazy
    adapting = np.ones(program.matrix.shape[1], dtype=bool)
    adapting[_columns(engine)[1]] = False
    touched = np.asarray(abs(program.matrix[:, adapting]).sum(axis=1)).ravel()
    posted = np.asarray(abs(program.account_matrix).sum(axis=1)).ravel()
    rows = np.flatnonzero((touched + posted)[:first] == 0.0)
    engine.master.solver.bound_rows(rows, np.full(len(rows), -np.inf), np.full(len(rows), np.inf))


def _least_slack(engine: Engine, deadline: Deadline, gap: float) -> tuple[Converged, bool]:
    """(solution, whether treatments that keep the limits were found after all)."""
    engine.elastic.open()
    try:
        slack = engine.refiner.converge(deadline, gap=0.0)
    finally:
        engine.elastic.close()
    if slack.answer.outcome is Outcome.OPTIMAL and slack.answer.objective < -FEASIBLE:
        return slack, False
    return engine.refiner.converge(deadline, gap=gap), True


def _cut(engine: Engine, point: Commitments, solved: Converged, feasible: bool) -> Cut:
    program, answer = engine.program, solved.answer
    names, columns = _columns(engine)
    most = solved.own
    if not np.isfinite(most):
        most = answer.objective + engine.refiner.prove(answer, 0.0)[1]
    costs = program.objective[columns] if feasible else np.zeros(len(columns))
    reduced = costs - np.asarray(program.matrix[:, columns].T @ answer.dual[: len(program.row_lower)])
    free = np.array([np.isinf(point[name]) for name in names], dtype=bool)
    slopes = np.where(free, 0.0, reduced / program.column_unit[columns])
    constant = program.constant if feasible else 0.0
    return Cut(
        at=point,
        most=most + constant,
        slopes=dict(zip(names, slopes.tolist(), strict=True)),
        feasible=feasible,
        value=answer.objective + constant,
    )
