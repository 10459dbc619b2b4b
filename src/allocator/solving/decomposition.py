"""Recourse over many shock scenarios: commitments in one program, each scenario's treatments in one of its own.

Benders' decomposition with a cut for every shock scenario (multi-cut L-shaped method). The program of the
commitments x holds, for each scenario w, the equity reached[w] below linear bounds

    reached[w] <= most + slopes (x - at)

which the scenario, solved at commitments ``at``, proves: most is its priced bound over all treatments, the slopes
are the reduced costs of the commitments, and weak duality makes the bound valid at all x. Where a scenario has
no treatments that keep its limits, the least slack that it needs gives such a bound, which must reach 0. The value
of every program of commitments is therefore a proven bound on all plans.

Cuts are first made with whole numbers relaxed, half-way between the program's solution and the best point known
(in-out separation), which keeps the points from swinging; then at whole commitments until the gap is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from allocator.domain.errors import Infeasible, StoppedWithoutPlan
from allocator.domain.plan import Plan
from allocator.domain.result import Prices
from allocator.domain.risk import Risk
from allocator.evaluation import cvar
from allocator.formulation.instance import Floats, Instance
from allocator.formulation.limit import Moved
from allocator.solving.answers import Outcome
from allocator.solving.commitments import MOVED, CommitmentProgram
from allocator.solving.deadline import Deadline
from allocator.solving.extract import adapting, committed, given
from allocator.solving.lines import TOLERANCE
from allocator.solving.prices import local_prices
from allocator.solving.search import POLISH
from allocator.solving.subproblem import Commitments, subproblems

_STEP = 0.5
"""Share of the way from the best point known to the program's solution at which cuts are made."""
_ROUNDS = 200
_STALLS = 3
"""Rounds without a better bound after which whole commitments are tried."""
_PART = 0.2
"""Scenarios are solved to this part of the gap."""
_FINER, _FINEST = 0.05, 1e-8
"""Where a solution comes again, scenarios are solved so much finer, down to this gap."""
_END = 1e-4
"""The tight end of a limit is found to this part of the way to a value that nobody can reach."""
_GRACE = 5.0
"""Seconds beyond the time limit for the treatments of a plan at hand."""
_SLACK = 5e-7
"""Relative shortfall from a CVaR floor that counts as none; the evaluation allows twice as much."""
_ROUNDING = 5e-10
"""The same for the target of a chance constraint, relative to the largest equity."""


@dataclass
class Best:
    """The best commitments met, their equities by shock scenario, and the objective (unit of the program)."""

    objective: float = -np.inf
    point: Commitments = field(default_factory=dict)
    equities: list[float] = field(default_factory=list)
    value: Floats | None = None
    """The solution of the program of the commitments."""


class Decomposition:
    """A scenario with recourse, whose shock scenarios are solved one by one.

    ``base`` is its instance without limits on risk, ``reached`` [W] a bound on the equity in each shock scenario
    (unit of the program).
    """

    def __init__(
        self, risk: Risk, base: Instance, wanted: Instance, reached: Sequence[float], moves: Moved | None = None
    ) -> None:
        assert base.shocks is not None, "checked with the input"
        self.risk, self.base = risk, base
        self.probability: Floats = base.shocks.probability
        self.commitments = CommitmentProgram(wanted, reached, moves)
        self.subproblems = subproblems(base, moves=moves)
        self._moves = moves
        self.best = Best()
        self._met: list[Best] = []
        self.rounds = 0

    def ask_for(self, floor: float | None) -> None:
        """Move the CVaR floor (money), which must have been asked for at first. Cuts are about equity alone and stay;
        so do commitments met before, the best of which that keep the floor are the best known."""
        self.risk = self.risk.model_copy(update={"cvar_floor": floor})
        self.commitments.ask_for(floor)
        self.best = Best()
        for each in self._met:
            self._keep(each)

    def move(self, by: float, deadline: Deadline, *, gap: float) -> None:
        """Move the number that is moved; infinite: it limits nothing. Cuts stay; the best commitments met that keep a
        limit as tight or tighter are tried out."""
        self.commitments.move(by)
        self.best, known = Best(), Best()
        for each in self._met:
            objective = self._objective(each.equities)
            if self._keeps(each, by) and objective is not None and objective > known.objective:
                known = replace(each, objective=objective)
        if known.value is not None:
            self.visit({**known.point, MOVED: by}, deadline, gap=_PART * gap, value=known.value)

    def _keeps(self, met: Best, by: float) -> bool:
        """Whether commitments met keep the number moved ``by`` so much: where it was as tight, or tighter."""
        before = met.point[MOVED]
        assert self._moves is not None, "a number is moved"
        return before == by or (np.isfinite(before) and self._moves.direction * (by - before) >= 0.0) or np.isinf(by)

    def tightest(self, start: Commitments, far: float, deadline: Deadline) -> float:
        """By how much the number can be moved at most, towards ``far`` where no plan keeps it, whole numbers apart;
        ``start`` is kept.

        Raises
        ------
        StoppedWithoutPlan
        """
        inner, core = start[MOVED], dict(start)
        near = _END * abs(far - inner)
        self.commitments.move(far, inner)
        for _ in range(_ROUNDS):
            answer = self.commitments.engine.refiner.converge(deadline, gap=0.0).answer
            if answer.outcome is not Outcome.OPTIMAL or deadline.passed:
                break
            outer = self.commitments.point(answer.value)
            if abs(outer[MOVED] - core[MOVED]) <= near:
                break
            point = {name: core[name] + _STEP * (at - core[name]) for name, at in outer.items()}
            if self.visit(point, deadline, gap=_PART * near) is not None:
                core = point
        return core[MOVED]

    def run(self, deadline: Deadline, *, gap: float) -> float:
        """Improve ``best``; returns the bound (unit of the program).

        Raises
        ------
        Infeasible, StoppedWithoutPlan
        """
        bound, before, part, near = self._relaxed(deadline, gap), None, _PART * gap, TOLERANCE
        while not self._close(self.best.objective, bound, gap) and not deadline.passed:
            found = self.commitments.whole(self.best.value, deadline, gap=_PART * gap, tolerance=near)
            if found is None:
                break
            value, proven = found
            bound = min(bound, proven)
            point = self.commitments.point(value, exact=True)
            if point == before:
                # On the edge of what limits on risk allow, what is known to the gap says neither yes nor no.
                if part <= _FINEST:
                    break
                part, near = _FINER * part, _FINER * near
            self.visit(point, deadline, gap=part, value=value)
            before = point
        if self.best.value is None:
            why = "the time limit was reached" if deadline.passed else "limits on risk leave no room within the gap"
            raise StoppedWithoutPlan(f"{why} before any plan was found")
        return max(bound, self.best.objective)

    def try_out(self, point: Commitments, deadline: Deadline, *, gap: float) -> tuple[float, float] | None:
        """Objective and bound of commitments that stand for a plan of their own (unit of the program), to begin
        with; None where they break a limit."""
        return self.visit(point, deadline, gap=_PART * gap, value=self.commitments.value_of(point))

    def visit(
        self, point: Commitments, deadline: Deadline, *, gap: float, value: Floats | None = None
    ) -> tuple[float, float] | None:
        """Solve every shock scenario at commitments and take in their cuts; returns objective and bound, None
        where a limit is broken. Whole commitments, with their solution ``value``, are remembered if they are best."""
        self.rounds += 1
        cuts = []
        for subproblem in self.subproblems:
            if deadline.passed and self.best.value is not None:
                break
            cuts.append(subproblem.at(point, deadline, gap=gap))
        self.commitments.take_in(cuts)
        if len(cuts) < len(self.subproblems) or not all(cut.feasible for cut in cuts):
            return None
        equities = [cut.value for cut in cuts]
        if value is not None:
            self._met.append(Best(point=point, equities=equities, value=value))
            self._keep(self._met[-1])
        objective = self._objective(equities)
        return None if objective is None else (objective, self._weighed([cut.most for cut in cuts]))

    def _keep(self, met: Best) -> None:
        """Make whole commitments the best if they are."""
        objective = self._objective(met.equities)
        if objective is not None and objective > self.best.objective:
            self.best = replace(met, objective=objective)

    def _objective(self, equities: list[float]) -> float | None:
        """The objective of equities by shock scenario; None where a limit on risk is broken."""
        risk, money = self.risk, self.base.units.money
        worst = cvar(equities, self.probability, risk.confidence)
        if risk.cvar_floor is not None and worst < (risk.cvar_floor - _SLACK * abs(risk.cvar_floor)) / money:
            return None
        if risk.chance is not None:
            missed = np.array(equities) < risk.chance.target / money - _ROUNDING * float(np.abs(equities).max())
            if self.probability @ missed > 1.0 - risk.chance.probability + 1e-9:
                return None
        return self._weighed(equities)

    def _weighed(self, equities: list[float]) -> float:
        """Mean and CVaR as the objective weighs them."""
        risk = self.risk
        worst = cvar(equities, self.probability, risk.confidence)
        return float((1.0 - risk.aversion) * (self.probability @ np.array(equities)) + risk.aversion * worst)

    @staticmethod
    def _close(value: float, bound: float, gap: float) -> bool:
        return bool(np.isfinite(value)) and bound - value <= gap * max(abs(value), 1e-9)

    def _relaxed(self, deadline: Deadline, gap: float) -> float:
        """Cuts with whole numbers relaxed; returns the bound."""
        engine, core, bound, stalled = self.commitments.engine, dict(self.best.point), np.inf, 0
        value = self.best.objective
        for _ in range(_ROUNDS):
            answer = engine.refiner.converge(deadline, gap=0.0).answer
            if answer.outcome in (Outcome.INFEASIBLE, Outcome.UNBOUNDED_OR_INFEASIBLE):
                raise Infeasible("no plan meets all requirements")
            if answer.outcome is not Outcome.OPTIMAL:
                raise StoppedWithoutPlan("the time limit was reached before any plan was found")
            proven = answer.objective + engine.program.constant
            stalled = 0 if proven < bound - 1e-3 * gap * abs(bound) else stalled + 1
            bound = min(bound, proven)
            if self._close(value, bound, _PART * gap) or stalled >= _STALLS or deadline.passed:
                return bound
            outer = self.commitments.point(answer.value)
            share = _STEP if np.isfinite(value) and not stalled else 1.0
            point = {name: _between(core.get(name, at), at, share) for name, at in outer.items()}
            found = self.visit(point, deadline, gap=_PART * gap)
            if found is not None and found[0] > value:
                core, value = dict(point), found[0]
        return bound

    def plan(self, deadline: Deadline) -> tuple[Plan, Prices]:
        """The best plan in the planner's terms, and the prices at its whole numbers.

        A price is the mean over the shock scenarios, each by its weight in the objective.
        """
        best = self.best
        assert best.value is not None, "asked once there is a plan"
        deadline = Deadline(max(deadline.at, Deadline.after(_GRACE).at))
        weights = _weights(best.equities, self.probability, self.risk)
        tables: dict[str, list[pd.DataFrame]] = {"resources": [], "budgets": [], "rules": []}
        found, equities = [], []
        for subproblem, weight in zip(self.subproblems, weights.tolist(), strict=True):
            solution = subproblem.solution(best.point, deadline, gap=POLISH)
            assert solution is not None, "treatments were found there"
            engine, answer = solution
            equities.append(answer.objective + engine.program.constant)
            found.append((engine.instance, *given(engine.master, answer.value)))
            prices = local_prices(engine.ledger, engine.master, answer)
            for name, parts in tables.items():
                table: pd.DataFrame = getattr(prices, name)
                parts.append(table.assign(price=weight * table["price"]))
            master = engine.master
        best.equities, best.objective = equities, self._weighed(equities)
        engine = self.commitments.engine
        own = local_prices(engine.ledger, engine.master, self.commitments.held(best.value, deadline))
        for name, parts in tables.items():
            parts.append(getattr(own, name))
        plan = adapting(committed(engine.ledger, engine.master, best.value), self.base, master, found)
        return plan, Prices(**{name: _added(parts) for name, parts in tables.items()}, local=True)


def _between(start: float, end: float, share: float) -> float:
    return end if np.isinf(end) else start + share * (end - start)


def _added(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Prices of the same limits added up."""
    table = pd.concat(parts, ignore_index=True)
    keys = [column for column in table.columns if column != "price"]
    total = table.groupby(keys, sort=False, dropna=False)["price"].sum().reset_index()
    return total[list(parts[0].columns)]


def _weights(equities: list[float], probability: Floats, risk: Risk) -> Floats:
    """[W] what one more unit of equity in each shock scenario adds to the objective."""
    order = np.argsort(equities, kind="stable")
    before = np.cumsum(probability[order]) - probability[order]
    tail = np.zeros(len(order))
    tail[order] = np.clip(1.0 - risk.confidence - before, 0.0, probability[order]) / (1.0 - risk.confidence)
    return np.asarray((1.0 - risk.aversion) * probability + risk.aversion * tail)
