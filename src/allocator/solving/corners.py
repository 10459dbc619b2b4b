"""A frontier of a linear program from a few of its corners, where treatments are priced.

At a price of the limit, the best of equity less what giving way costs is a corner of the frontier; and as no
treatment is missing at the prices there, a line of that slope lies above the whole frontier. The frontier is concave:
between two corners, customers shared out between their plans keep the limit in between and lie on the chord. So it
lies between chords and lines, and new corners are looked for, at the slope of a chord, until the two are within the
gap of each other wherever a point is asked for (the sandwich method; Rote, 1992, "The convergence rate of the sandwich
algorithm for approximating convex functions", Computing 48). Efforts change little from a corner to the next: the first
treatments are priced at the mean of the prices of its neighbours, and simplex goes on from one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from allocator.formulation.instance import Floats
from allocator.solving.deadline import Deadline
from allocator.solving.highs import LpAnswer, Outcome
from allocator.solving.refine import Converged
from allocator.solving.solve import Engine

_REFINED = 0.3
"""Part of the gap to which treatments are looked for at a corner, and to which it is proven that none is missing: the
rest is for what lies between corners."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line above the whole frontier: a bound where the limit gives way by ``at``, and its slope; scaled."""

    at: float
    bound: float
    slope: float

    def over(self, at: float) -> float:
        """The bound at another place."""
        return self.bound + self.slope * (at - self.at)


@dataclass(frozen=True, slots=True)
class Corner:
    """The best where the limit gives way by ``at`` (scaled), at a price of the limit; ``basis`` to come back to."""

    at: float
    objective: float
    price: float
    answer: LpAnswer
    basis: highspy.HighsBasis


def proven(engine: Engine, answer: LpAnswer, deadline: Deadline, allowed: float) -> Converged:
    """A solution that treatments were looked for quickly at, with the proof that none is missing."""
    refiner = engine.refiner
    added, excess = refiner.prove(answer, allowed, deadline)
    if added:
        return refiner.converge(deadline, gap=_REFINED * engine.scenario.solver.gap)
    bound = answer.objective + excess
    return Converged(answer, bound, rounds=1, own=bound)


class Corners:
    """The corners known of a frontier, from the tight end to the loose one.

    ``column`` says by how much the limit gives way; ``lines`` are those known so far, and are added to; ``deadline``
    is that of a solve that begins now.
    """

    def __init__(self, engine: Engine, column: int, lines: list[Line], deadline: Callable[[], Deadline]) -> None:
        self._engine, self._column, self._lines, self._deadline = engine, column, lines, deadline
        self._found: list[Corner] = []

    def find(self, loose: Corner, places: Sequence[float]) -> None:
        """Find corners until chords and lines are within the gap of each other at all ``places``, the tightest first.

        Where time runs out before, or there are as many corners as places, some places remain too far apart.
        """
        tight = self._corner((places[0], places[0]), 0.0)
        if tight is None:
            return
        self._found = [tight, loose]
        for _ in places:
            apart = [self._apart(place) for place in places]
            if max(apart) <= 0.0:
                return
            corner = self._between(float(places[int(np.argmax(apart))]))
            if corner is None:
                return
            self._found = _hull([*self._found, corner])

    def mixed(self, place: float) -> tuple[float, Floats] | None:
        """Objective and solution on the chord; None where that is not within the gap of the lines."""
        if not self._found or self._apart(place) > 0.0:
            return None
        low, high, share = self._around(place)
        value = np.zeros(self._engine.master.solver.columns)
        value[: len(low.answer.value)] = (1.0 - share) * low.answer.value
        value[: len(high.answer.value)] += share * high.answer.value
        return (1.0 - share) * low.objective + share * high.objective, value

    def bound(self, place: float) -> float:
        """No plan is better there."""
        return min((line.over(place) for line in self._lines), default=np.inf)

    # Parts --------------------------------------------------------------------------------------------

    def _around(self, place: float) -> tuple[Corner, Corner, float]:
        """The corners on both sides of a place, and how far it is from the first to the second."""
        number = int(np.searchsorted([corner.at for corner in self._found[1:-1]], place))
        low, high = self._found[number], self._found[number + 1]
        return low, high, min(max((place - low.at) / (high.at - low.at), 0.0), 1.0)

    def _apart(self, place: float) -> float:
        """By how much more than the gap lines are above the chord (scaled)."""
        low, high, share = self._around(place)
        chord = (1.0 - share) * low.objective + share * high.objective
        return self.bound(place) - chord - self._allowed(chord)

    def _allowed(self, objective: float) -> float:
        return self._engine.scenario.solver.gap * self._engine.search.size_of(objective)

    def _between(self, place: float) -> Corner | None:
        """The corner at the slope of the chord over a place; None where time ran out."""
        low, high, _ = self._around(place)
        price = (high.objective - low.objective) / (high.at - low.at)
        self._engine.master.solver.restore(low.basis)
        self._enter(low, high, price)
        return self._corner((self._found[0].at, self._found[-1].at), price)

    def _enter(self, low: Corner, high: Corner, price: float) -> None:
        """Append treatments that are good at the mean of the prices of two corners that comes to ``price``."""
        share = (price - high.price) / (low.price - high.price) if low.price > high.price else 0.5
        share = min(max(share, 0.0), 1.0)
        dual = share * low.answer.dual + (1.0 - share) * high.answer.dual
        answer = LpAnswer(Outcome.OPTIMAL, low.objective, low.answer.value, dual)
        self._engine.refiner.enter(answer, _REFINED * self._allowed(low.objective))

    def _corner(self, within: tuple[float, float], price: float) -> Corner | None:
        """The corner at a price, where the limit gives way by no less and no more than ``within``; None where time
        ran out."""
        engine, deadline = self._engine, self._deadline()
        solver, here = engine.master.solver, np.array([self._column])
        solver.bound_columns(here, *(np.array([end]) for end in within))
        solver.cost_columns(here, np.array([-price]))
        try:
            gap = engine.scenario.solver.gap
            found = engine.refiner.converge(deadline, gap=_REFINED * gap, prove=False, thorough=False, primal=True)
            if found.solved:
                found = proven(engine, found.answer, deadline, _REFINED * self._allowed(found.answer.objective))
            solution = solver.highs.getSolution()
            if not found.solved or not solution.dual_valid or deadline.passed:
                return None
            at = float(found.answer.value[self._column])
            objective, slope = found.answer.objective + price * at, price + float(solution.col_dual[self._column])
            self._lines.append(Line(at, found.own + price * at, slope))
            return Corner(at, objective, slope, found.answer, solver.basis())
        finally:
            solver.cost_columns(here, np.zeros(1))


def _hull(corners: list[Corner]) -> list[Corner]:
    """The corners that no two others lie above, in order."""
    hull: list[Corner] = []
    for corner in sorted(corners, key=lambda one: (one.at, one.objective)):
        while hull and _below(hull[-1], hull[-2] if len(hull) > 1 else None, corner):
            hull.pop()
        hull.append(corner)
    return hull


def _below(corner: Corner, before: Corner | None, after: Corner) -> bool:
    """Whether a corner lies on or below what its neighbours say: their chord, or a corner at the same place."""
    if after.at <= corner.at:
        return True
    if before is None:
        return False
    rise = (corner.objective - before.objective) * (after.at - before.at)
    return rise <= (after.objective - before.objective) * (corner.at - before.at)
