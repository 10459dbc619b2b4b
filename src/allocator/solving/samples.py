"""Other samples of shocks: the best plan of each, and what another plan lacks of it there.

Where the objective has a target, a plan reaches another equity or return on each sample. It is brought to the target
there at the price that the target has in the best plan of the sample. By duality no plan that keeps all other limits
then has more than the best one, as long as nothing is whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.domain.errors import Infeasible
from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import Reading, cvar, evaluate
from allocator.evaluation.risk import readings as risk_readings
from allocator.solving.fresh import Fresh
from allocator.solving.recourse import best_plan
from allocator.solving.solved import Solved
from allocator.solving.valuing import Outcome

_ROUNDING = 1e-9
"""Objectives that differ by no more (relative) are one."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A plan beside the best one of a sample; money is that of the objective, which is spend where that is least.

    found: the best plan, evaluated; None where the sample has none
    plan, best, gap: objective of the plan, of the best one, and what the plan lacks of it
    keeps_limits: whether the plan keeps the limits on risk, the rules on customer equity and the target on the sample,
        and there are treatments that keep all others
    target, target_price: what the plan comes to, and what one unit more of the target costs the best plan, where the
        objective has one
    """

    found: Evaluation | None
    plan: float
    best: float
    gap: float
    keeps_limits: bool
    target: float
    target_price: float


def best_of(scenario: Scenario) -> Solved:
    """The best plan of a scenario, its current plan taken into account."""
    current = evaluate(scenario, scenario.current_plan) if scenario.current_plan is not None else None
    return best_plan(scenario, current=current)


def resampled(scenario: Scenario, seed: int, number: int) -> Scenario:
    """The scenario with another sample: drawn with another seed, or its table drawn again with replacement."""
    risk = scenario.risk
    state = int(np.random.SeedSequence((seed, number)).generate_state(1)[0])
    if risk.generate is not None:
        drawn = risk.generate.model_copy(update={"seed": state})
        return scenario.model_copy(update={"risk": risk.model_copy(update={"generate": drawn})})
    probability = {shock.scenario: shock.probability for shock in risk.shocks or ()}
    weights = np.array(list(probability.values()))
    counts = np.random.default_rng(state).multinomial(len(weights), weights / weights.sum()) / len(weights)
    again = dict(zip(probability, counts.tolist(), strict=True))
    rows = tuple(
        shock.model_copy(update={"probability": again[shock.scenario]})
        for shock in risk.shocks or ()
        if again[shock.scenario] > 0.0
    )
    return scenario.model_copy(update={"risk": risk.model_copy(update={"shocks": rows})})


def compared(sample: Scenario, found: Fresh) -> Compared:
    """The plan ``found`` beside the best one of a sample."""
    risk, outcome, sign = sample.risk, found.plan.on(sample), -1.0 if sample.objective.kind == "spend" else 1.0
    worst, target = cvar(outcome.equity, outcome.probability, risk.confidence), outcome.target
    limits = [*risk_readings(risk, outcome.equity, outcome.probability, worst), *outcome.shared]
    others = bool(outcome.keeps.all()) and not any(reading.violation() is not None for reading in limits)
    keeps = others and (target is None or target.violation() is None)
    value, reached = _objective(sample, found, outcome), math.nan if target is None else target.value
    try:
        solved = best_of(sample)
    except Infeasible:
        return Compared(None, value, math.nan, math.nan, keeps, reached, math.nan)
    best = evaluate(sample, solved.plan)
    most, own, price = sign * best.objective, sign * value, 0.0
    if target is not None:
        price = _price(sample, solved, best, target)
        own += price * (target.amount - target.limit * target.base)
    elif others:
        # The plan at hand is one of the sample's, and can beat the best found within the gap.
        most = max(most, own)
    gap = most - own if abs(most - own) > _ROUNDING * abs(most) else 0.0
    gap = max(gap, 0.0) if others else gap
    return Compared(best, value, sign * most, gap, keeps, reached, price)


def table(rows: Sequence[Compared], *, aimed: bool) -> pd.DataFrame:
    """One row per sample; ``aimed``: the objective has a target."""
    columns = ["best", "plan", "gap", "keeps_limits", *(["target", "target_price"] if aimed else [])]
    found = {column: [getattr(row, column) for row in rows] for column in columns}
    return pd.DataFrame({"sample": range(1, len(rows) + 1), **found})


def _objective(sample: Scenario, found: Fresh, outcome: Outcome) -> float:
    """The plan's objective on a sample, CVaR taken at one threshold for all samples: a threshold chosen anew on each
    would flatter it."""
    if sample.objective.kind == "spend":
        return float(outcome.probability @ outcome.paid)
    risk, value = sample.risk, float(outcome.probability @ outcome.equity)
    if risk.aversion == 0.0:
        return value
    threshold = found.threshold(risk.confidence)
    short = float(outcome.probability @ np.maximum(threshold - outcome.equity, 0.0))
    return value + risk.aversion * (threshold - short / (1.0 - risk.confidence) - value)


def _price(sample: Scenario, solved: Solved, best: Evaluation, target: Reading) -> float:
    """What one unit of money beyond the target costs the best plan of a sample, in the objective."""
    rules = solved.prices.rules
    price = -float(rules.loc[(rules["rule"] == target.name) & (rules["sense"] == target.sense), "price"].sum())
    if sample.objective.kind == "spend":
        return price + 0.0
    paid = best.cost - evaluate(sample, Plan()).cost
    return price / paid + 0.0 if paid > 0.0 else 0.0
