"""An engine whose one limit is moved: the best plan at one value after another, each solve warm from the last."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from allocator.domain.errors import (
    Infeasible,
    InternalError,
    Intractable,
    InvalidInput,
    Mistake,
    Path,
    StoppedWithoutPlan,
)
from allocator.domain.plan import Plan
from allocator.formulation.instance import Floats
from allocator.solving.answers import LpAnswer, Outcome
from allocator.solving.corners import Line
from allocator.solving.deadline import Deadline
from allocator.solving.extract import extract
from allocator.solving.limits import Subject
from allocator.solving.movable import Movable
from allocator.solving.nothing_done import no_effort
from allocator.solving.points import Point, checked_point, highest_cvar, judged, solved_point
from allocator.solving.refine import Converged
from allocator.solving.search import Incumbent
from allocator.solving.solve import Engine
from allocator.solving.values import Values

_NOTHING = 1e-12
"""A quantity below this is one that a share cannot be taken of."""
_END = 1e-2
"""The tight end is found to a thousandth of this part, a gap in phase one being relative to 1e-3, of the way from the
loose end to a value that nobody can reach."""
FAR = 10.0
"""A floor this many times its size is taken for one that nobody can reach, until a plan reaches it."""
SAME = 1e-6
"""Values of a limit that differ by no more (relative) are one."""
_INSIDE, _ROUNDING = 1e-6, 1e-7
"""The last point is this share of the way, and of the limit's size, inside the tight end: on the edge of what any plan
keeps, a solver may lose the way."""
_REFINED = 0.3
"""Part of the gap to which treatments are looked for again where a proof finds some."""
_LARGEST = 1e7
"""No floor is looked for beyond so many times its size."""


def inside(loose: float, tight: float) -> float:
    """A value of the limit just inside the tight end."""
    return tight + math.copysign(max(_INSIDE * abs(loose - tight), _ROUNDING * abs(tight)), loose - tight)


class Sweep:
    """An engine whose one limit is moved; every solve starts from the one before."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.judge, self._current = judged(subject)
        self.engine = Engine(subject.scenario, self._current, no_effort(subject.scenario), relaxable=True)
        self.movable = Movable(self.engine)
        self.number = self._number(subject.path)
        self._free_cells = self.engine.refiner.frozen
        self._before: Incumbent | None = None
        self._lines: list[Line] = []
        self._primal = False
        """Whether the basis at hand stays feasible in the next solve: simplex goes on from it in far fewer steps."""

    def _number(self, path: Path) -> int:
        for number, give in enumerate(self.movable.gives):
            if give.path == path:
                return number
        raise InvalidInput([Mistake(path, "this limit cannot be moved: nothing in the scenario counts towards it")])

    def loose(self) -> tuple[Point, float]:
        """The best plan without the limit, and the tightest value of the limit that it keeps."""
        self._unbind()
        started = time.perf_counter()
        best, bound = self._solve()
        return self._loose_point(best.objective, best.value, bound, started)

    def outline(self, limits: Sequence[float]) -> None:
        """Find out what points at the limits, the tightest first, have in common: nothing here."""

    def tight(self, loose: float) -> float:
        """The tightest value of the limit that some plan keeps; whole numbers apart, unless it is CVaR's."""
        if self.subject.against != "cvar" or not self._whole():
            return self._tight(loose)
        try:
            return max(loose, highest_cvar(self.subject, self.judge, self._current))
        except StoppedWithoutPlan:
            return self._tight(loose)

    def _tight(self, loose: float, times: float = FAR) -> float:
        """The same, whole numbers apart; a floor is looked for up to so many ``times`` its size, and beyond if it is
        kept there."""
        engine, give = self.engine, self.movable.gives[self.number]
        far = self._unreachable(loose, times)
        self.movable.shift(self.number, far - give.stated)
        rows = {(link.family, link.key) for link in give.links}
        places = [place for place, (family, key, _) in enumerate(engine.elastic.limits) if (family, key) in rows]
        engine.refiner.frozen = self._free_cells
        engine.elastic.open(dict.fromkeys(places, 1.0))
        try:
            gap = _END * self._short(places, loose, far)
            answer = self._least_slack(gap)
        finally:
            engine.elastic.close()
        self._primal = answer.outcome is Outcome.OPTIMAL
        if answer.outcome is not Outcome.OPTIMAL:
            return give.stated
        slack = engine.elastic.slack(answer.value)[places]
        if times * FAR < _LARGEST and far != self._unreachable(loose, times * FAR) and slack.max() < _END * abs(far):
            return self._tight(loose, times * FAR)
        if any(link.base is not None for link in give.links):
            return self._kept(answer.value)
        links = {(link.family, link.key): link for link in give.links}
        rates = [abs(links[engine.elastic.limits[place][:2]].limit.rate) for place in places]
        return far + give.direction * max(
            (amount / rate for amount, rate in zip(slack.tolist(), rates, strict=True)), default=0.0
        )

    def at(self, limit: float) -> Point:
        """The best plan at one value of the limit; raises Infeasible where there is none."""
        started = time.perf_counter()
        self.movable.shift(self.number, limit - self.movable.gives[self.number].stated)
        try:
            best, bound = self._solve()
            return self._point(limit, best.objective, self._plan(best.value), bound, started)
        except (Infeasible, Intractable, InternalError) as error:
            if isinstance(error, Infeasible) and self.subject.against != "cvar":
                raise
            # Next to the highest CVaR a plan may take more than moving a limit, and anywhere a solver may lose its way.
            return solved_point(self.subject, self.judge, self._current, limit, started)

    # Parts --------------------------------------------------------------------------------------------

    def _unbind(self) -> None:
        """Let the limit give way as far as it may."""
        movable = self.movable
        movable.start()
        upper = np.zeros(len(movable.gives))
        upper[self.number] = np.inf if movable.tangents[self.number] else movable.most[self.number]
        movable.bound(np.zeros(len(upper)), upper)

    def _loose_point(self, objective: float, value: Floats, bound: float, started: float) -> tuple[Point, float]:
        """The point of the solution without the limit, and the tightest value of the limit that it keeps."""
        self._most_equity = self.engine.natural(bound)
        point = self._point(None, objective, self._plan(value), bound, started)
        limit = point.cvar if self.subject.against == "cvar" else self._kept(value)
        assert limit is not None, "shocks were asked for"
        return replace(point, limit=limit), limit

    def _least_slack(self, gap: float) -> LpAnswer:
        """The solution of least slack, to a relative gap, while the limit is elastic."""
        return self.engine.refiner.converge(self._deadline(), gap=gap, primal=True).answer

    def _unreachable(self, loose: float, times: float) -> float:
        give = self.movable.gives[self.number]
        if give.direction > 0:
            return 0.0
        if self.subject.against == "cvar":
            return self._most_equity
        return 1.0 if give.unit == "share" else give.stated + times * max(abs(give.stated), abs(loose), 1.0)

    def _short(self, places: list[int], loose: float, far: float) -> float:
        """How much slack, scaled, limits need at a value that nobody can reach, where the loosest plan is made."""
        give, elastic = self.movable.gives[self.number], self.engine.elastic
        links = {(link.family, link.key): link for link in give.links}
        rates = [links[elastic.limits[place][:2]].limit.rate for place in places]
        factors = self.engine.program.row_factor[elastic.rows[places]]
        return float(abs(far - loose) * np.abs(np.array(rates) * factors).sum())

    def _deadline(self) -> Deadline:
        return Deadline.after(self.subject.scenario.solver.time_limit)

    def _solve(self) -> tuple[Incumbent, float]:
        engine, deadline = self.engine, self._deadline()
        engine.search.best = None
        engine.refiner.frozen = self._free_cells
        if self._before is not None and self._whole() and not engine.uniform.cells:
            start = np.zeros(engine.master.solver.columns)
            start[: len(self._before.value)] = self._before.value
            engine.search.hold_and_polish(start, deadline)
        found = self._linear(deadline) or engine.answer(deadline, gap=self.subject.scenario.solver.gap)
        self._before = found[0]
        return found

    def _whole(self) -> bool:
        """Whether anything is whole, apart from stated numbers that are held."""
        lower, upper = self.engine.master.bounds(self.engine.master.integer_columns)
        return bool((upper > lower).any())

    def _smooth(self) -> bool:
        """Whether the limit is that of a linear program, whose frontier is concave."""
        lines, uniform = self.engine.lines, self.engine.uniform
        return not (self._whole() or lines.channels or uniform.cells or self.movable.tangents[self.number])

    def _linear(self, deadline: Deadline) -> tuple[Incumbent, float] | None:
        """The best plan and the bound where nothing is whole; None where that is not so, or there is no plan yet.

        A proof that no treatment is missing holds for its prices, whatever the limit is. So it bounds the
        neighbours too, at the price of the limit, and is made anew only where the bound is too far away.
        """
        engine, gap = self.engine, self.subject.scenario.solver.gap
        if not self._smooth():
            return None
        found = engine.refiner.converge(deadline, gap=0.5 * gap, prove=False, primal=self._primal)
        self._primal = False
        if not found.solved:
            return None
        at = self._give_at(found.answer)
        bound = min([found.bound, *(line.over(at) for line in self._lines)])
        allowed = gap * engine.search.size_of(found.answer.objective)
        if bound - found.answer.objective > allowed and not deadline.passed:
            found = _proven(engine, found.answer, deadline, 0.5 * allowed)
            if not found.solved:
                return None
            bound = min(bound, found.bound)
            price = self._price()
            if price is not None:
                self._lines.append(Line(at, found.own, price))
        return Incumbent(found.answer.objective, found.answer.value, found.answer), bound

    def _way(self, limit: float) -> float:
        """By how much the limit gives way at one of its values, scaled."""
        give = self.movable.gives[self.number]
        return float(give.direction * (limit - give.stated) / self.movable.units[self.number])

    def _give_at(self, answer: LpAnswer) -> float:
        return float(answer.value[self.movable.columns[self.number]])

    def _price(self) -> float | None:
        """Gain in the objective per unit that the limit gives way, both scaled; None where time ran out before it."""
        solution = self.engine.master.solver.highs.getSolution()
        return float(solution.col_dual[int(self.movable.columns[self.number])]) if solution.dual_valid else None

    def _plan(self, value: Floats) -> Plan:
        return extract(self.engine.ledger, self.engine.master, value)

    def _point(self, limit: float | None, objective: float, plan: Plan, bound: float, started: float) -> Point:
        return checked_point(
            self.judge.verdict(self.subject.at(limit), plan),
            plan,
            limit=limit,
            equity=self.engine.natural(objective),
            bound=self.engine.natural(bound),
            seconds=time.perf_counter() - started,
        )

    def _kept(self, value: Floats) -> float:
        """The tightest value of the limit that a solution keeps."""
        values = Values(self.engine.ledger, self.engine.master, value)
        give = self.movable.gives[self.number]
        kept = list(self._kept_by(values))
        return (max(kept) if give.direction > 0 else min(kept)) if kept else give.stated

    def _kept_by(self, values: Values) -> Iterator[float]:
        """The same, row by row."""
        give = self.movable.gives[self.number]
        for link in give.links:
            reached = values.of(link.terms)
            if link.limit.basis is not None:
                base = values.of(link.limit.basis)
                if base <= _NOTHING:
                    continue
                reached = link.limit.limit + reached / base
            yield give.stated + (reached - link.limit.limit) / link.limit.rate


def _proven(engine: Engine, answer: LpAnswer, deadline: Deadline, allowed: float) -> Converged:
    """A solution that treatments were looked for quickly at, with the proof that none is missing."""
    added, excess = engine.refiner.prove(answer, allowed, deadline)
    if added:
        return engine.refiner.converge(deadline, gap=_REFINED * engine.scenario.solver.gap)
    bound = answer.objective + excess
    return Converged(answer, bound, rounds=1, own=bound)
