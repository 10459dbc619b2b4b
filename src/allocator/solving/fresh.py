"""What a plan gives on fresh shocks, beside what it gives on those it was made for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.domain.evaluation import Evaluation
from allocator.domain.scenario import Scenario
from allocator.evaluation import Reading, evaluate
from allocator.evaluation.out_of_sample import (
    Estimate,
    cvar_estimate,
    mean_estimate,
    ratio_estimate,
    share_estimate,
)
from allocator.solving.valuing import CarriedOut, Fixed, Outcome, Valued

COLUMNS = ["figure", "in_sample", "fresh", "low", "high"]


@dataclass(frozen=True, slots=True)
class Fresh:
    """A plan and what it gives on fresh shocks."""

    plan: Valued
    outcome: Outcome
    seed: int

    def threshold(self, confidence: float) -> float:
        """The equity below which the worst part lies."""
        return float(np.quantile(self.outcome.equity, 1.0 - confidence, method="inverted_cdf"))


def figures(scenario: Scenario, evaluation: Evaluation, found: Fresh) -> pd.DataFrame:
    """Every figure in sample and on fresh shocks, with 95 percent intervals; columns ``COLUMNS``."""
    parts = (_equity, _target, _against_current, _limits)
    rows = [row for part in parts for row in part(scenario, evaluation, found)]
    return pd.DataFrame(
        [(name, inside, estimate.value, estimate.low, estimate.high) for name, inside, estimate in rows],
        columns=COLUMNS,
    )


_Row = tuple[str, float | None, Estimate]


def _equity(scenario: Scenario, evaluation: Evaluation, found: Fresh) -> Iterator[_Row]:
    risk, outcome, sample = scenario.risk, found.outcome, evaluation.tables.risk
    # Where spend is least, what varies is told of the spend; treatments are taken as they are.
    varying = None if scenario.objective.kind == "spend" else outcome.varying
    yield "mean", evaluation.customer_equity, mean_estimate(outcome.equity, varying)
    yield "CVaR", evaluation.cvar, cvar_estimate(outcome.equity, risk.confidence)
    if risk.chance is not None:
        below = sample["equity"].to_numpy(dtype=float) < risk.chance.target
        inside = float(sample["probability"].to_numpy(dtype=float) @ below)
        yield "probability of missing the target", inside, share_estimate(outcome.equity < risk.chance.target)


def _target(scenario: Scenario, evaluation: Evaluation, found: Fresh) -> Iterator[_Row]:
    outcome = found.outcome
    if scenario.objective.kind == "spend":
        yield "discounted cash", evaluation.cost, mean_estimate(outcome.paid, outcome.varying)
    if scenario.objective.kind == "return" and outcome.target is not None:
        estimate = ratio_estimate(outcome.gained, outcome.paid)
        if scenario.risk.recourse and outcome.target.binding:
            # Treatments are chosen so as to reach it.
            estimate = Estimate(estimate.value, math.nan)
        yield "return on spend", _in_sample(evaluation, outcome.target), estimate


def _against_current(scenario: Scenario, evaluation: Evaluation, found: Fresh) -> Iterator[_Row]:
    if scenario.current_plan is None:
        return
    stated = CarriedOut if scenario.risk.recourse else Fixed
    values, sample = found.outcome.equity, evaluation.tables.risk
    other = stated(scenario, scenario.current_plan).fresh(values.size, found.seed).equity
    current = evaluate(scenario, scenario.current_plan).tables.risk["equity"].to_numpy(dtype=float)
    loses = sample["equity"].to_numpy(dtype=float) < current
    inside = float(sample["probability"].to_numpy(dtype=float) @ loses)
    yield "probability of losing against the current plan", inside, share_estimate(values < other)


def _limits(scenario: Scenario, evaluation: Evaluation, found: Fresh) -> Iterator[_Row]:
    for reading in found.outcome.shared:
        inside = _in_sample(evaluation, reading)
        name = reading.name if reading.segment is None else f"{reading.name}: {reading.segment}"
        yield f"rule `{name}`", inside, Estimate(reading.value, math.nan)
    if scenario.risk.recourse:
        yield "probability that no treatments keep all limits", 0.0, share_estimate(~found.outcome.keeps)


def _in_sample(evaluation: Evaluation, reading: Reading) -> float:
    """What a limit comes to on the shocks that were planned with."""
    rules = evaluation.tables.rules
    here = (rules["rule"] == reading.name) & (rules["sense"] == reading.sense)
    here &= rules["segment"].isna() if reading.segment is None else rules["segment"] == reading.segment
    return float(rules.loc[here, "value"].iloc[0])
