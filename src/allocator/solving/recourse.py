"""Plans whose treatments adapt to shocks, and what that is worth."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from allocator.domain.errors import Infeasible
from allocator.domain.evaluation import Evaluation
from allocator.domain.progress import Progress, silent
from allocator.domain.result import RecourseValue
from allocator.domain.scenario import Scenario
from allocator.solving.deadline import Deadline
from allocator.solving.decomposition import Decomposition
from allocator.solving.neighbours import Carried, Method, Neighbours
from allocator.solving.nothing_done import no_effort as idle
from allocator.solving.solve import Engine, solve
from allocator.solving.solved import Solved, status_of
from allocator.solving.subproblem import Commitments
from allocator.solving.wholes import wholes

DERIVED = ("stock[", "answer[")
"""Commitments that follow from spends."""


def solve_recourse(
    scenario: Scenario,
    *,
    current: Evaluation | None = None,
    no_effort: Evaluation | None = None,
    method: Method | None = None,
    progress: Progress = silent,
) -> tuple[Solved, RecourseValue]:
    """Solve a scenario with recourse to its proven gap, and value its plan.

    ``method`` is chosen by size unless given; the decomposition is for scenarios without what is inseparable.

    Raises
    ------
    Infeasible, Unbounded, StoppedWithoutPlan, Intractable
    """
    deadline = Deadline.after(scenario.solver.time_limit)
    neighbours = Neighbours(scenario, current, no_effort, deadline)
    chosen = method or neighbours.method
    solved, carried = _METHODS[chosen](neighbours, progress)
    started = time.perf_counter()
    progress("value", "")
    value = neighbours.value(solved, chosen, carried)
    solved.seconds["value"] = time.perf_counter() - started
    return solved, value


def best_plan(
    scenario: Scenario,
    *,
    current: Evaluation | None = None,
    no_effort: Evaluation | None = None,
    progress: Progress = silent,
) -> Solved:
    """Solve a scenario to its proven gap, with or without recourse, and ask nothing further.

    What no effort gives is worked out where it is needed and not given.

    Raises
    ------
    Infeasible, Unbounded, StoppedWithoutPlan, Intractable
    """
    no_effort = no_effort or idle(scenario)
    if not scenario.risk.recourse:
        return solve(scenario, current=current, no_effort=no_effort, progress=progress)
    neighbours = Neighbours(scenario, current, no_effort, Deadline.after(scenario.solver.time_limit))
    return _METHODS[neighbours.method](neighbours, progress)[0]


def _side_by_side(neighbours: Neighbours, progress: Progress) -> tuple[Solved, Carried]:
    """The extensive form."""
    scenario, deadline = neighbours.scenario, neighbours.deadline
    started = time.perf_counter()
    progress("build", "")
    engine = Engine(scenario, neighbours.current, neighbours.no_effort)
    built = time.perf_counter()
    progress("solve", "")
    best, bound = engine.answer(deadline, gap=scenario.solver.gap)
    pricing = engine.refiner.seconds_pricing
    seconds = {"build": built - started, "solve": time.perf_counter() - built - pricing, "refine": pricing}
    return engine.solved(best, bound, seconds), lambda point: _held(engine, point, deadline)


def decomposed(neighbours: Neighbours) -> Decomposition:
    """The decomposition of a scenario, beginning with what is reached, and the treatments in use, where the shock
    scenario is known.

    Raises
    ------
    Infeasible, StoppedWithoutPlan
    """
    alone = neighbours.alone
    scenario, base = neighbours.scenario, neighbours.base
    found = Decomposition(scenario.risk, base, neighbours.wanted, [each.bound for each in alone])
    for subproblem, each in zip(found.subproblems, alone, strict=True):
        subproblem.remember(each.treatments)
    return found


def _one_by_one(neighbours: Neighbours, progress: Progress) -> tuple[Solved, Carried]:
    """The decomposition; it begins with the commitments of the mean-value problem."""
    scenario, deadline = neighbours.scenario, neighbours.deadline
    started = time.perf_counter()
    progress("build", "")
    found = decomposed(neighbours)
    built = time.perf_counter()
    progress("solve", "")
    mean = neighbours.try_out_mean(found)
    bound = found.run(deadline, gap=scenario.solver.gap)
    plan, prices = found.plan(deadline)
    engine, best = found.commitments.engine, found.best
    money = engine.program.money
    distance = max(0.0, bound - best.objective) / max(abs(best.objective), 1e-9)
    assert best.value is not None, "there is a plan"
    solved = Solved(
        plan=plan,
        objective=best.objective * money,
        bound=max(bound, best.objective) * money,
        gap=distance,
        status=status_of(distance, scenario.solver.gap),
        prices=prices,
        size=found.commitments.size(found.rounds),
        whole=wholes(engine.ledger, engine.master, best.value),
        seconds={"build": built - started, "solve": time.perf_counter() - built, "refine": 0.0},
    )

    def carried(_: Commitments) -> tuple[float, float]:
        if mean is None:
            raise Infeasible("the commitments break a limit")
        return mean[0] * money, mean[1] * money

    return solved, carried


def _held(engine: Engine, point: Commitments, deadline: Deadline) -> tuple[float, float]:
    """Objective and bound (money) with the commitments held; the engine is of no other use afterwards."""
    program = engine.program
    for variable in engine.ledger.stages.commitments:
        column = program.column(variable)
        if column is not None and not variable.name.startswith(DERIVED):
            at = point[variable.name] / program.column_unit[column]
            at = round(at) if program.integer[column] else at
            program.lower[column] = program.upper[column] = np.clip(at, program.lower[column], program.upper[column])
    every = np.arange(len(program.lower))
    engine.master.solver.bound_columns(every, program.lower, program.upper)
    engine.search.best, engine.held = None, True
    engine.refiner.frozen[:] = False
    best, bound = engine.answer(deadline, gap=engine.scenario.solver.gap)
    return engine.natural(best.objective), engine.natural(max(bound, best.objective))


_METHODS: dict[Method, Callable[[Neighbours, Progress], tuple[Solved, Carried]]] = {
    "extensive form": _side_by_side,
    "decomposition": _one_by_one,
}
