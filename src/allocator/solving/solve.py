"""From a scenario to a plan with its proof."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from allocator.domain.errors import Infeasible, InternalError, StoppedWithoutPlan, Unbounded
from allocator.domain.evaluation import Evaluation
from allocator.domain.progress import Progress, silent
from allocator.domain.scenario import Scenario
from allocator.solving import edge
from allocator.solving.answers import LpAnswer, Outcome
from allocator.solving.branching import Branching
from allocator.solving.budget_price import by_budget_price
from allocator.solving.deadline import Deadline
from allocator.solving.extract import extract
from allocator.solving.hopeless import growing, intractable
from allocator.solving.idle import switch_off
from allocator.solving.phase_one import make_feasible
from allocator.solving.prices import local_prices
from allocator.solving.refine import Converged
from allocator.solving.search import POLISH, Incumbent
from allocator.solving.solved import Solved, status_of
from allocator.solving.wholes import planned, wholes

_ROUGH = 3e-2
"""Gap at which a first plan with whole numbers is looked for."""
_BEFORE = 3.0
"""The root is refined to so many times the gap where programmes are settled by branching: nodes are refined, too."""
_IDLE = 1e-7
"""Treatments that would lose more than this for a unit of customers, relative to the objective, are left out before
whole numbers are looked for."""
_ROUNDING = 1e-9
"""Distance of a bound from a plan (scaled) that is rounding."""


class Engine(edge.Solvable):
    """How the parts built for a scenario are run."""

    def answer(self, deadline: Deadline, *, gap: float) -> tuple[Incumbent, float]:
        """As :meth:`solve`; where the solver fails over numbers that no solver can handle, says so.

        Raises
        ------
        Infeasible, Unbounded, StoppedWithoutPlan, Intractable
        """
        try:
            best, bound = self._begun(deadline, gap)
        except InternalError as error:
            raise intractable(self.ledger, self.master) or error from error
        if not np.isfinite(best.objective + self.program.constant) or not np.isfinite(bound):
            raise intractable(self.ledger, self.master) or InternalError("the solver's objective is not a number")
        return best, bound

    def _begun(self, deadline: Deadline, gap: float) -> tuple[Incumbent, float]:
        """As :meth:`solve`; where the solver loses its way next to the edge, it begins again with a plan from there."""
        try:
            return self.solve(deadline, gap=gap)
        except InternalError:
            if not edge.begin(self, deadline):
                raise
            return self.solve(deadline, gap=gap)

    def solve(self, deadline: Deadline, *, gap: float) -> tuple[Incumbent, float]:
        """The best plan found and the bound (both scaled).

        Raises
        ------
        Infeasible, Unbounded, StoppedWithoutPlan
        """
        bound = np.inf if self.ledger.limits_move else by_budget_price(self.search, deadline, gap=gap)
        if not self.search.close_enough(bound, gap):
            try:
                bound = min(bound, self._by_relaxation(deadline, gap))
            except StoppedWithoutPlan:
                if self.search.best is None or bound == np.inf:
                    raise
        switch_off(self.ledger, self.search, deadline)
        if self.search.best is None:
            if deadline.passed:
                raise StoppedWithoutPlan("the time limit was reached before any plan was found")
            if not edge.begin(self, deadline):
                raise Infeasible("no plan with whole numbers meets all requirements")
            return self.solve(deadline, gap=gap)
        return self.search.best, bound

    def _by_relaxation(self, deadline: Deadline, gap: float) -> float:
        """Find plans, and a bound on all of them, from the linear relaxation of the program.

        Raises
        ------
        Infeasible, Unbounded, StoppedWithoutPlan
        """
        self.search.polish = max(POLISH, 0.3 * gap)
        rough, primal = self._first_plan(deadline)
        self.search.polish = max(POLISH, 0.05 * gap)
        # With a plan at hand, some of the time is kept for the proof and for better plans.
        limit = deadline if rough is None else deadline.part(0.7)
        # Where programmes may be settled by branching, the root's own bound is not the one that counts.
        later = bool(self.sides.choices) and not self.refiner.complete and not self.uniform.cells
        root = self.root(limit, gap=_BEFORE * gap if later else 0.5 * gap, prove=not later, primal=primal, last=rough)
        if later and self.sides.settled(root.answer.value) is not None:
            root = self.root(limit, gap=0.5 * gap, last=root.answer)
        elif later:
            root = replace(root, answer=self._drop_idle(root.answer))
        self.refiner.frozen = self.uniform.frozen()
        self.begin_with_current(deadline)
        if root.solved and self.search.whole(root.answer.value):
            self.search.hold_and_polish(root.answer.value, deadline)
            return root.bound
        return self._whole(root, deadline, gap)

    def _whole(self, root: Converged, deadline: Deadline, gap: float) -> float:
        """Find plans with whole numbers, and a bound on all of them, from the root."""
        search, bound = self.search, root.bound
        if self.uniform.cells:
            search.round_uniform(root.answer.value, deadline)
        if self.refiner.complete or self.sides.settled(root.answer.value) is not None:
            search.round(root.answer.value, deadline)
        if self.refiner.complete:
            search.round_readily(root.answer.value, deadline)
        if not search.close_enough(bound, gap) and (self.refiner.complete or self.uniform.cells):
            bound = search.run(bound, deadline, gap=gap)
        if not search.close_enough(bound, gap) and not deadline.passed and not self.uniform.cells:
            # Some of the time is kept for a coarse proof of the root, where there is none yet.
            limit = deadline if bound < np.inf else deadline.part(0.9)
            bound = min(bound, Branching(self.sides, search, self.elastic).run(root, bound, limit, gap=gap))
        if bound == np.inf:
            bound = self.refiner.coarse_bound(root.answer)
        if search.best is None:
            search.round(root.answer.value, deadline)
        return search.run(bound, deadline, gap=gap) if search.best is None else bound

    def _drop_idle(self, answer: LpAnswer) -> LpAnswer:
        """Leave out treatments that are far from any use at a solution, if it is the last one; returns it over the
        columns that stay. The plan at hand keeps its treatments."""
        best, master = self.search.best, self.master
        # Engines whose limits move are solved again, and earlier solutions read: their columns keep their numbers.
        if len(answer.value) != master.solver.columns or self.lines.channels or self.ledger.gives is not None:
            return answer
        kept = np.zeros(len(master.treatments), dtype=bool) if best is None else master.amounts(best.value) > 0.0
        stay = master.drop(_IDLE * self.search.size_of(answer.objective), kept)
        self.elastic.renumber(stay)
        if best is not None:
            self.search.best = best.over(stay)
        return replace(answer, value=answer.value[stay])

    def _first_plan(self, deadline: Deadline) -> tuple[LpAnswer | None, bool]:
        """Round a rough relaxation, where whole numbers are asked for and treatments are priced; (its solution,
        whether its basis is feasible still)."""
        if not len(self.master.integer_columns) or self.refiner.complete:
            return None, False
        try:
            rough = self.root(deadline.part(0.3), gap=_ROUGH, prove=False).answer
        except StoppedWithoutPlan:
            return None, False
        solver = self.master.solver
        basis, rows = solver.basis(), solver.rows
        self.search.round(rough.value, deadline.part(0.5))
        solver.restore(basis)
        return rough, rows == solver.rows

    def begin_with_current(self, deadline: Deadline) -> None:
        """Make the current plan the incumbent where it keeps every limit."""
        current = self.instance.current
        if current is not None and current.feasible and len(self.master.integer_columns) and not self.uniform.cells:
            self.search.hold_and_polish(planned(self.ledger, self.master, current), deadline)

    def _after_phase_one(self, deadline: Deadline, *, gap: float, prove: bool) -> Converged:
        """Look for treatments that make the program feasible, then refine; again where lines of channels, drawn on the
        way, leave too little room for the treatments at hand."""
        solver = self.master.solver
        while True:
            make_feasible(self.refiner, self.elastic, deadline)
            rows = solver.rows
            # The slack is 0 and stays there: the basis is feasible.
            root = self.refiner.converge(deadline, gap=gap, prove=prove, primal=True)
            match root.answer.outcome:
                case Outcome.OPTIMAL:
                    return root
                case Outcome.UNBOUNDED:
                    raise Unbounded(growing(self.ledger, self.master))
                case Outcome.STOPPED:
                    raise StoppedWithoutPlan("the time limit was reached before any plan was found")
                case _ if rows == solver.rows:
                    raise Infeasible("no plan meets all requirements")

    def natural(self, objective: float) -> float:
        """A scaled objective in money: equity, or the spend, which the program takes as a loss."""
        sign = -1.0 if self.scenario.objective.kind == "spend" else 1.0
        return sign * (objective + self.program.constant) * self.program.money

    def solved(self, best: Incumbent, bound: float, seconds: dict[str, float]) -> Solved:
        """A plan found and its bound (both scaled) in the planner's terms.

        Raises
        ------
        InternalError
            If the bound lies below the plan's objective.
        """
        if bound < best.objective - max(1e-6 * self.search.size_of(best.objective), _ROUNDING):
            raise InternalError("the bound lies below the plan's own objective")
        bound = max(bound, best.objective)
        objective, proven = self.natural(best.objective), self.natural(bound)
        # Where a plan is worth nothing, its distance from the bound is relative to nothing.
        apart = bound - best.objective > _ROUNDING
        distance = abs(proven - objective) / max(abs(objective), 1e-9) if apart else 0.0
        return Solved(
            plan=extract(self.ledger, self.master, best.value),
            objective=objective,
            bound=proven,
            gap=distance,
            status=status_of(distance, self.scenario.solver.gap),
            prices=local_prices(self.ledger, self.master, best.local),
            size=self.size(),
            whole=wholes(self.ledger, self.master, best.value),
            seconds=seconds,
        )

    def root(
        self,
        deadline: Deadline,
        *,
        gap: float,
        prove: bool = True,
        primal: bool = False,
        last: LpAnswer | None = None,
    ) -> Converged:
        """Refine the linear relaxation; without ``prove`` there is no bound. ``primal`` and ``last`` are those
        of :meth:`Refiner.converge`.

        Raises
        ------
        Infeasible, Unbounded, StoppedWithoutPlan
        """
        if self.ledger.impossible:
            raise Infeasible("some requirements cannot be met by any plan")
        if self.refiner.rounds == 0 and not self.refiner.complete and self.scenario.risk.cvar_floor is not None:
            # The first few treatments hardly ever reach a floor; to prove that takes longer than to find better ones.
            return self._after_phase_one(deadline, gap=gap, prove=prove)
        root = self.refiner.converge(deadline, gap=gap, prove=prove, primal=primal, last=last)
        match root.answer.outcome:
            case Outcome.UNBOUNDED:
                raise Unbounded(growing(self.ledger, self.master))
            case Outcome.INFEASIBLE | Outcome.UNBOUNDED_OR_INFEASIBLE:
                return self._after_phase_one(deadline, gap=gap, prove=prove)
            case Outcome.STOPPED:
                raise StoppedWithoutPlan("the time limit was reached before any plan was found")
            case _:
                return root


def solve(
    scenario: Scenario,
    *,
    current: Evaluation | None = None,
    no_effort: Evaluation | None = None,
    progress: Progress = silent,
) -> Solved:
    """Solve a scenario to its proven gap.

    ``current`` and ``no_effort`` are the current plan and no effort, evaluated; the first is needed where
    a `change` rule stands, the second for a target return.
    """
    settings = scenario.solver
    deadline = Deadline.after(settings.time_limit)
    started = time.perf_counter()
    progress("build", "")
    engine = Engine(scenario, current, no_effort)
    built = time.perf_counter()
    progress("solve", "")
    best, bound = engine.answer(deadline, gap=settings.gap)
    ended = time.perf_counter()
    seconds = {
        "build": built - started,
        "solve": ended - built - engine.refiner.seconds_pricing,
        "refine": engine.refiner.seconds_pricing,
    }
    return engine.solved(best, bound, seconds)
