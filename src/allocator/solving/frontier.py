"""Equity against one limit: the best plan at each of a row of values of the limit.

One program is built with the limit movable. It is solved without the limit (the loose end), then the least
slack that the limit needs from a value nobody can reach gives the tight end. From there the limit is moved back
step by step, and every solve starts from the basis, the treatments and the whole numbers of the one before: a plan
that keeps a tight limit keeps a looser one. One evaluator checks all plans; tables are made of those that are shown.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocator.domain.errors import Infeasible, StoppedWithoutPlan
from allocator.domain.evaluation import Evaluation
from allocator.domain.progress import Progress, silent
from allocator.domain.scenario import Scenario
from allocator.evaluation import Judge
from allocator.solving.collector import collector_spared
from allocator.solving.cvar_sweep import CvarSweep
from allocator.solving.deadline import Deadline
from allocator.solving.limit_sweep import LimitSweep
from allocator.solving.limits import Subject, subject_of
from allocator.solving.mixing_sweep import MixingSweep
from allocator.solving.neighbours import Neighbours
from allocator.solving.points import Point
from allocator.solving.sweep import SAME, inside

NEAR = 0.005
"""Equity within this share of the best is nearly the best."""


_Sweeping = MixingSweep | CvarSweep | LimitSweep


@dataclass(frozen=True, slots=True)
class Frontier:
    """Points from the loose end of the limit to its tight end."""

    scenario: Scenario
    subject: Subject
    points: tuple[Point, ...]
    impossible: tuple[float, ...]
    """Values of the limit at which there is no plan with whole numbers."""
    unsolved: tuple[float, ...]
    """Values of the limit at which the scenario's time limit passed before any plan was found."""
    seconds_build: float
    judge: Judge

    def evaluation(self, point: Point) -> Evaluation:
        """All results and tables of a point's plan."""
        return self.judge.report(self.subject.at(point.limit), point.plan)

    def table(self) -> pd.DataFrame:
        """One row per point, from the loose end to the tight one.

        Columns: ``point``; ``limit``; ``customer_equity``; ``share_of_best``; ``near_best`` (within 0.5 percent);
        ``price`` (equity given up per unit of the limit since the point before; missing at the first); ``cvar``
        (missing without shocks); ``cost``; ``bound``; ``seconds``; ``plan`` (its folder below `plans`).
        """
        points = self.points
        equity = np.array([point.equity for point in points])
        limit = np.array([point.limit for point in points])
        price = np.full(len(points), math.nan)
        price[1:] = np.abs(np.diff(equity)) / np.abs(np.diff(limit))
        digits = len(str(len(points)))
        return pd.DataFrame(
            {
                "point": range(1, len(points) + 1),
                "limit": limit,
                "customer_equity": equity,
                "share_of_best": equity / equity.max() if equity.max() > 0.0 else np.full(len(points), math.nan),
                "near_best": self.near,
                "price": price,
                "cvar": pd.array([point.cvar for point in points], dtype="Float64"),
                "cost": [point.cost for point in points],
                "bound": [point.bound for point in points],
                "seconds": [point.seconds for point in points],
                "plan": [str(place).zfill(digits) for place in range(1, len(points) + 1)],
            }
        )

    @property
    def near(self) -> tuple[bool, ...]:
        """Which points have equity within ``NEAR`` of the best."""
        best = max(point.equity for point in self.points)
        return tuple(point.equity >= best - NEAR * abs(best) for point in self.points)


def frontier(
    scenario: Scenario,
    *,
    against: str = "cvar",
    points: int = 30,
    progress: Progress = silent,
) -> Frontier:
    """The best equity at ``points`` values of a limit, evenly from where it does not bind to the tightest possible.

    Parameters
    ----------
    scenario
        Checked. Its risk aversion is left out: the limit takes its place.
    against
        ``cvar``, ``budget:NAME`` or ``rule:NAME`` (a rule's name, or its kind).
    points
        How many, at least 2.
    progress
        Told (stage, detail) as work goes on.

    Raises
    ------
    InvalidInput
        If there is no such limit, spend is to be least, or CVaR is asked for without shocks.
    Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        As :func:`allocator.solving.solve`, at the loose end; the time limit is that of each point.
    """
    subject = subject_of(scenario, against)
    started = time.perf_counter()
    progress("build", "")
    sweep = _sweeping(subject)
    built = time.perf_counter() - started
    with collector_spared():
        found, impossible, unsolved = _sweep(sweep, points, progress)
    return Frontier(scenario, subject, tuple(found), tuple(impossible), tuple(unsolved), built, judge=sweep.judge)


def _sweeping(subject: Subject) -> _Sweeping:
    """How the limit is moved: in one program or, where shock scenarios are solved one by one, by decomposition.

    A share is of something else at each of its values: it is moved in one program.
    """
    scenario = subject.scenario
    if not scenario.risk.recourse or Neighbours(scenario, None, None, Deadline()).method == "extensive form":
        return MixingSweep(subject)
    if subject.against == "cvar":
        return CvarSweep(subject)
    return MixingSweep(subject) if subject.share else LimitSweep(subject)


def _sweep(sweep: _Sweeping, points: int, progress: Progress) -> tuple[list[Point], list[float], list[float]]:
    """(Points from the loose end to the tight one, values without a plan, values without a plan in time)."""
    found: list[Point] = []
    impossible: list[float] = []
    unsolved: list[float] = []
    progress("solve", "loose end")
    first, loose = sweep.loose()
    found.append(first)
    if points > 1 and not math.isclose(loose, tight := sweep.tight(loose), rel_tol=SAME):
        limits = np.linspace(loose, inside(loose, tight), points).tolist()[1:]
        progress("solve", "outline")
        sweep.outline(limits[::-1])
        for number, limit in reversed(list(enumerate(limits, start=2))):
            progress("solve", f"point {number} of {points}")
            try:
                found.insert(1, sweep.at(limit))
            except Infeasible:
                impossible.insert(0, limit)
            except StoppedWithoutPlan:
                unsolved.insert(0, limit)
    return _no_tighter_is_better(found), impossible, unsolved


def _no_tighter_is_better(points: Sequence[Point]) -> list[Point]:
    """Each point with the best that its neighbours know.

    A plan that keeps a tight limit keeps a looser one, and what bounds the looser bounds the tighter: within the gap
    either may be better than the point's own.
    """
    found = [points[-1]]
    for point in reversed(points[:-1]):
        best = max(point, found[-1], key=lambda one: one.equity)
        found.append(replace(point, plan=best.plan, equity=best.equity, cvar=best.cvar, cost=best.cost))
    bounds = itertools.accumulate((point.bound for point in points), min)
    return [replace(point, bound=bound) for point, bound in zip(reversed(found), bounds, strict=True)]
