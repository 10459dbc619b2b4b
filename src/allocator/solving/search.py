"""Integers: a MIP over the columns at hand, its integers held while pricing polishes, ranges cut until exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.domain.errors import InternalError
from allocator.formulation.instance import Floats, Ints
from allocator.solving.answers import LpAnswer, Outcome
from allocator.solving.deadline import Deadline
from allocator.solving.lines import TOLERANCE, Lines
from allocator.solving.master import Master
from allocator.solving.refine import Converged, Refiner
from allocator.solving.rounding import NearestWhole
from allocator.solving.sides import ENOUGH
from allocator.solving.uniform import UniformLinks

_GRACE = 5.0
"""Seconds beyond the time limit for turning a solution at hand into a plan: better late than none."""
_ROUNDED = 6
"""Most channels whose both ends are tried, one after the other."""
_WELL = 0.1
"""Part of the gap within which channels are rounded: it takes little, and most of what a plan lacks is there."""
_READY = 0.3
"""Part of a switch that is taken for on where rounding is ready to switch on."""
_NOTHING = 1e-9
"""Part of a switch that is rounding."""
_MIP_SECONDS = 8.0
"""Longest MIP over columns that are not all there are: it gives plans, and no bound."""
POLISH = 1e-7
"""Polishing with the integers held stops where nothing found is worth more than this (relative), or than a
twentieth of the gap asked for."""
_BACK, _FINE = 4, 1e-12
"""How often, and how near, answers are brought to their curves where holding the spends leaves no solution."""
_HAIRS = (1e-6, -1e-6, 1e-5, -1e-5, 1e-4, -1e-4)
"""How much more (relative) is spent where holding the spends leaves no solution even so."""
_ROUGH = 1e-3
"""The same while only some of the integers are held."""


@dataclass(frozen=True, slots=True)
class Incumbent:
    """A solution whose integers are whole and whose channels lie on their curves (scaled objective)."""

    objective: float
    value: Floats
    local: LpAnswer
    """Solution with the integers held but spends free: its duals are the local prices."""

    def over(self, columns: Ints) -> Incumbent:
        """The same over the columns that stay when others are left out."""
        there = columns[columns < len(self.value)]
        local = replace(self.local, value=self.local.value[columns[columns < len(self.local.value)]])
        return Incumbent(self.objective, self.value[there], local)


class Search:
    """Finds plans with whole integers on a master, and bounds where all treatments are columns."""

    def __init__(
        self, master: Master, refiner: Refiner, lines: Lines, uniform: UniformLinks, choices: Sequence[Ints]
    ) -> None:
        """``choices`` are sets of columns of which one at most is 1: the starts of a programme."""
        self.choices = choices
        self.master = master
        self.refiner = refiner
        self.lines = lines
        self.uniform = uniform
        self.nearest = NearestWhole(master.program)
        self.polish = POLISH
        self.best: Incumbent | None = None

    def size_of(self, objective: float) -> float:
        """What a relative gap is relative to."""
        return max(abs(objective + self.master.program.constant), 1e-9)

    def whole(self, value: Floats) -> bool:
        """Whether a solution needs no search: integers whole, channels on their curves."""
        columns = self.master.integer_columns
        fractional = np.abs(value[columns] - np.round(value[columns])) if len(columns) else np.zeros(1)
        return bool(fractional.max() <= 1e-9) and self.lines.off(value) <= TOLERANCE and not self.uniform.cells

    def close_enough(self, bound: float, gap: float) -> bool:
        """Whether the plan at hand is within ``gap`` (relative) of a bound."""
        return self.best is not None and bound - self.best.objective <= gap * self.size_of(self.best.objective)

    def run(self, bound: float, deadline: Deadline, *, gap: float) -> float:
        """Improve ``best``; returns a bound valid over all plans, at most ``bound``."""
        complete = self.refiner.complete
        while self.best is None or not deadline.passed:
            self.uniform.update()
            self.master.take_in()
            target = 0.3 * gap if self.lines.channels or not complete else gap
            self.master.solver.integers(self.master.integer_columns, True)
            limit = deadline if complete else Deadline(min(deadline.at, Deadline.after(_MIP_SECONDS).at))
            if self.best is None:
                limit = _late(limit)
            answer = self.master.solver.solve_mip(limit, gap=target, start=self._start())
            self.master.solver.integers(self.master.integer_columns, False)
            # What seems infeasible may be so by a hair: that bounds nothing, for a plan may be found yet.
            if complete and answer.outcome not in (Outcome.INFEASIBLE, Outcome.UNBOUNDED_OR_INFEASIBLE):
                bound = min(bound, answer.bound)
            if answer.value is None:
                return bound
            before = self.best
            self.hold_and_polish(answer.value, deadline)
            if self.best is None and deadline.passed:
                return bound
            self.round_channels(answer.value, bound, deadline, gap=gap)
            if self.close_enough(bound, gap):
                return bound
            near = _FINE if self.best is None else TOLERANCE
            changed = self.lines.refine(answer.value, near) + self.lines.cut(answer.value, near)
            improved = self.best is not before and bool(self.uniform.cells)
            if not changed and not improved:
                return bound
        return bound

    def round(self, value: Floats, deadline: Deadline) -> None:
        """Try a plan with whole numbers near those of a solution: programmes and switches first, then heads as
        these ask for them."""
        own, program = self.nearest.columns, self.master.program
        likely = self._likely(value)
        found = self.nearest.find(likely, {}, _late(deadline)) if len(own) and not self.uniform.cells else None
        if found is None:
            return
        switch = program.upper[own] <= 1.0
        if switch.any() and not switch.all():
            restore = self._hold(own[switch], found[switch])
            answer = self._refined(_late(deadline.part(0.5)), gap=_ROUGH).answer
            self._restore(*restore)
            if answer.outcome is not Outcome.OPTIMAL:
                return
            value = answer.value
            found = self.nearest.find(
                value, dict(zip(own[switch].tolist(), found[switch].tolist(), strict=True)), _late(deadline)
            )
        if found is not None:
            value = value.copy()
            value[own] = found
            self.hold_and_polish(value, deadline)

    def round_uniform(self, value: Floats, deadline: Deadline) -> None:
        """Try a plan in which everyone in a cell gets what most get in a solution of the relaxation, or nothing."""
        self.uniform.update()
        for columns, at in self.uniform.rounded(value):
            restore = self._hold(columns, at)
            answer = self._refined(deadline, gap=_ROUGH).answer
            self._restore(*restore)
            if answer.outcome is not Outcome.OPTIMAL:
                continue
            own, whole = self.nearest.columns, answer.value.copy()
            found = self.nearest.find(self._readily(whole, 0.0), {}, deadline) if len(own) else np.zeros(0)
            if found is not None:
                whole[columns], whole[own] = at, found
                self.hold_and_polish(whole, deadline)
            if self.best is not None:
                return

    def _likely(self, value: Floats) -> Floats:
        """A solution with choices of which enough is made in part made in full.

        A relaxation uses all that a programme gives, and pays for the part of it that the loosest of its links asks
        for: a part of a start speaks for the start.
        """
        found = value.copy()
        for columns in self.choices:
            total = value[columns].sum()
            if total > ENOUGH:
                found[columns] = value[columns] / total
        return found

    def round_readily(self, value: Floats, deadline: Deadline) -> None:
        """The same with switches that are on in good part taken for on: a relaxation pays for no more of a switch
        than a spend or an effort is of the most there could be."""
        self.round(self._readily(value, _READY), deadline)

    def _readily(self, value: Floats, least: float) -> Floats:
        """A solution with switches that are on in part, by more than ``least``, nearly on."""
        switches = self.nearest.columns[self.master.program.upper[self.nearest.columns] <= 1.0]
        part = value[switches]
        readily = value.copy()
        readily[switches] = np.where(part > max(least, _NOTHING), np.maximum(part, 1.0 - _READY), part)
        return readily

    def round_channels(self, value: Floats, bound: float, deadline: Deadline, *, gap: float) -> None:
        """Try plans in which the channel farthest off its curve stays at an end of the stretch it is on: at the better
        end, then the next such channel, until none is left or the plan is well within ``gap`` of the bound."""
        held: dict[int, tuple[float, float]] = {}
        for _ in range(_ROUNDED):
            ends = self.lines.ends(value)
            if not ends:
                return
            column, low, high = ends[0]
            lower, upper = (float(bounds[0]) for bounds in self.master.bounds(np.array([column])))
            tried = []
            for side in ((lower, low), (high, upper)):
                if deadline.passed or self.close_enough(bound, _WELL * gap):
                    return
                answer = self._within({**held, column: side}, value, deadline)
                if answer is not None:
                    tried.append((answer.objective, side, answer.value))
            if not tried:
                return
            objective, held[column], value = max(tried, key=lambda entry: entry[0])
            if self.best is not None and objective <= self.best.objective:
                return

    def _within(self, held: dict[int, tuple[float, float]], value: Floats, deadline: Deadline) -> LpAnswer | None:
        """The same as :meth:`hold_and_polish`, with some columns within bounds of their own."""
        columns = np.array(list(held))
        bounds = np.array(list(held.values()))
        self.master.solver.bound_columns(columns, bounds[:, 0], bounds[:, 1])
        try:
            return self.hold_and_polish(value, deadline)
        finally:
            self.master.solver.bound_columns(columns, *self.master.bounds(columns))

    def _start(self) -> Floats | None:
        """The incumbent as a start: its integer columns and spends, for HiGHS to complete."""
        if self.best is None:
            return None
        start = np.full(self.master.solver.columns, np.nan)
        known = self.master.integer_columns[self.master.integer_columns < len(self.best.value)]
        start[known] = np.round(self.best.value[known])
        return start

    def hold_and_polish(self, value: Floats, deadline: Deadline) -> LpAnswer | None:
        """Hold the integers of ``value``, price and refine; then hold the spends; keep the plan if it is best.

        Returns the solution before the spends were held; None where there is none.
        """
        deadline = _late(deadline)
        # A solution from before ranges were cut says nothing of their parts: where spends are held, no part matters.
        columns = self.master.integer_columns[self.master.integer_columns < len(value)]
        # What has been moved since the plan was made, such as a stated headcount, stays where it is now.
        restore = self._hold(columns, np.clip(np.round(value[columns]), *self.master.bounds(columns)))
        try:
            # Where nothing is held, the relaxation was looked at thoroughly before.
            local = self._refined(deadline, gap=self.polish, thorough=len(columns) > 0)
            if not local.solved:
                return None
            answer = local.answer
            final = self._on_curves(answer, deadline) if self.lines.channels else answer
            for _ in range(_BACK):
                # Where limits leave no room at all, the last of an answer above its curve is missing once it is held.
                if final.outcome is not Outcome.INFEASIBLE or not self.lines.refine(answer.value, _FINE):
                    break
                again = self._refined(deadline, gap=self.polish)
                if not again.solved:
                    break
                answer = again.answer
                final = self._on_curves(answer, deadline)
            final = self._beside(answer, final, deadline)
        finally:
            self._restore(*restore)
        if final.outcome is Outcome.OPTIMAL and (self.best is None or final.objective > self.best.objective):
            self.best = Incumbent(final.objective, final.value, answer)
        return answer

    def try_out(self, value: Floats, deadline: Deadline) -> bool:
        """Hold the program's integers and the spends of ``value``, and keep the plan if it is best; returns whether
        there is one. Parts of ranges that were cut are left open: where spends are held, no part matters."""
        columns = self.nearest.columns
        restore = self._hold(columns, np.clip(np.round(value[columns]), *self.master.bounds(columns)))
        given = LpAnswer(Outcome.OPTIMAL, -np.inf, value, np.empty(0))
        late = _late(deadline)
        final = self._on_curves(given, late) if self.lines.channels else self._refined(late, gap=self.polish).answer
        self._restore(*restore)
        if final.outcome is Outcome.OPTIMAL and (self.best is None or final.objective > self.best.objective):
            self.best = Incumbent(final.objective, final.value, final)
        return final.outcome is Outcome.OPTIMAL

    def _refined(self, deadline: Deadline, *, gap: float, thorough: bool = True) -> Converged:
        """Price and refine with some columns held, for a plan and no bound."""
        try:
            return self.refiner.converge(deadline, gap=gap, prove=False, thorough=thorough)
        except InternalError:
            # On the edge of what limits allow the solver may lose its way: that is one plan less.
            return Converged(LpAnswer(Outcome.STOPPED, np.nan, np.empty(0), np.empty(0)), np.inf, rounds=0)

    def _beside(self, answer: LpAnswer, final: LpAnswer, deadline: Deadline) -> LpAnswer:
        """``final``, or where limits leave no plan at the spends of a solution, one at spends a hair more or less."""
        for more in _HAIRS:
            if final.outcome is not Outcome.INFEASIBLE or not self.lines.channels:
                break
            final = self._on_curves(answer, deadline, more)
        return final

    def _on_curves(self, answer: LpAnswer, deadline: Deadline, more: float = 0.0) -> LpAnswer:
        """Hold the spends of a solution, so much ``more`` (relative), with every answer on its curve, and find the
        best treatments."""
        spent, value = self.lines.spend, answer.value.copy()
        value[spent] = np.clip((1.0 + more) * value[spent], *self.master.bounds(spent))
        spends, at = self.lines.exact(value)
        basis = self.master.solver.basis()
        undo = self._hold(spends, at)
        final = self._refined(deadline, gap=self.polish).answer
        self._restore(*undo)
        # The way back from where all spends are held is as long as the way there from nothing.
        self.master.solver.restore(basis)
        return final

    def _hold(self, columns: Ints, at: Floats) -> tuple[Ints, Floats, Floats]:
        lower, upper = self.master.bounds(columns)
        self.master.solver.bound_columns(columns, at, at)
        return columns, lower, upper

    def _restore(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        self.master.solver.bound_columns(columns, lower, upper)


def _late(deadline: Deadline) -> Deadline:
    """The deadline, or a little from now where that is later: enough to make a plan of a solution."""
    return Deadline(max(deadline.at, Deadline.after(_GRACE).at))
