"""What a plan gives under shocks it was not made on, with how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Bools, Floats
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


def fresh_shocks(scenario: Scenario, *, count: int, seed: int) -> Iterator[ShockSet]:
    """``count`` fresh shock scenarios in parts, all equally likely; the same for every plan."""
    seeds = np.random.SeedSequence(seed).generate_state(math.ceil(count / _CHUNK))
    for number, part in enumerate(seeds.tolist()):
        shocks = fresh(scenario, int(part), min(_CHUNK, count - number * _CHUNK))
        assert shocks is not None, "asked where there are shocks"
        yield shocks


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


def ratio_estimate(values: Floats, bases: Floats) -> Estimate:
    """Mean of equally likely values over that of what they are a part of; not a number where that mean is not above 0.

    The standard error is that of value - ratio x base over the mean base (the delta method).
    """
    base = float(bases.mean())
    if base <= 0.0:
        return Estimate(math.nan, math.nan)
    ratio = float(values.mean()) / base
    return Estimate(ratio, _error(values - ratio * bases) / base)


def share_estimate(hits: Bools) -> Estimate:
    """Probability of what is true in ``hits``."""
    return mean_estimate(hits.astype(float))


def _error(values: Floats) -> float:
    return float(values.std(ddof=1) / math.sqrt(values.size)) if values.size > 1 else math.inf
