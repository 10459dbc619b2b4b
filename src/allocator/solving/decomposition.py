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
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from allocator.domain.errors import Infeasible, StoppedWithoutPlan
from allocator.domain.plan import Plan
from allocator.domain.result import Prices, Size
from allocator.domain.risk import Risk
from allocator.evaluation import cvar
from allocator.formulation.build import build_commitments
from allocator.formulation.compile import compile_program
from allocator.formulation.instance import Floats, Instance
from allocator.solving.extract import adapting, committed, given
from allocator.solving.highs import Deadline, LpAnswer, Outcome
from allocator.solving.prices import local_prices
from allocator.solving.search import POLISH
from allocator.solving.solve import Engine, Frame
from allocator.solving.subproblem import Commitments, Cut, subproblems

_STEP = 0.5
"""Share of the way from the best point known to the program's solution at which cuts are made."""
_ROUNDS = 200
_STALLS = 3
"""Rounds without a better bound after which whole commitments are tried."""
_PART = 0.2
"""Scenarios are solved to this part of the gap."""
_GRACE = 5.0
"""Seconds beyond the time limit for the treatments of a plan at hand."""
_SLACK = 1e-7
"""Relative shortfall from a limit on risk that counts as none."""


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

    def __init__(self, risk: Risk, base: Instance, wanted: Instance, reached: Sequence[float]) -> None:
        assert base.shocks is not None, "checked with the input"
        self.risk, self.base = risk, base
        self.probability: Floats = base.shocks.probability
        self.commitments, self._reached = _commitments(wanted, reached)
        program = self.commitments.program
        known = ((v.name, program.column(v)) for v in self.commitments.ledger.stages.commitments)
        self._columns = {name: column for name, column in known if column is not None}
        self.subproblems = subproblems(base)
        self.best = Best()
        self.rounds = 0

    def run(self, deadline: Deadline, *, gap: float) -> float:
        """Improve ``best``; returns the bound (unit of the program).

        Raises
        ------
        Infeasible, StoppedWithoutPlan
        """
        bound = self._relaxed(deadline, gap)
        engine, before = self.commitments, None
        while not self._close(self.best.objective, bound, gap) and not deadline.passed:
            engine.search.best = None
            found, proven = engine.answer(deadline, gap=_PART * gap)
            bound = min(bound, proven + engine.program.constant)
            point = self._point(found.value)
            if point == before:
                break
            self.visit(point, deadline, gap=_PART * gap, value=found.value)
            before = point
        if self.best.value is None:
            why = "the time limit was reached" if deadline.passed else "limits on risk leave no room within the gap"
            raise StoppedWithoutPlan(f"{why} before any plan was found")
        return max(bound, self.best.objective)

    def try_out(self, point: Commitments, deadline: Deadline, *, gap: float) -> tuple[float, float] | None:
        """Objective and bound of commitments that stand for a plan of their own (unit of the program), to begin
        with; None where they break a limit."""
        value = np.zeros(self.commitments.master.solver.columns)
        for name, column in self._columns.items():
            value[column] = point[name] / self.commitments.program.column_unit[column]
        return self.visit(point, deadline, gap=_PART * gap, value=value)

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
        self._take_in(cuts)
        if len(cuts) < len(self.subproblems) or not all(cut.feasible for cut in cuts):
            return None
        equities = [cut.value for cut in cuts]
        objective = self._objective(equities)
        if objective is None:
            return None
        if value is not None and objective > self.best.objective:
            self.best = Best(objective, point, equities, value)
        return objective, self._weighed([cut.most for cut in cuts])

    def _objective(self, equities: list[float]) -> float | None:
        """The objective of equities by shock scenario; None where a limit on risk is broken."""
        risk, money = self.risk, self.base.units.money
        slack = _SLACK * float(np.abs(equities).max())
        worst = cvar(equities, self.probability, risk.confidence)
        if risk.cvar_floor is not None and worst < risk.cvar_floor / money - slack:
            return None
        if risk.chance is not None:
            missed = np.array(equities) < risk.chance.target / money - slack
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
        engine, core, bound, stalled = self.commitments, dict(self.best.point), np.inf, 0
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
            outer = self._point(answer.value)
            share = _STEP if np.isfinite(value) and not stalled else 1.0
            point = {name: core.get(name, at) + share * (at - core.get(name, at)) for name, at in outer.items()}
            found = self.visit(point, deadline, gap=_PART * gap)
            if found is not None and found[0] > value:
                core, value = dict(point), found[0]
        return bound

    def _point(self, value: Floats) -> Commitments:
        """The commitments of a solution, whole numbers whole up to rounding."""
        program, found = self.commitments.program, {}
        for name, column in self._columns.items():
            amount = float(value[column])
            if program.integer[column] and abs(amount - round(amount)) < 1e-6:
                amount = float(round(amount))
            found[name] = amount * float(program.column_unit[column])
        return found

    def _take_in(self, cuts: list[Cut]) -> None:
        """Write the cuts into the program of the commitments."""
        program = self.commitments.program
        rows = []
        for number, cut in enumerate(cuts):
            sloping = [(self._columns[name], slope) for name, slope in cut.slopes.items() if slope]
            places = [column for column, _ in sloping]
            values = [-slope * float(program.column_unit[column]) for column, slope in sloping]
            right = cut.most - sum(slope * cut.at[name] for name, slope in cut.slopes.items())
            if cut.feasible:
                places, values = [*places, self._reached[number]], [*values, 1.0]
            if places:
                size = max(1.0, *(abs(value) for value in values))
                rows.append((places, [value / size for value in values], -np.inf, right / size))
        self.commitments.master.add_rows(rows)

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
        engine = self.commitments
        own = local_prices(engine.ledger, engine.master, self._at_best(best.value, deadline))
        for name, parts in tables.items():
            parts.append(getattr(own, name))
        plan = adapting(committed(engine.ledger, engine.master, best.value), self.base, master, found)
        return plan, Prices(**{name: _added(parts) for name, parts in tables.items()}, local=True)

    def _at_best(self, value: Floats, deadline: Deadline) -> LpAnswer:
        """The program of the commitments with the whole numbers of a solution held."""
        master = self.commitments.master
        columns = master.integer_columns[master.integer_columns < len(value)]
        whole = np.round(value[columns])
        master.solver.bound_columns(columns, whole, whole)
        answer = master.solve_lp(deadline)
        master.solver.bound_columns(columns, *master.bounds(columns))
        return answer

    def size(self) -> Size:
        """Size of the program of the commitments, with its cuts."""
        solver = self.commitments.master.solver
        integers = len(self.commitments.master.integer_columns)
        return Size(columns=solver.columns, rows=solver.rows, integers=integers, treatments=0, rounds=self.rounds)


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


def _commitments(wanted: Instance, reached: Sequence[float]) -> tuple[Engine, list[int]]:
    """The engine of the commitments, and the column of the equity reached in each shock scenario."""
    instance = wanted.standing()
    most = np.zeros((len(instance.segments), instance.horizon + 1))
    ledger, variables = build_commitments(instance, lambda: most)
    program = compile_program(ledger)
    engine = Engine(wanted.scenario, instance=instance, frame=Frame(ledger, program, treated=False))
    columns = [program.columns[id(variables[number])] for number in range(len(reached))]
    program.upper[columns] = reached
    engine.master.solver.bound_columns(np.array(columns), program.lower[columns], program.upper[columns])
    return engine, columns
