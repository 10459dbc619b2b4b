"""The second stage alone: commitments held, the best treatments in shock scenarios they were not made for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat

import pandas as pd

from allocator.domain.errors import Infeasible
from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan, Treatment
from allocator.domain.scenario import Objective, Scenario
from allocator.evaluation import Reading, evaluate
from allocator.evaluation.following import follow
from allocator.formulation.instance import Instance
from allocator.solving.deadline import Deadline
from allocator.solving.extract import adapting, extract, given
from allocator.solving.neighbours import Neighbours, counted, shared, without_shared_rules
from allocator.solving.prices import local_prices
from allocator.solving.solve import Engine
from allocator.solving.subproblem import detach, hold, subproblems
from allocator.solving.wholes import planned_commitments
from allocator.uncertainty import ShockSet

_PART = 0.2
"""Treatments are found to this part of the gap."""

Found = tuple[Treatment, ...] | None
"""The treatments in a shock scenario; None where none keep all limits."""


class SecondStage:
    """What a plan commits to, as evaluated, and the treatments that are best with it in shock scenarios.

    Where shock scenarios share commitments alone, the treatments with the most equity in each are also those with the
    best mean, CVaR and chance: each is solved alone, as a MIP where whole numbers are asked for in each. Rules on
    customer equity, and targets of the objective, hold in the mean over all: the shock scenarios are solved together.
    """

    def __init__(self, scenario: Scenario, plan: Plan, evaluation: Evaluation, current: Evaluation | None) -> None:
        self._scenario, self._current = scenario, current
        self._plan, self._evaluation = plan, evaluation
        self._gap = _PART * scenario.solver.gap
        self._prices: pd.DataFrame | None = None

    def treatments(self, shocks: ShockSet) -> Iterator[Found]:
        """The best treatments in each shock scenario.

        Where no treatments keep the limits on risk, or else the target, or else the rules on customer equity, over
        these shock scenarios, they are the best without.

        Raises
        ------
        StoppedWithoutPlan
        """
        self._prices = None
        for question in _over_all(self._scenario):
            found = self._together(question, shocks)
            if found is not None:
                yield from found
                return
        yield from self._apart(_without_target(without_shared_rules(self._scenario)), shocks)

    def price(self, shared: Reading) -> float:
        """What one unit more of what a rule on customer equity allows is worth in the mean, over the shock scenarios
        whose treatments were asked for last; 0 where more counts than the mean."""
        rules = self._prices
        if rules is None:
            return 0.0
        here = (rules["rule"] == shared.name) & (rules["sense"] == shared.sense)
        here &= rules["segment"].isna() if shared.segment is None else rules["segment"] == shared.segment
        return float(rules.loc[here, "price"].sum()) / shared.base if shared.base else 0.0

    def _together(self, question: Scenario, shocks: ShockSet) -> list[Found] | None:
        """All shock scenarios side by side; None where no treatments keep all limits."""
        instance = Instance(question, self._current).meeting(shocks).fan()
        engine = Engine(question, self._current, self._no_effort(shocks), instance=instance)
        detach(engine)
        hold(engine, planned_commitments(engine.ledger, self._evaluation))
        try:
            best, _ = engine.answer(self._deadline(), gap=self._gap)
        except Infeasible:
            return None
        if question.risk.aversion == 0.0 and question.risk.cvar_floor is None:
            self._prices = local_prices(engine.ledger, engine.master, best.local).rules
        plan = extract(engine.ledger, engine.master, best.value)
        return [plan.within(name).treatments for name in shocks.names]

    def _no_effort(self, shocks: ShockSet) -> Evaluation | None:
        """What no effort gives, and costs, in the mean over these shock scenarios, where a return is asked for."""
        if self._scenario.objective.kind != "return":
            return None
        bare = _without_target(self._scenario)
        found = follow(bare, shocks, repeat(Plan(), len(shocks.names)))
        equity, cost = (float(shocks.probability @ values) for values in (found.equity, found.paid))
        return replace(evaluate(bare, Plan()), customer_equity=equity, cost=cost)

    def _apart(self, question: Scenario, shocks: ShockSet) -> Iterator[Found]:
        """Each shock scenario alone; it begins with the treatments of the one before."""
        base, known = Neighbours(question, self._current, None, Deadline()).base.meeting(shocks), None
        for subproblem in subproblems(base, kept=0):
            if known is not None:
                subproblem.remember(known)
            point = planned_commitments(subproblem.ledger, self._evaluation)
            solve = subproblem.whole if counted(question) else subproblem.solution
            found = solve(point, self._deadline(), gap=self._gap)
            if found is None:
                yield None
                continue
            engine, answer = found
            known, amount = given(engine.master, answer.value)
            instance = engine.instance
            yield adapting(self._plan, instance, engine.master, [(instance, known, amount)]).treatments

    def _deadline(self) -> Deadline:
        """Each program has the scenario's time."""
        return Deadline.after(self._scenario.solver.time_limit)


def _over_all(scenario: Scenario) -> Iterator[Scenario]:
    """What is asked of all shock scenarios together, the most first."""
    if scenario.objective.target is not None:
        yield scenario
        yield _without_limits_on_risk(scenario)
    if shared(scenario):
        yield _without_target(scenario)
        yield _without_target(_without_limits_on_risk(scenario))


def _without_limits_on_risk(scenario: Scenario) -> Scenario:
    risk = scenario.risk.model_copy(update={"cvar_floor": None, "chance": None})
    return scenario.model_copy(update={"risk": risk})


def _without_target(scenario: Scenario) -> Scenario:
    return scenario.model_copy(update={"objective": Objective()})
