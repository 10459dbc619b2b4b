"""A plan followed through shock scenarios that it was not made for: one plan for all of them, or one for each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from allocator.domain.plan import Plan
from allocator.domain.risk import Risk
from allocator.domain.scenario import Objective, Scenario
from allocator.evaluation import targets
from allocator.evaluation.arrays import Bools, Floats
from allocator.evaluation.equity import Totals, earnings
from allocator.evaluation.evaluator import Evaluator
from allocator.evaluation.instance import Instance
from allocator.evaluation.readings import Reading
from allocator.evaluation.recourse import EXPECTED, Limits, current_efforts
from allocator.evaluation.trajectory import Trajectory
from allocator.uncertainty import ShockSet


@dataclass(frozen=True, slots=True)
class Followed:
    """What a plan gives in W shock scenarios. All money is discounted to today.

    equity: [W] customer equity
    gained, paid: [W] customer equity and cash; where a return is asked for, beyond those of no effort
    keeps: [W] whether all limits are kept but those over several shock scenarios
    shared: rules on customer equity, beside their means over the shock scenarios, R of them
    beyond: [W, R] how far each scenario goes beyond these rules upwards, in the unit of what they limit; 0 where there
        is one plan for all
    target: that of the objective, beside the means; None where it has none
    """

    equity: Floats
    gained: Floats
    paid: Floats
    keeps: Bools
    shared: tuple[Reading, ...]
    beyond: Floats
    target: Reading | None


def carry_out(scenario: Scenario, plan: Plan, parts: Iterable[ShockSet]) -> Followed:
    """Follow one plan through the shock scenarios of all parts; a part counts by how many it has.

    Raises
    ------
    InvalidInput
        As :func:`allocator.evaluation.evaluate`.
    """
    evaluator = Evaluator(scenario)
    trajectory = evaluator.run(plan)
    earned, cost = _money(evaluator, trajectory)
    idle, spent = np.zeros_like(earned), 0.0
    if scenario.objective.kind == "return":
        idle, spent = _money(evaluator, evaluator.run(Plan()))
    equity, nothing, factors = [], [], []
    for shocks in parts:
        equity.append(shocks.total(earned) - cost)
        nothing.append(shocks.total(idle) - spent)
        factors.append(len(shocks.names) * shocks.mean)
    values = np.concatenate(equity)
    readings = evaluator.meeting(np.sum(factors, axis=0) / values.size).readings(trajectory)
    shared = tuple(reading for reading in readings if reading.kind in EXPECTED)
    return Followed(
        equity=values,
        gained=values - np.concatenate(nothing),
        paid=np.full(values.size, cost - spent),
        keeps=np.ones(values.size, dtype=bool),
        shared=shared,
        beyond=np.zeros((values.size, len(shared))),
        target=next((reading for reading in readings if reading.kind == targets.KIND), None),
    )


def follow(scenario: Scenario, shocks: ShockSet, plans: Iterable[Plan]) -> Followed:
    """Follow a plan for each shock scenario, with its margins and its transitions.

    Raises
    ------
    InvalidInput
        As :func:`allocator.evaluation.evaluate`.
    """
    whole, goal = Instance.of_all_shocks(scenario), scenario.objective
    bare = scenario.model_copy(update={"risk": Risk(), "objective": Objective()})
    current = current_efforts(scenario, whole, bare)
    totals, keeps, beyond, limits = [], [], [], Limits()
    idle = []
    for number, plan in enumerate(plans):
        evaluator = Evaluator(whole.certain(bare, shocks.alone(number)))
        evaluator = evaluator if current is None else evaluator.beside(current)
        trajectory = evaluator.run(plan)
        outcome = evaluator.outcome(trajectory)
        totals.append(outcome.totals)
        if goal.kind == "return":
            idle.append(evaluator.outcome(evaluator.run(Plan())).totals)
        broken = [breach for breach in evaluator.violations(trajectory, outcome) if breach.kind not in EXPECTED]
        keeps.append(not broken and not trajectory.flow.scaled)
        shared = [reading for reading in evaluator.readings(trajectory) if reading.kind in EXPECTED]
        beyond.append([reading.amount - reading.limit * reading.base for reading in shared])
        limits.add(shocks.names[number], float(shocks.probability[number]), shared, ())
    equity, gained, paid, margin = _columns(totals, idle)
    mean = shocks.probability.dot
    return Followed(
        equity=equity,
        gained=gained,
        paid=paid,
        keeps=np.array(keeps, dtype=bool),
        shared=tuple(limits.readings()),
        beyond=np.array(beyond),
        target=targets.reading(goal, float(mean(gained)), float(mean(paid)), scale=abs(float(mean(margin)))),
    )


def _money(evaluator: Evaluator, trajectory: Trajectory) -> tuple[Floats, float]:
    """(What segments earn before shocks [S,T+1], discounted cash)."""
    cost = float(trajectory.cash.total @ evaluator.instance.weights[:-1])
    return earnings(evaluator.instance, trajectory), cost


def _columns(totals: list[Totals], idle: list[Totals]) -> tuple[Floats, Floats, Floats, Floats]:
    """([W] equity, equity and cash beyond those of ``idle`` if there is any, margin)."""
    equity, cost, margin = (np.array([getattr(each, name) for each in totals]) for name in ("equity", "cost", "margin"))
    if not idle:
        return equity, equity, cost, margin
    nothing, spent = (np.array([getattr(each, name) for each in idle]) for name in ("equity", "cost"))
    return equity, equity - nothing, cost - spent, margin
