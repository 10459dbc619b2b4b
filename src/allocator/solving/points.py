"""The points of a frontier: the best plan at a value of a limit, as the evaluation finds it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.evaluation import Judge, Verdict
from allocator.solving.confirmed import confirm
from allocator.solving.limits import Subject
from allocator.solving.recourse import best_plan


@dataclass(frozen=True, slots=True)
class Point:
    """The best plan at one value of the limit, as the evaluation finds it; all money is discounted to today."""

    limit: float
    plan: Plan
    equity: float
    """Expected customer equity."""
    cvar: float | None
    """None without shocks."""
    cost: float
    bound: float
    """No plan that keeps the limit has more equity."""
    seconds: float


def checked_point(
    found: Verdict, plan: Plan, *, limit: float | None, equity: float, bound: float, seconds: float
) -> Point:
    """The point of a plan that the solver gives ``equity`` and ``bound`` to, as the evaluation finds it.

    Raises
    ------
    InternalError
        If the two differ, or the plan breaks a limit.
    """
    confirm(equity, found.equity, moved=(found.margin, found.cost), broken=found.broken)
    return Point(
        limit=math.nan if limit is None else limit,
        plan=plan,
        equity=found.equity,
        cvar=found.cvar,
        cost=found.cost,
        bound=bound,
        seconds=seconds,
    )


def highest_cvar(subject: Subject, judge: Judge, current: Evaluation | None) -> float:
    """The CVaR of the plan that wants nothing else, found to the gap.

    Raises
    ------
    Infeasible, StoppedWithoutPlan
    """
    free = subject.at(None)
    cautious = free.model_copy(update={"risk": free.risk.model_copy(update={"aversion": 1.0})})
    reached = judge.verdict(cautious, best_plan(cautious, current=current).plan).cvar
    assert reached is not None, "shocks were asked for"
    return reached


def solved_point(subject: Subject, judge: Judge, current: Evaluation | None, limit: float, started: float) -> Point:
    """The best plan at one value of the limit, solved by itself.

    Raises
    ------
    Infeasible, StoppedWithoutPlan, InternalError
    """
    scenario = subject.at(limit)
    found = best_plan(scenario, current=current)
    return checked_point(
        judge.verdict(scenario, found.plan),
        found.plan,
        limit=limit,
        equity=found.objective,
        bound=found.bound,
        seconds=time.perf_counter() - started,
    )


def judged(subject: Subject) -> tuple[Judge, Evaluation | None]:
    """Who evaluates the plans of a sweep, and the current plan evaluated, where there is one."""
    scenario, judge = subject.scenario, Judge(subject.scenario)
    plan = scenario.current_plan
    return judge, None if plan is None else judge.report(scenario, plan)
