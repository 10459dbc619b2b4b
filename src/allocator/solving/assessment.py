"""How good a plan made on a sample of shocks really is (Mak, Morton and Wood 1999).

On each of several samples, drawn like the one that was planned with, the best plan is found and the plan at
hand is valued on the same sample. The best of a sample is on average at least the best there is, so the mean
difference bounds, on average, what the plan at hand leaves on the table; the spread over the samples says how
sure that is. The best plans of the samples beside each other show what hangs on the sample.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from allocator.domain.errors import Infeasible, InvalidInput, Mistake
from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import Evaluator, evaluate
from allocator.evaluation.out_of_sample import (
    Estimate,
    cvar_estimate,
    fresh_equities,
    mean_estimate,
    share_estimate,
)
from allocator.formulation.instance import Floats
from allocator.solving.solve import Progress, solve

CONFIDENCE = 0.95
"""Confidence of the bound on the gap."""
_ALIKE = 0.01
"""An allocation whose range over the samples is within this share of its largest value does not change."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A plan on fresh shocks, its gap, and what changes from sample to sample.

    figures: figure, in_sample, fresh, low, high (95 percent interval)
    gaps: sample, best, plan, gap (objective; missing where the sample has no plan), keeps_limits (whether the
        plan at hand keeps the risk limits on the sample)
    stability: kind (effort, spend, headcount, programme), name, segment, period, plan, lowest, mean, highest,
        changes (over the best plans of the samples)
    """

    scenario: Scenario
    plan: Plan
    evaluation: Evaluation
    figures: pd.DataFrame
    gaps: pd.DataFrame
    stability: pd.DataFrame

    @property
    def gap(self) -> tuple[float, float]:
        """(Mean gap, its one-sided 95 percent bound); NaN where fewer than two samples have a plan."""
        gaps = self.gaps["gap"].dropna().to_numpy(dtype=float)
        if gaps.size < 2:
            return math.nan, math.nan
        width = float(student.ppf(CONFIDENCE, gaps.size - 1)) * float(gaps.std(ddof=1)) / math.sqrt(gaps.size)
        return float(gaps.mean()), float(gaps.mean()) + width


def assess(
    scenario: Scenario,
    plan: Plan | None = None,
    *,
    shocks: int = 10_000,
    samples: int = 10,
    seed: int = 0,
    progress: Progress = lambda stage, detail: None,
) -> Assessment:
    """Value a plan on fresh shocks and bound what it leaves on the table.

    Parameters
    ----------
    scenario
        Checked, with shocks.
    plan
        The plan at hand; the best one for the scenario's own sample where it is None.
    shocks
        Fresh shocks to value it on, at least 2.
    samples
        Samples to plan on anew, each as large as the scenario's.
    seed
        Same seed, same numbers.
    progress
        Told (stage, detail) as work goes on.

    Raises
    ------
    InvalidInput
        If the scenario has no shocks, or its objective is not equity.
    Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        As :func:`allocator.solving.solve`.
    """
    _refuse(scenario)
    if plan is None:
        progress("solve", "")
        plan = _best(scenario)
    evaluation = evaluate(scenario, plan)
    progress("evaluate", f"{shocks:,} fresh shocks")
    values = fresh_equities(scenario, plan, count=shocks, seed=seed)
    threshold = float(np.quantile(values, 1.0 - scenario.risk.confidence, method="inverted_cdf"))
    rows: list[tuple[object, ...]] = []
    found: list[Evaluation] = []
    for number in range(1, samples + 1):
        progress("solve", f"sample {number} of {samples}")
        rows.append((number, *_compared(_sample(scenario, seed, number), plan, threshold, found)))
    return Assessment(
        scenario=scenario,
        plan=plan,
        evaluation=evaluation,
        figures=pd.DataFrame(_figures(scenario, evaluation, values, seed), columns=_FIGURES),
        gaps=pd.DataFrame(rows, columns=["sample", "best", "plan", "gap", "keeps_limits"]),
        stability=_stability(evaluation, found),
    )


_FIGURES = ["figure", "in_sample", "fresh", "low", "high"]


def _refuse(scenario: Scenario) -> None:
    if not scenario.risk.present:
        raise InvalidInput(
            [Mistake(("scenario", "risk"), "there are no shocks to assess a plan on", "`shocks` or `generate`")]
        )
    if scenario.objective.kind != "equity":
        path = ("scenario", "objective", "kind")
        raise InvalidInput([Mistake(path, f"a plan for `{scenario.objective.kind}` cannot be assessed", "`equity`")])


def _best(scenario: Scenario) -> Plan:
    current = evaluate(scenario, scenario.current_plan) if scenario.current_plan is not None else None
    return solve(scenario, current=current).plan


def _sample(scenario: Scenario, seed: int, number: int) -> Scenario:
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


def _compared(
    sample: Scenario, plan: Plan, threshold: float, found: list[Evaluation]
) -> tuple[float, float, float, bool]:
    """(best objective, the plan's, their difference, whether the plan keeps the risk limits) on one sample.

    The plan's CVaR is taken at one threshold for all samples: a threshold chosen anew on each would flatter it.
    """
    evaluator = Evaluator(sample)
    trajectory = evaluator.run(plan)
    outcome = evaluator.outcome(trajectory)
    keeps = not any(
        reading.kind in ("cvar", "chance") and reading.violation() is not None
        for reading in evaluator.readings(trajectory)
    )
    shocks, risk = evaluator.instance.shocks, sample.risk
    assert shocks is not None, "the scenario has shocks"
    value = outcome.totals.equity
    if risk.aversion > 0.0:
        short = float(shocks.probability @ np.maximum(threshold - outcome.by_shock, 0.0))
        value += risk.aversion * (threshold - short / (1.0 - risk.confidence) - value)
    try:
        best = evaluate(sample, _best(sample))
    except Infeasible:
        return math.nan, value, math.nan, keeps
    found.append(best)
    return best.objective, value, best.objective - value, keeps


def _figures(scenario: Scenario, evaluation: Evaluation, values: Floats, seed: int) -> Iterator[tuple[object, ...]]:
    def row(figure: str, inside: float | None, estimate: Estimate) -> tuple[object, ...]:
        return figure, inside, estimate.value, estimate.low, estimate.high

    risk, sample = scenario.risk, evaluation.tables.risk
    yield row("mean", evaluation.customer_equity, mean_estimate(values))
    yield row("CVaR", evaluation.cvar, cvar_estimate(values, risk.confidence))
    if risk.chance is not None:
        below = sample["equity"].to_numpy(dtype=float) < risk.chance.target
        inside = float(sample["probability"].to_numpy(dtype=float) @ below)
        yield row("probability of missing the target", inside, share_estimate(values < risk.chance.target))
    if scenario.current_plan is not None:
        other = fresh_equities(scenario, scenario.current_plan, count=values.size, seed=seed)
        current = evaluate(scenario, scenario.current_plan).tables.risk["equity"].to_numpy(dtype=float)
        loses = sample["equity"].to_numpy(dtype=float) < current
        inside = float(sample["probability"].to_numpy(dtype=float) @ loses)
        yield row("probability of losing against the current plan", inside, share_estimate(values < other))


def _stability(evaluation: Evaluation, found: list[Evaluation]) -> pd.DataFrame:
    columns = ["kind", "name", "segment", "period", "plan", "lowest", "mean", "highest", "changes"]
    own = _amounts(evaluation)
    others = [_amounts(other) for other in found]
    keys = list(dict.fromkeys(key for amounts in (own, *others) for key in amounts))
    rows = []
    for key in keys:
        seen = np.array([amounts.get(key, 0.0) for amounts in others] or [math.nan])
        low, high = float(seen.min()), float(seen.max())
        changes = bool(high - low > _ALIKE * max(abs(high), abs(low), 1e-9))
        rows.append((*key, own.get(key, 0.0), low, float(seen.mean()), high, changes))
    return pd.DataFrame(rows, columns=columns)


def _amounts(evaluation: Evaluation) -> dict[tuple[str, str, str, int], float]:
    """What a plan does: (kind, name, segment, period) -> effort, spend, heads, or 1 where a programme has started."""
    tables = evaluation.tables
    amounts: dict[tuple[str, str, str, int], float] = {}
    for row in tables.allocation[["lever", "segment", "period", "effort_total"]].itertuples(index=False):
        amounts["effort", str(row[0]), str(row[1]), int(row[2])] = float(row[3])
    for row in tables.channels[["channel", "period", "spend"]].itertuples(index=False):
        amounts["spend", str(row[0]), "", int(row[1])] = float(row[2])
    for row in tables.resources[["resource", "period", "headcount"]].dropna().itertuples(index=False):
        amounts["headcount", str(row[0]), "", int(row[1])] = float(row[2])
    for row in tables.programmes[["programme", "start"]].dropna().itertuples(index=False):
        amounts["programme", str(row[0]), "", int(row[1])] = 1.0
    return amounts
