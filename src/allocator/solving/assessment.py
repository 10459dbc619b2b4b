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
from dataclasses import dataclass

import pandas as pd
from scipy.stats import t as student

from allocator.domain.errors import InvalidInput, Mistake
from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.progress import Progress, silent
from allocator.domain.scenario import Scenario
from allocator.evaluation import Reading, evaluate
from allocator.solving.fresh import Fresh, figures
from allocator.solving.samples import Compared, best_of, compared, resampled, table
from allocator.solving.stability import stability
from allocator.solving.valuing import Adapting, Fixed, Valued

CONFIDENCE = 0.95
"""Confidence of the bound on the gap."""
FRESH, FRESH_ADAPTING = 10_000, 200
"""Fresh shocks to value a plan on, if nothing is said; fewer where treatments adapt and all shocks differ."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A plan on fresh shocks, its gap, and what changes from sample to sample.

    figures: figure, in_sample, fresh, low, high (95 percent interval; missing for rules on customer equity, and for a
        return that treatments adapt to reach)
    shared: rules on customer equity, beside their means over the fresh shocks
    target: that of the objective likewise; None where it has none
    gaps: sample, best, plan, gap (objective; missing where the sample has no plan), keeps_limits (whether the
        plan at hand keeps the limits on risk, rules on customer equity and the target on the sample, and there are
        treatments that keep all others); where the objective has a target also target (what the plan comes to) and
        target_price (what one unit of money beyond it costs the best plan, in the objective): the gap is that of the
        plan brought to the target at this price
    stability: kind (effort, spend, headcount, programme), name, segment, period, plan, lowest, mean, highest,
        changes (over the best plans of the samples)
    """

    scenario: Scenario
    plan: Plan
    evaluation: Evaluation
    figures: pd.DataFrame
    shared: tuple[Reading, ...]
    target: Reading | None
    gaps: pd.DataFrame
    stability: pd.DataFrame

    @property
    def kept(self) -> bool:
        """Whether the rules on customer equity are kept on the fresh shocks."""
        return all(reading.violation() is None for reading in self.shared)

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
        If the scenario has no shocks.
    Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        As :func:`allocator.solving.solve`.
    """
    if not scenario.risk.present:
        path = ("scenario", "risk")
        raise InvalidInput([Mistake(path, "there are no shocks to assess a plan on", "`shocks` or `generate`")])
    if plan is None:
        progress("solve", "")
        plan = best_of(scenario).plan
    evaluation = evaluate(scenario, plan)
    one_by_one = scenario.risk.recourse and scenario.risk.generate is not None
    valued, count = _valued(scenario, plan, evaluation), shocks or (FRESH_ADAPTING if one_by_one else FRESH)
    progress("evaluate", f"{count:,} fresh shocks")
    found = Fresh(valued, valued.fresh(count, seed), seed)
    rows: list[Compared] = []
    for number in range(1, samples + 1):
        progress("solve", f"sample {number} of {samples}")
        rows.append(compared(resampled(scenario, seed, number), found))
    return Assessment(
        scenario=scenario,
        plan=plan,
        evaluation=evaluation,
        figures=figures(scenario, evaluation, found),
        shared=found.outcome.shared,
        target=found.outcome.target,
        gaps=table(rows, aimed=scenario.objective.target is not None),
        stability=stability(evaluation, [row.found for row in rows if row.found is not None]),
    )


def _valued(scenario: Scenario, plan: Plan, evaluation: Evaluation) -> Valued:
    if not scenario.risk.recourse:
        return Fixed(scenario, plan)
    current = evaluate(scenario, scenario.current_plan) if scenario.current_plan is not None else None
    return Adapting(scenario, plan, evaluation, current)
