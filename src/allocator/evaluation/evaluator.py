"""Exact consequences of a plan: from scenario and plan to flows, money, rules and tables."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

import numpy as np

from allocator.domain.errors import InvalidInput, Mistake
from allocator.domain.evaluation import Evaluation, Violation
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import cash, channels, flows, programmes, risk, rules, staffing, tables, targets, treatments
from allocator.evaluation.arrays import Bools, Floats, sums
from allocator.evaluation.budgets import Budgets
from allocator.evaluation.budgets import readings as budget_readings
from allocator.evaluation.equity import Totals, lifetime_values, totals
from allocator.evaluation.instance import Instance
from allocator.evaluation.plan_arrays import PlanArrays
from allocator.evaluation.readings import ROUNDING, Reading
from allocator.evaluation.rules.view import View
from allocator.evaluation.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Outcome:
    """Equity of a plan, and its value to the planner."""

    totals: Totals
    by_shock: Floats
    """[W] equity in each shock scenario; empty without shocks."""
    cvar: float | None
    objective: float


class Evaluator:
    """Evaluates many plans on one scenario, for which everything is looked up once.

    A search changes :class:`PlanArrays` and reads :meth:`equity` and :meth:`readings` of the trajectory;
    :meth:`report` builds tables and is meant for the plans that are shown.
    """

    def __init__(self, scenario: Scenario | Instance) -> None:
        self.instance = scenario if isinstance(scenario, Instance) else Instance(scenario)
        self._budgets = Budgets(self.instance)
        self._current: Floats | None = None

    def under(self, scenario: Scenario) -> Evaluator:
        """An evaluator of a scenario that differs in its limits alone: budgets, rules and the limits on risk.

        Nothing that does not depend on limits is looked up again.
        """
        found = copy(self)
        found.instance = self.instance.under(scenario)
        if scenario.budgets is not self.instance.scenario.budgets:
            found._budgets = Budgets(found.instance)
        return found

    def meeting(self, factor: Floats) -> Evaluator:
        """The same where shocks have the mean factors [S,T+1]; what is told is the mean over them."""
        found = copy(self)
        found.instance = self.instance.meeting(factor)
        return found

    def beside(self, current: Floats) -> Evaluator:
        """The same, with the total efforts [L,S,T] of the current plan given."""
        found = copy(self)
        found._current = current
        return found

    def arrays(self, plan: Plan) -> PlanArrays:
        """The plan as arrays; raises InvalidInput for names and periods that the scenario does not have."""
        return PlanArrays.read(self.instance, plan)

    def run(self, plan: Plan | PlanArrays, *, repair: bool = True) -> Trajectory:
        """Follow a plan through the scenario; ``repair`` as in :func:`evaluate`."""
        instance = self.instance
        arrays = self.arrays(plan) if isinstance(plan, Plan) else plan
        active = programmes.working(instance, arrays.start)
        given = staffing.capacity(instance, arrays.heads, active)
        broken = [*programmes.violations(instance, arrays.start), *staffing.violations(instance, given)]
        prepared, impossible = treatments.prepare(instance, arrays, active)
        spend, overspent = channels.possible_spend(instance, arrays.spend, active)
        channel_flow = channels.ChannelFlow(instance, spend)
        flow = flows.follow(instance, prepared, channel_flow, given.most, repair)
        dispatch = staffing.dispatch(instance, given, flow.used)
        effort = cash.efforts(instance, prepared, flow.served, flow.share)
        exceeded = _exceeded(instance, flows.over(flow.used, given.most), flow.used, given.most)
        return Trajectory(
            plan=arrays,
            working=active,
            treatments=prepared,
            channels=channel_flow,
            capacity=given,
            flow=flow,
            dispatch=dispatch,
            effort=effort,
            cash=cash.spent(instance, arrays.start, effort, channels=channel_flow, given=given, hours=dispatch),
            margin=_margin(instance, prepared, flow),
            violations=(*broken, *impossible, *overspent, *exceeded),
        )

    def equity(self, trajectory: Trajectory) -> float:
        """Expected customer equity, without risk terms."""
        return totals(self.instance, trajectory).equity

    def outcome(self, trajectory: Trajectory) -> Outcome:
        """Equity over the shocks and the objective of the scenario.

        The objective is (1 - aversion) x mean + aversion x CVaR; discounted cash where spend is minimised.
        """
        scenario, parts = self.instance.scenario, totals(self.instance, trajectory)
        by_shock = risk.equities(self.instance, trajectory)
        shocks, worst = self.instance.shocks, None
        objective = parts.equity
        if shocks is not None:
            worst = risk.cvar(by_shock, shocks.probability, scenario.risk.confidence)
            objective += scenario.risk.aversion * (worst - parts.equity)
        if scenario.objective.kind == "spend":
            objective = parts.cost
        return Outcome(parts, by_shock, worst, objective)

    def readings(self, trajectory: Trajectory) -> list[Reading]:
        """Every rule, risk limit and target beside what the plan does; budgets are in :meth:`budget_readings`."""
        return self._readings(trajectory, self.outcome(trajectory))

    def violations(self, trajectory: Trajectory, outcome: Outcome) -> tuple[Violation, ...]:
        """All that a plan breaks; ``outcome`` is that of the trajectory."""
        return self._violations(trajectory, self._readings(trajectory, outcome))

    def _violations(self, trajectory: Trajectory, limits: list[Reading]) -> tuple[Violation, ...]:
        breaches = [reading.violation() for reading in (*self.budget_readings(trajectory), *limits)]
        return (*trajectory.violations, *(breach for breach in breaches if breach is not None))

    def _readings(self, trajectory: Trajectory, outcome: Outcome) -> list[Reading]:
        found = list(rules.readings(View(self.instance, trajectory, self._current_efforts)))
        shocks = self.instance.shocks
        if shocks is not None and outcome.cvar is not None:
            found += risk.readings(self.instance.scenario.risk, outcome.by_shock, shocks.probability, outcome.cvar)
        target = self._target(outcome.totals)
        return found if target is None else [*found, target]

    def budget_readings(self, trajectory: Trajectory) -> list[Reading]:
        """Every budget's ceiling and floor beside the money used."""
        return list(budget_readings(self._budgets.use(trajectory.cash), float(trajectory.cash.total.sum())))

    def report(self, trajectory: Trajectory) -> Evaluation:
        """All results and tables of a trajectory."""
        instance, outcome = self.instance, self.outcome(trajectory)
        limits = self._readings(trajectory, outcome)
        values = lifetime_values(instance, trajectory)
        borne = float(trajectory.cash.segments.sum(axis=0) @ instance.weights[:-1])
        earned = outcome.totals.margin + outcome.totals.terminal - borne
        current = float(values[instance.ours] @ instance.customers[instance.ours])
        new = earned - current
        return Evaluation(
            customer_equity=outcome.totals.equity,
            margin=outcome.totals.margin,
            cost=outcome.totals.cost,
            terminal_value=outcome.totals.terminal,
            equity_current_customers=current,
            equity_new_customers=new if abs(new) > ROUNDING * abs(earned) else 0.0,
            cvar=outcome.cvar,
            objective=outcome.objective,
            tables=tables.build(
                instance,
                trajectory,
                uses=self._budgets.use(trajectory.cash),
                limits=limits,
                values=values,
                by_shock=outcome.by_shock,
            ),
            violations=self._violations(trajectory, limits),
            scaled=trajectory.flow.scaled,
        )

    def _current_efforts(self) -> Floats:
        if self._current is None:
            plan = self.instance.scenario.current_plan
            if plan is None:
                raise InvalidInput([Mistake(("scenario", "current_plan"), "is missing", "a plan, for rule `change`")])
            self._current = self.run(plan).effort.total
        return self._current

    def _target(self, parts: Totals) -> Reading | None:
        goal, gained, paid = self.instance.scenario.objective, parts.equity, parts.cost
        if goal.kind == "return":
            nothing = totals(self.instance, self.run(Plan()))
            gained, paid = gained - nothing.equity, paid - nothing.cost
        return targets.reading(goal, gained, paid, scale=abs(parts.margin))


def _margin(instance: Instance, prepared: treatments.Treatments, flow: flows.Flow) -> Floats:
    shape = (len(instance.segments), instance.horizon)
    cell = prepared.segment * instance.horizon + prepared.period
    treated = sums(cell, flow.served * prepared.margin, shape[0] * shape[1]).reshape(shape)
    return np.asarray(treated + flow.rest * flow.customers[:, :-1] * instance.baseline.margin, dtype=float)


def _exceeded(instance: Instance, hit: Bools, used: Floats, most: Floats) -> Iterator[Violation]:
    for resource, period in np.argwhere(hit):
        limit, value = float(most[resource, period]), float(used[resource, period])
        yield Violation("capacity", instance.resources.names[resource], int(period) + 1, limit, value, value - limit)
