"""Equity against CVaR where treatments adapt to more shock scenarios than one program holds.

The floor on CVaR is a row of the program of the commitments. Cuts say what shock scenarios earn at any commitments,
whatever the floor is: all of them, and all commitments met, serve at every point.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from allocator.evaluation import Judge
from allocator.solving.deadline import Deadline
from allocator.solving.decomposition import Decomposition
from allocator.solving.limits import Subject
from allocator.solving.neighbours import Neighbours
from allocator.solving.points import Point, checked_point, highest_cvar, judged
from allocator.solving.recourse import decomposed


class CvarSweep:
    """As :class:`Sweep`, by decomposition, against CVaR."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.judge, self._current = judged(subject)

    @cached_property
    def _found(self) -> Decomposition:
        """The decomposition, begun with the commitments of the mean-value problem."""
        deadline = self._deadline()
        neighbours = Neighbours(self.subject.scenario, self._current, None, deadline)
        found = decomposed(neighbours)
        found.ask_for(None)
        neighbours.try_out_mean(found)
        return found

    def loose(self) -> tuple[Point, float]:
        """The best plan without the floor, and its CVaR."""
        point = self._point(None)
        assert point.cvar is not None, "shocks were asked for"
        return replace(point, limit=point.cvar), point.cvar

    def tight(self, loose: float) -> float:
        """The highest CVaR that some plan reaches, to the gap; ``loose`` is reached."""
        return max(loose, highest_cvar(self.subject, self.judge, self._current))

    def outline(self, limits: Sequence[float]) -> None:
        """Nothing: each point begins with what the others found out."""

    def at(self, limit: float) -> Point:
        """The best plan at one floor; raises Infeasible where there is none."""
        return self._point(limit)

    def _deadline(self) -> Deadline:
        return Deadline.after(self.subject.scenario.solver.time_limit)

    def _point(self, limit: float | None) -> Point:
        started, deadline, found = time.perf_counter(), self._deadline(), self._found
        found.ask_for(limit)
        return found_point(found, self.subject, self.judge, limit, deadline, started)


def found_point(
    found: Decomposition, subject: Subject, judge: Judge, limit: float | None, deadline: Deadline, started: float
) -> Point:
    """The point that a decomposition finds, asked for at a value of the limit.

    Raises
    ------
    Infeasible, StoppedWithoutPlan, InternalError
    """
    bound = found.run(deadline, gap=subject.scenario.solver.gap)
    plan, _ = found.plan(deadline)
    money = found.commitments.engine.program.money
    return checked_point(
        judge.verdict(subject.at(limit), plan),
        plan,
        limit=limit,
        equity=found.best.objective * money,
        bound=max(bound, found.best.objective) * money,
        seconds=time.perf_counter() - started,
    )
