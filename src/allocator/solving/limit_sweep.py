"""Equity against a budget or a rule where treatments adapt to more shock scenarios than one program holds.

How far the limit is moved is a commitment: a variable of the program of the commitments, given to every shock
scenario. So a cut says how the equity of a shock scenario changes with the limit, too, and holds at all its values;
and commitments that keep a tight limit keep a looser one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from allocator.formulation.limit import Moved
from allocator.solving.commitments import MOVED
from allocator.solving.cvar_sweep import found_point
from allocator.solving.deadline import Deadline
from allocator.solving.decomposition import Decomposition
from allocator.solving.limits import Subject
from allocator.solving.neighbours import Neighbours
from allocator.solving.points import Point, judged
from allocator.solving.search import POLISH
from allocator.solving.sweep import FAR
from allocator.solving.values import Values

_REACHED = 1e-3
"""A floor that is kept to this part of it may be kept at higher values, too."""


class LimitSweep:
    """As :class:`Sweep`, by decomposition, against a limit that is no share."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.judge, self._current = judged(subject)

    @cached_property
    def _found(self) -> Decomposition:
        """The decomposition, begun with what is reached in each shock scenario without the limit."""
        scenario, stated = self.subject.scenario, self.subject.stated
        free = Neighbours(self.subject.at(None), self._current, None, self._deadline())
        asked = Neighbours(scenario, self._current, None, self._deadline())
        moves = Moved(self.subject.path, abs(stated) or 1.0, self.subject.direction)
        found = Decomposition(scenario.risk, asked.base, asked.wanted, [each.bound for each in free.alone], moves)
        for subproblem, each in zip(found.subproblems, free.alone, strict=True):
            subproblem.remember(each.treatments)
        return found

    def loose(self) -> tuple[Point, float]:
        """The best plan without the limit, and the tightest value of the limit that it keeps."""
        point = self._point(None)
        kept = list(self._kept())
        limit = (max if self.subject.direction > 0 else min)(kept) if kept else self.subject.stated
        return replace(point, limit=limit), limit

    def tight(self, loose: float) -> float:
        """The tightest value of the limit that some plan keeps, whole numbers apart; ``loose`` is kept."""
        stated, deadline = self.subject.stated, self._deadline()
        far = 0.0 if self.subject.direction > 0 else stated + FAR * max(abs(stated), abs(loose), 1.0)
        while True:
            start = {**self._found.best.point, MOVED: loose - stated}
            kept = stated + self._found.tightest(start, far - stated, deadline)
            if self.subject.direction > 0 or kept < far - _REACHED * abs(far) or deadline.passed:
                return kept
            far *= FAR

    def outline(self, limits: Sequence[float]) -> None:
        """Nothing: each point begins with what the others found out."""

    def at(self, limit: float) -> Point:
        """The best plan at one value of the limit; raises Infeasible where there is none."""
        return self._point(limit)

    def _kept(self) -> Iterator[float]:
        """The tightest value of the limit that the plan at hand keeps, row by row."""
        found, stated = self._found, self.subject.stated
        for subproblem in found.subproblems:
            solution = subproblem.solution(found.best.point, self._deadline(), gap=POLISH)
            assert solution is not None, "treatments were found there"
            engine, answer = solution
            values = Values(engine.ledger, engine.master, answer.value)
            for limit, terms in engine.ledger.stages.moved:
                yield stated + (values.of(terms) - limit.limit) / limit.rate

    def _deadline(self) -> Deadline:
        return Deadline.after(self.subject.scenario.solver.time_limit)

    def _point(self, limit: float | None) -> Point:
        started, deadline, found = time.perf_counter(), self._deadline(), self._found
        found.move(
            math.inf if limit is None else limit - self.subject.stated, deadline, gap=self.subject.scenario.solver.gap
        )
        return found_point(found, self.subject, self.judge, limit, deadline, started)
