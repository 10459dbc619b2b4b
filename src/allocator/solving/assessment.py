"""How good a plan made on a sample of shocks really is (Mak, Morton and Wood 1999).

On each of several samples, drawn like the one that was planned with, the best plan is found and the plan at
hand is valued on the same sample. The best of a sample is on average at least the best there is, so the mean
difference bounds, on average, what the plan at hand leaves on the table; the spread over the samples says how
sure that is. The best plans of the samples beside each other show what hangs on the sample.

Where treatments adapt, the plan at hand is what it commits to: on any shocks the treatments that are best with
these commitments are found (the second stage).
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
from allocator.domain.progress import Progress, silent
from allocator.domain.scenario import Scenario
from allocator.evaluation import Reading, cvar, evaluate
from allocator.evaluation.out_of_sample import Estimate, cvar_estimate, mean_estimate, share_estimate
from allocator.evaluation.risk import readings as risk_readings
from allocator.solving.recourse import best_plan
from allocator.solving.valuing import Adapting, CarriedOut, Fixed, Outcome, Valued

CONFIDENCE = 0.95
"""Confidence of the bound on the gap."""
FRESH, FRESH_ADAPTING = 10_000, 200
"""Fresh shocks to value a plan on, if nothing is said; fewer where treatments adapt and all shocks differ."""
_ALIKE = 0.01
"""An allocation whose range over the samples is within this share of its largest value does not change."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A plan on fresh shocks, its gap, and what changes from sample to sample.

    figures: figure, in_sample, fresh, low, high (95 percent interval; missing for rules on customer equity)
    kept: whether the fresh shocks have treatments that keep the rules on customer equity
    gaps: sample, best, plan, gap (objective; missing where the sample has no plan), keeps_limits (whether the
        plan at hand keeps the limits on risk on the sample, and there are treatments that keep all others)
    stability: kind (effort, spend, headcount, programme), name, segment, period, plan, lowest, mean, highest,
        changes (over the best plans of the samples)
    """

    scenario: Scenario
    plan: Plan
    evaluation: Evaluation
    figures: pd.DataFrame
    kept: bool
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
    shocks: int | None = None,
    samples: int = 10,
    seed: int = 0,
    progress: Progress = silent,
) -> Assessment:
    """Value a plan on fresh shocks and bound what it leaves on the table.

    Parameters
    ----------
    scenario
        Checked, with shocks.
    plan
        The plan at hand; the best one for the scenario's own sample where it is None.
    shocks
        Fresh shocks to value it on, at least 2; ``FRESH``, or ``FRESH_ADAPTING`` with recourse and
        generated shocks, where it is None.
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
    one_by_one = scenario.risk.recourse and scenario.risk.generate is not None
    valued, count = _valued(scenario, plan, evaluation), shocks or (FRESH_ADAPTING if one_by_one else FRESH)
    progress("evaluate", f"{count:,} fresh shocks")
    found = _Fresh(valued, valued.fresh(count, seed), seed)
    rows: list[tuple[object, ...]] = []
    bests: list[Evaluation] = []
    for number in range(1, samples + 1):
        progress("solve", f"sample {number} of {samples}")
        rows.append((number, *_compared(_sample(scenario, seed, number), found, bests)))
    return Assessment(
        scenario=scenario,
        plan=plan,
        evaluation=evaluation,
        figures=pd.DataFrame(_figures(scenario, evaluation, found), columns=_FIGURES),
        kept=all(reading.violation() is None for reading in found.outcome.shared),
        gaps=pd.DataFrame(rows, columns=["sample", "best", "plan", "gap", "keeps_limits"]),
        stability=_stability(evaluation, bests),
    )


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A plan and what it gives on fresh shocks."""

    plan: Valued
    outcome: Outcome
    seed: int

    def threshold(self, confidence: float) -> float:
        """The equity below which the worst part lies."""
        return float(np.quantile(self.outcome.equity, 1.0 - confidence, method="inverted_cdf"))


def _valued(scenario: Scenario, plan: Plan, evaluation: Evaluation) -> Valued:
    if not scenario.risk.recourse:
        return Fixed(scenario, plan)
    return Adapting(scenario, plan, evaluation, _current(scenario))


_FIGURES = ["figure", "in_sample", "fresh", "low", "high"]


def _refuse(scenario: Scenario) -> None:
    if not scenario.risk.present:
        raise InvalidInput(
            [Mistake(("scenario", "risk"), "there are no shocks to assess a plan on", "`shocks` or `generate`")]
        )
    if scenario.objective.kind != "equity":
        path = ("scenario", "objective", "kind")
        raise InvalidInput([Mistake(path, f"a plan for `{scenario.objective.kind}` cannot be assessed", "`equity`")])


def _current(scenario: Scenario) -> Evaluation | None:
    return evaluate(scenario, scenario.current_plan) if scenario.current_plan is not None else None


def _best(scenario: Scenario) -> Plan:
    return best_plan(scenario, current=_current(scenario)).plan


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


def _compared(sample: Scenario, found: _Fresh, bests: list[Evaluation]) -> tuple[float, float, float, bool]:
    """(best objective, the plan's, their difference, whether the plan keeps the limits) on one sample.

    The plan's CVaR is taken at one threshold for all samples: a threshold chosen anew on each would flatter it.
    """
    risk = sample.risk
    outcome = found.plan.on(sample)
    equity, probability = outcome.equity, outcome.probability
    limits = risk_readings(risk, equity, probability, cvar(equity, probability, risk.confidence))
    keeps = outcome.possible and not any(reading.violation() is not None for reading in limits)
    value = float(probability @ equity)
    if risk.aversion > 0.0:
        threshold = found.threshold(risk.confidence)
        short = float(probability @ np.maximum(threshold - equity, 0.0))
        value += risk.aversion * (threshold - short / (1.0 - risk.confidence) - value)
    try:
        best = evaluate(sample, _best(sample))
    except Infeasible:
        return math.nan, value, math.nan, keeps
    bests.append(best)
    # Where it keeps the limits the plan at hand is one of the sample's, and can beat the best found within the gap.
    most = max(best.objective, value) if keeps else best.objective
    return most, value, most - value, keeps


def _figures(scenario: Scenario, evaluation: Evaluation, found: _Fresh) -> Iterator[tuple[object, ...]]:
    def row(figure: str, inside: float | None, estimate: Estimate) -> tuple[object, ...]:
        return figure, inside, estimate.value, estimate.low, estimate.high

    risk, sample, values = scenario.risk, evaluation.tables.risk, found.outcome.equity
    yield row("mean", evaluation.customer_equity, mean_estimate(values, found.outcome.varying))
    yield row("CVaR", evaluation.cvar, cvar_estimate(values, risk.confidence))
    if risk.chance is not None:
        below = sample["equity"].to_numpy(dtype=float) < risk.chance.target
        inside = float(sample["probability"].to_numpy(dtype=float) @ below)
        yield row("probability of missing the target", inside, share_estimate(values < risk.chance.target))
    if scenario.current_plan is not None:
        stated = CarriedOut if risk.recourse else Fixed
        other = stated(scenario, scenario.current_plan).fresh(values.size, found.seed).equity
        current = evaluate(scenario, scenario.current_plan).tables.risk["equity"].to_numpy(dtype=float)
        loses = sample["equity"].to_numpy(dtype=float) < current
        inside = float(sample["probability"].to_numpy(dtype=float) @ loses)
        yield row("probability of losing against the current plan", inside, share_estimate(values < other))
    for reading in found.outcome.shared:
        inside = _in_sample(evaluation, reading)
        name = reading.name if reading.segment is None else f"{reading.name}: {reading.segment}"
        yield f"rule `{name}`", inside, reading.value, math.nan, math.nan
    if risk.recourse:
        yield row("probability that no treatments keep all limits", 0.0, share_estimate(~found.outcome.keeps))


def _in_sample(evaluation: Evaluation, reading: Reading) -> float:
    """What a rule comes to on the shocks that were planned with."""
    rules = evaluation.tables.rules
    here = (rules["rule"] == reading.name) & (rules["sense"] == reading.sense)
    here &= rules["segment"].isna() if reading.segment is None else rules["segment"] == reading.segment
    return float(rules.loc[here, "value"].iloc[0])


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
