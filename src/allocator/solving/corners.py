"""A frontier of a linear program from a few of its corners, where treatments are priced.

At a price of the limit, the best of equity less what giving way costs is a corner of the frontier; and as no
treatment is missing at the prices there, a line of that slope lies above the whole frontier. The frontier is concave:
between two corners, customers shared out between their plans keep the limit in between and lie on the chord. So it
lies between chords and lines, and new corners are looked for, at the slope of a chord, until the two are within the
gap of each other wherever a point is asked for (the sandwich method; Rote, 1992, "The convergence rate of the sandwich
algorithm for approximating convex functions", Computing 48). About what a line comes to is known from treatments found
quickly: corners are found first, and then only those lines are proven that are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.formulation.instance import Floats
from allocator.solving.answers import LpAnswer
from allocator.solving.deadline import Deadline
from allocator.solving.extract import merged
from allocator.solving.lean import Lean, Solution
from allocator.solving.solve import Engine
from allocator.solving.treatments import Treatments

_REFINED = 0.5
"""Part of the gap to a part of which treatments are looked for at a corner."""
_TRUST = 4.0
"""Treatments worth so many times that are the last that are looked for at a corner with a price."""
_PROVEN = 0.3
"""Part of the gap to which it is proven at a corner that no treatment is missing."""
_RESERVE = 0.08
"""Part of the gap that is kept for what proofs leave open, which is far less; the rest is for what lies between
corners."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line above the whole frontier: a bound where the limit gives way by ``at``, and its slope; scaled."""

    at: float
    bound: float
    slope: float

    def over(self, at: float) -> float:
        """The bound at another place."""
        return self.bound + self.slope * (at - self.at)


@dataclass(frozen=True, slots=True, eq=False)
class Corner:
    """The best where the limit gives way by ``at`` (scaled), at a price of the limit."""

    at: float
    objective: float
    price: float
    solution: Solution

    @property
    def likely(self) -> Line:
        """About what its line comes to."""
        return self.line(self.solution.worth)

    def line(self, excess: float) -> Line:
        """Its line, where treatments that are missing add no more than ``excess``."""
        return Line(self.at, self.objective + excess, self.price)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Customers shared out between the plans of two corners: objective, values of the program's own columns, and
    treatments [K] with the customers who get them; scaled."""

    objective: float
    value: Floats
    treated: Treatments
    amount: Floats


class Corners:
    """The corners known of a frontier, from the tight end to the loose one.

    ``column`` says by how much the limit gives way; ``lines`` are those known so far, and are added to; ``deadline``
    is that of a solve that begins now.
    """

    def __init__(self, engine: Engine, column: int, lines: list[Line], deadline: Callable[[], Deadline]) -> None:
        self._engine, self._column, self._lines, self._deadline = engine, column, lines, deadline
        self._lean = Lean(engine)
        self._found: list[Corner] = []
        self._unproven: list[Corner] = []

    def loose(self, most: float) -> tuple[Corner, float] | None:
        """The best where giving way, by no more than ``most``, costs nothing, and its bound; None where there is no
        solution yet, or none in time."""
        primal, deadline = False, self._deadline()
        while (corner := self.corner((0.0, most), 0.0, primal=primal)) is not None:
            # Treatments found by the proof are columns then.
            primal, line = True, self._prove(corner, deadline, _REFINED)
            if line is not None or deadline.passed:
                return corner, self.bound(corner.at)
        return None

    def find(self, tight: Corner, loose: Corner, places: Sequence[float]) -> None:
        """Find corners until chords and lines are within the gap of each other at all ``places``, the tightest first.

        Where time runs out before, or there are twice as many corners and proofs as places, some places remain too far
        apart.
        """
        at = np.array(places)
        self._found, self._unproven = [tight, loose], [tight]
        for _ in range(2 * len(at)):
            apart = self._apart(at, [*self._lines, *(corner.likely for corner in self._unproven)], _RESERVE)
            if apart.max() > 0.0:
                corner = self._between(float(at[np.argmax(apart)]))
                if corner is None:
                    return
                self._found = _hull([*self._found, corner])
                self._unproven.append(corner)
                continue
            needed = self._needed(at[self._apart(at, self._lines, 0.0) > 0.0])
            if not needed:
                return
            self._prove_all(needed)

    def corner(self, within: tuple[float, float], price: float, *, primal: bool = True) -> Corner | None:
        """The corner at a price, where the limit gives way by no less and no more than ``within``, from the basis at
        hand, which is feasible if ``primal``; None where there is no solution, or none in time."""
        solver, here = self._engine.master.solver, np.array([self._column])
        solver.bound_columns(here, *(np.array([end]) for end in within))
        solver.cost_columns(here, np.array([-price]))

        def objective(answer: LpAnswer) -> float:
            return answer.objective + price * float(answer.value[self._column])

        def allowed(answer: LpAnswer) -> float:
            return _REFINED * float(self._gap(np.array(objective(answer))))

        try:
            trust = _TRUST if price else 0.0
            found = self._lean.converge(self._deadline(), allowed=allowed, primal=primal, trust=trust)
        finally:
            solver.cost_columns(here, np.zeros(1))
        if found is None:
            return None
        at, slope = float(found.answer.value[self._column]), price + float(found.reduced[self._column])
        return Corner(at, objective(found.answer), slope, found)

    def mixed(self, place: float) -> Mixture | None:
        """The mixture on the chord; None where that is not within the gap of the lines."""
        if not self._found or self._apart(np.array([place]), self._lines, 0.0)[0] > 0.0:
            return None
        low, high, share = self._around(place)
        (first, last), own = (low.solution, high.solution), len(self._engine.program.lower)
        treated = first.treated.and_then(last.treated)
        amount = np.concatenate([(1.0 - share) * first.amount, share * last.amount])
        return Mixture(
            (1.0 - share) * low.objective + share * high.objective,
            (1.0 - share) * first.answer.value[:own] + share * last.answer.value[:own],
            *merged(treated.take(amount > 0.0), amount[amount > 0.0]),
        )

    def bound(self, place: float) -> float:
        """No plan is better there."""
        return min((line.over(place) for line in self._lines), default=np.inf)

    # Parts --------------------------------------------------------------------------------------------

    def _around(self, place: float) -> tuple[Corner, Corner, float]:
        """The corners on both sides of a place, and how far it is from the first to the second."""
        number = int(np.searchsorted([corner.at for corner in self._found[1:-1]], place))
        low, high = self._found[number], self._found[number + 1]
        return low, high, min(max((place - low.at) / (high.at - low.at), 0.0), 1.0)

    def _apart(self, places: Floats, lines: Sequence[Line], reserve: float) -> Floats:
        """[places] by how much more than the gap, but for a part in reserve, lines are above the chord (scaled)."""
        chord = np.interp(places, [one.at for one in self._found], [one.objective for one in self._found])
        above = np.min([line.bound + line.slope * (places - line.at) for line in lines], axis=0, initial=np.inf)
        return np.asarray(above - chord - (1.0 - reserve) * self._gap(chord))

    def _gap(self, objective: Floats) -> Floats:
        """What the scenario's gap is of objectives."""
        return self._engine.scenario.solver.gap * np.maximum(np.abs(objective + self._engine.program.constant), 1e-9)

    def _between(self, place: float) -> Corner | None:
        """The corner at the slope of the chord over a place; None where time ran out."""
        low, high, _ = self._around(place)
        price = (high.objective - low.objective) / (high.at - low.at)
        near, other = (low, high) if low.price * high.price < price * price else (high, low)
        self._lean.begin_at(near.solution, other.solution)
        return self.corner((self._found[0].at, self._found[-1].at), price)

    def _needed(self, places: Floats) -> list[Corner]:
        """A few corners whose lines are likely to do for the places: each for the most, from the first on that those
        before it leave."""
        apart = {corner: self._apart(places, [corner.likely], _RESERVE) for corner in self._unproven}
        rest, needed = np.arange(len(places)), []
        while len(rest):
            left = {corner: each[rest] > 0.0 for corner, each in apart.items()}
            first = rest[0]
            corner = max(left, key=lambda one: (int(np.argmax(np.append(left[one], True))), -float(apart[one][first])))
            needed.append(corner)
            rest = rest[left[corner]]
        return needed

    def _prove_all(self, corners: Sequence[Corner]) -> None:
        """Prove lines of corners, as far as time allows."""
        allowed = [_PROVEN * float(self._gap(np.array(corner.objective))) for corner in corners]
        answers = [corner.solution.answer for corner in corners]
        found = self._engine.refiner.prove_all(answers, allowed, self._deadline())
        for corner, excess in zip(corners, found, strict=True):
            self._unproven.remove(corner)
            self._lines.append(corner.line(excess))

    def _prove(self, corner: Corner, deadline: Deadline, part: float) -> Line | None:
        """Prove a corner's line, to a part of the gap or as far as time allows; None where treatments are missing, and
        columns since."""
        allowed = part * float(self._gap(np.array(corner.objective)))
        added, excess = self._engine.refiner.prove(corner.solution.answer, allowed, deadline)
        self._lines.append(corner.line(excess))
        return None if added else self._lines[-1]


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
