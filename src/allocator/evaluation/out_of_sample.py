"""What a plan gives under shocks it was not made on, with how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Bools, Floats
from allocator.evaluation.equity import earnings
from allocator.evaluation.evaluator import Evaluator
from allocator.uncertainty import fresh

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
    by scenario. Empty where the scenario has no shocks.

    Raises
    ------
    InvalidInput
        As :func:`allocator.evaluation.evaluate`.
    """
    evaluator = Evaluator(scenario)
    trajectory = evaluator.run(plan)
    earned = earnings(evaluator.instance, trajectory)
    cost = float(trajectory.cash.total @ evaluator.instance.weights[:-1])
    parts = []
    seeds = np.random.SeedSequence(seed).generate_state(math.ceil(count / _CHUNK))
    for number, part in enumerate(seeds.tolist()):
        shocks = fresh(scenario, int(part), min(_CHUNK, count - number * _CHUNK))
        if shocks is None:
            return np.zeros(0)
        parts.append(shocks.total(earned) - cost)
    return np.concatenate(parts)


def mean_estimate(values: Floats) -> Estimate:
    """Mean of equally likely values."""
    return Estimate(float(values.mean()), _error(values))


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
