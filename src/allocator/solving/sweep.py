"""An engine whose one limit is moved: the best plan at one value after another, each solve warm from the last."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from allocator.domain.errors import Infeasible, InvalidInput, Mistake, Path, StoppedWithoutPlan
from allocator.formulation.instance import Floats
from allocator.solving.corners import Corner, Corners, Line, proven
from allocator.solving.deadline import Deadline
from allocator.solving.extract import extract
from allocator.solving.highs import LpAnswer, Outcome
from allocator.solving.limits import Subject
from allocator.solving.movable import Movable
from allocator.solving.points import Point, checked_point, highest_cvar, judged, solved_point
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
_LARGEST = 1e7
"""No floor is looked for beyond so many times its size."""


class Sweep:
    """An engine whose one limit is moved; every solve starts from the one before."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.judge, self._current = judged(subject)
        self.engine = Engine(subject.scenario, self._current, relaxable=True)
        self.movable = Movable(self.engine)
        self.number = self._number(subject.path)
        self._free_cells = self.engine.refiner.frozen
        self._before: Incumbent | None = None
        self._lines: list[Line] = []
        self._loose: Corner | None = None
        self._corners: Corners | None = None
        self._shared = 0.0
        """Each point's part of the seconds that all points took together."""
        self._primal = False
        """Whether the basis at hand stays feasible in the next solve: simplex goes on from it in far fewer steps."""

    def _number(self, path: Path) -> int:
        for number, give in enumerate(self.movable.gives):
            if give.path == path:
                return number
        raise InvalidInput([Mistake(path, "this limit cannot be moved: nothing in the scenario counts towards it")])

    def loose(self) -> tuple[Point, float]:
        """The best plan without the limit, and the tightest value of the limit that it keeps."""
        movable, engine = self.movable, self.engine
        movable.start()
        upper = np.zeros(len(movable.gives))
        upper[self.number] = np.inf if movable.tangents[self.number] else movable.most[self.number]
        movable.bound(np.zeros(len(upper)), upper)
        started = time.perf_counter()
        best, bound = self._solve()
        point = self._point(None, best.objective, best.value, bound, started)
        limit = point.cvar if self.subject.against == "cvar" else self._kept(best.value)
        assert limit is not None, "shocks were asked for"
        if self._smooth() and not engine.refiner.complete and self._lines:
            basis = engine.master.solver.basis()
            self._loose = Corner(self._way(limit), best.objective, 0.0, best.local, basis)
        return replace(point, limit=limit), limit

    def outline(self, limits: Sequence[float]) -> None:
        """Find, where treatments are priced and nothing is whole, plans of which those at the limits, the tightest
        first, are mixtures within the gap."""
        if self._loose is None:
            return
        started = time.perf_counter()
        self.movable.shift(self.number, limits[0] - self.movable.gives[self.number].stated)
        column = int(self.movable.columns[self.number])
        self._corners = Corners(self.engine, column, self._lines, self._deadline)
        self._corners.find(self._loose, [self._way(limit) for limit in limits])
        self._shared = (time.perf_counter() - started) / len(limits)

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
            answer = engine.refiner.converge(self._deadline(), gap=gap, primal=True).answer
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
        started, place = time.perf_counter(), self._way(limit)
        known = None if self._corners is None else self._corners.mixed(place)
        if known is not None and self._corners is not None:
            return self._point(limit, *known, max(known[0], self._corners.bound(place)), started)
        self.movable.shift(self.number, limit - self.movable.gives[self.number].stated)
        try:
            best, bound = self._solve()
        except Infeasible:
            if self.subject.against != "cvar":
                raise
            # Next to the highest CVaR a plan may take more than moving a limit.
            return solved_point(self.subject, self.judge, self._current, limit, started)
        return self._point(limit, best.objective, best.value, bound, started)

    # Parts --------------------------------------------------------------------------------------------

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
            found = proven(engine, found.answer, deadline, 0.5 * allowed)
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

    def _point(self, limit: float | None, objective: float, value: Floats, bound: float, started: float) -> Point:
        engine = self.engine
        plan = extract(engine.ledger, engine.master, value)
        seconds = time.perf_counter() - started + self._shared
        if limit is None:
            self._most_equity = engine.natural(bound)
        return checked_point(
            self.judge.verdict(self.subject.at(limit), plan),
            plan,
            limit=limit,
            equity=engine.natural(objective),
            bound=engine.natural(bound),
            seconds=seconds,
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
