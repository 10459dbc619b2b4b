"""A sweep whose points are mixtures of a few corners, where efforts are continuous and nothing is whole."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace

from allocator.solving.answers import LpAnswer, Outcome
from allocator.solving.corners import Corner, Corners
from allocator.solving.extract import planned
from allocator.solving.lean import Lean
from allocator.solving.limits import Subject
from allocator.solving.points import Point
from allocator.solving.sweep import SAME, Sweep, inside

_STEEP = 10.0
"""The tight end is where a unit more of the limit costs so many times what it costs on average, or ..."""
_SHORT = 1e-2
"""... so large a part of the frontier before the tightest value that any plan keeps. To the very end prices go beyond
all bounds for next to nothing."""
_TRUST = 2.0
"""Treatments worth so many times what may be missing are the last that are looked for towards the tightest value."""


class MixingSweep(Sweep):
    """As :class:`Sweep`; where treatments are priced and nothing is whole, of corners that are found together."""

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        column = int(self.movable.columns[self.number])
        self._corners = Corners(self.engine, column, self._lines, self._deadline)
        self._loose: Corner | None = None
        self._end: Corner | None = None
        self._end_equity = 0.0
        self._shared = 0.0
        """Each point's part of the seconds that all points took together."""

    def loose(self) -> tuple[Point, float]:
        """As :meth:`Sweep.loose`."""
        if not self._smooth() or self.engine.refiner.complete:
            return super().loose()
        self._unbind()
        started = time.perf_counter()
        found = self._corners.loose(float(self.movable.most[self.number]))
        if found is None:
            return super().loose()
        corner, bound = found
        point, limit = self._loose_point(corner.objective, corner.solution.answer.value, bound, started)
        self._loose = replace(corner, at=self._way(limit), price=0.0)
        return point, limit

    def tight(self, loose: float) -> float:
        """As :meth:`Sweep.tight`, a little before that value."""
        end = super().tight(loose)
        if self._loose is None or not self._primal or math.isclose(loose, end, rel_tol=SAME):
            return end
        give = self.movable.gives[self.number]
        self.movable.shift(self.number, end - give.stated)
        tightest, first = self._way(end), self._way(inside(loose, end))
        length = self._loose.at - tightest
        price = _STEEP * (self._loose.objective - self._end_equity) / length
        self._end = self._corners.corner((first, max(first, tightest + _SHORT * length)), price)
        if self._end is None:
            return end
        return float(give.stated + give.direction * self._end.at * self.movable.units[self.number])

    def outline(self, limits: Sequence[float]) -> None:
        """Find plans of which those at the limits, the tightest first, are mixtures within the gap."""
        if self._loose is None or self._end is None:
            return
        started = time.perf_counter()
        self._corners.find(self._end, self._loose, [self._way(limit) for limit in limits])
        self._shared = (time.perf_counter() - started) / len(limits)

    def at(self, limit: float) -> Point:
        """As :meth:`Sweep.at`."""
        started, place = time.perf_counter() - self._shared, self._way(limit)
        mixture = self._corners.mixed(place)
        if mixture is None:
            return super().at(limit)
        engine = self.engine
        plan = planned(engine.ledger, engine.master, mixture.value, mixture.treated, mixture.amount)
        bound = max(mixture.objective, self._corners.bound(place))
        return self._point(limit, mixture.objective, plan, bound, started)

    def _least_slack(self, gap: float) -> LpAnswer:
        if self._loose is None:
            return super()._least_slack(gap)
        refiner, deadline = self.engine.refiner, self._deadline()
        found = Lean(self.engine).converge(
            deadline, allowed=lambda answer: gap * refiner.size(answer), primal=True, trust=_TRUST
        )
        if found is None or refiner.prove(found.answer, gap * refiner.size(found.answer), deadline)[0]:
            answer = super()._least_slack(gap)
        else:
            answer = found.answer
        if answer.outcome is Outcome.OPTIMAL:
            self._end_equity = self.engine.master.worth(answer.value)
        return answer
