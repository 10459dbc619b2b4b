"""What a plan gives under shocks it was not made on, with how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from allocator.domain.plan import Plan
from allocator.domain.risk import Risk
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Bools, Floats
from allocator.evaluation.equity import earnings
from allocator.evaluation.evaluator import Evaluator
from allocator.evaluation.instance import Instance
from allocator.evaluation.readings import Reading
from allocator.evaluation.recourse import EXPECTED, Limits, current_efforts
from allocator.uncertainty import ShockSet, fresh

_CHUNK = 1_000
_WIDTH = NormalDist().inv_cdf(0.975)
"""Standard errors to either end of a 95 percent confidence interval."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure from a sample, with its standard error and 95 percent confidence interval."""

    value: float
    error: float

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.value - _WIDTH * self.error

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.value + _WIDTH * self.error


def fresh_equities(scenario: Scenario, plan: Plan, *, count: int, seed: int) -> Floats:
    """Customer equity of ``plan`` in each of ``count`` fresh, equally likely shock scenarios.

    The same seed and count give the same shocks whatever the plan, so that plans can be compared scenario
    by scenario.

    Raises
    ------
    InvalidInput
        As :func:`allocator.evaluation.evaluate`.
    """
    evaluator = Evaluator(scenario)
    trajectory = evaluator.run(plan)
    earned = earnings(evaluator.instance, trajectory)
    cost = float(trajectory.cash.total @ evaluator.instance.weights[:-1])
    return np.concatenate([shocks.total(earned) - cost for shocks in fresh_shocks(scenario, count=count, seed=seed)])


def fresh_shocks(scenario: Scenario, *, count: int, seed: int) -> Iterator[ShockSet]:
    """``count`` fresh shock scenarios in parts, all equally likely; the same for every plan."""
    seeds = np.random.SeedSequence(seed).generate_state(math.ceil(count / _CHUNK))
    for number, part in enumerate(seeds.tolist()):
        shocks = fresh(scenario, int(part), min(_CHUNK, count - number * _CHUNK))
        assert shocks is not None, "asked where there are shocks"
        yield shocks


@dataclass(frozen=True, slots=True)
class Followed:
    """What a plan for each of W shock scenarios gives, with their margins and their transitions.

    equity: [W] customer equity
    keeps: [W] whether all limits are kept but those over several shock scenarios
    shared: rules on customer equity, beside their means over the shock scenarios, R of them
    beyond: [W, R] how far each scenario goes beyond these rules upwards, in the unit of what they limit
    """

    equity: Floats
    keeps: Bools
    shared: tuple[Reading, ...]
    beyond: Floats


def follow(scenario: Scenario, shocks: ShockSet, plans: Iterable[Plan]) -> Followed:
    """Follow a plan for each shock scenario.

    Raises
    ------
    InvalidInput
        As :func:`allocator.evaluation.evaluate`.
    """
    whole = Instance.of_all_shocks(scenario)
    bare = scenario.model_copy(update={"risk": Risk()})
    current = current_efforts(scenario, whole, bare)
    equity, keeps, beyond, limits = [], [], [], Limits()
    for number, plan in enumerate(plans):
        evaluator = Evaluator(whole.certain(bare, shocks.alone(number)))
        evaluator = evaluator if current is None else evaluator.beside(current)
        trajectory = evaluator.run(plan)
        outcome = evaluator.outcome(trajectory)
        equity.append(outcome.totals.equity)
        broken = [breach for breach in evaluator.violations(trajectory, outcome) if breach.kind not in EXPECTED]
        keeps.append(not broken and not trajectory.flow.scaled)
        shared = [reading for reading in evaluator.readings(trajectory) if reading.kind in EXPECTED]
        beyond.append([reading.amount - reading.limit * reading.base for reading in shared])
        limits.add(shocks.names[number], float(shocks.probability[number]), shared, ())
    return Followed(np.array(equity), np.array(keeps, dtype=bool), tuple(limits.readings()), np.array(beyond))


def mean_estimate(values: Floats, varying: Floats | None = None) -> Estimate:
    """Mean of equally likely values, whose error is that of the mean of ``varying`` where it is given."""
    return Estimate(float(values.mean()), _error(values if varying is None else varying))


def cvar_estimate(values: Floats, confidence: float) -> Estimate:
    """CVaR of equally likely values.

    The standard error is that of threshold - max(threshold - value, 0) / (1 - confidence), whose mean CVaR is
    (Rockafellar and Uryasev 2000), at the threshold of the sample.
    """
    threshold = float(np.quantile(values, 1.0 - confidence, method="inverted_cdf"))
    tail = threshold - np.maximum(threshold - values, 0.0) / (1.0 - confidence)
    return Estimate(float(tail.mean()), _error(tail))


def share_estimate(hits: Bools) -> Estimate:
    """Probability of what is true in ``hits``."""
    return mean_estimate(hits.astype(float))


def _error(values: Floats) -> float:
    return float(values.std(ddof=1) / math.sqrt(values.size)) if values.size > 1 else math.inf
