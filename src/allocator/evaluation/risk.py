"""Equity under shocks, and the figures that sum it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from allocator.domain.risk import Risk
from allocator.evaluation.arrays import Floats
from allocator.evaluation.equity import earnings
from allocator.evaluation.instance import Instance
from allocator.evaluation.readings import Reading
from allocator.evaluation.trajectory import Trajectory


def equities(instance: Instance, trajectory: Trajectory) -> Floats:
    """Customer equity in each shock scenario, [W]; empty without shocks."""
    if instance.shocks is None:
        return np.zeros(0)
    earned = earnings(instance, trajectory)
    cost = float(trajectory.cash.total @ instance.weights[:-1])
    return instance.shocks.total(earned) - cost


def cvar(values: ArrayLike, probabilities: ArrayLike, confidence: float) -> float:
    """Mean of the lowest ``values`` that have a probability of ``1 - confidence`` together.

    The value at the edge counts with the part of its probability that is needed. Probabilities are
    divided by their sum. Confidence 0 gives the mean.

    Raises
    ------
    ValueError
        If there are no values, or confidence is not in [0, 1).
    """
    value, probability = np.asarray(values, dtype=float), np.asarray(probabilities, dtype=float)
    if value.size == 0 or not 0.0 <= confidence < 1.0:
        raise ValueError("CVaR needs at least one value and a confidence in [0, 1)")
    order = np.argsort(value, kind="stable")
    value, probability = value[order], probability[order] / probability.sum()
    tail = 1.0 - confidence
    before = np.cumsum(probability) - probability
    counted = np.clip(tail - before, 0.0, probability)
    return float(counted @ value / counted.sum())


@dataclass(frozen=True, slots=True)
class RiskStatistics:
    """Spread of customer equity, in money of today; probabilities are of falling short."""

    mean: float
    standard_deviation: float
    percentile_5: float
    percentile_50: float
    percentile_95: float
    cvar: float
    confidence: float
    below_target: float | None
    """Probability of equity below the target of `chance`; None without a target."""
    below_other: float | None
    """Probability of less equity than the other plan has in the same shock scenario; None without one."""


def risk_statistics(
    risk: pd.DataFrame, confidence: float, *, target: float | None = None, other: pd.DataFrame | None = None
) -> RiskStatistics:
    """Figures of a `risk` table (scenario, probability, equity).

    A percentile is the lowest equity that at least so much probability does not exceed. ``other`` is the
    `risk` table of another plan on the same shocks; scenarios are matched by name.

    Raises
    ------
    ValueError
        If the table is empty, or ``other`` lacks a scenario of it.
    """
    value = risk["equity"].to_numpy(dtype=float)
    probability = risk["probability"].to_numpy(dtype=float)
    worst = cvar(value, probability, confidence)
    probability = probability / probability.sum()
    mean = float(probability @ value)
    below_other = None
    if other is not None:
        rival = other.set_index("scenario")["equity"].reindex(risk["scenario"]).to_numpy(dtype=float)
        if np.isnan(rival).any():
            raise ValueError("the other plan's risk table lacks some shock scenarios")
        below_other = float(probability[value < rival].sum())
    return RiskStatistics(
        mean=mean,
        standard_deviation=float(np.sqrt(probability @ (value - mean) ** 2)),
        percentile_5=_percentile(value, probability, 0.05),
        percentile_50=_percentile(value, probability, 0.50),
        percentile_95=_percentile(value, probability, 0.95),
        cvar=worst,
        confidence=confidence,
        below_target=None if target is None else float(probability[value < target].sum()),
        below_other=below_other,
    )


def readings(risk: Risk, values: Floats, probability: Floats, worst: float) -> Iterator[Reading]:
    """The CVaR floor, and the chance of missing the target, beside what the plan gives."""
    scale = float(np.abs(values).max())
    if risk.cvar_floor is not None:
        yield Reading("cvar", "CVaR floor", "min", risk.cvar_floor, worst, scale=scale)
    if risk.chance is not None:
        missed = float(probability[values < risk.chance.target - 1e-9 * scale].sum())
        yield Reading("chance", "chance", "max", 1.0 - risk.chance.probability, missed, scale=1.0)


def _percentile(value: Floats, probability: Floats, share: float) -> float:
    order = np.argsort(value, kind="stable")
    reached = np.cumsum(probability[order])
    position = int(np.searchsorted(reached, share - 1e-12))
    return float(value[order][min(position, value.size - 1)])
