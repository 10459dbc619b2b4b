"""Tables of a benchmark: scores, paired differences, and the sum over scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from allocator.benchmarking.adaptation import Adapted, sentences, table
from allocator.benchmarking.contradictions import contradictions
from allocator.benchmarking.entries import Entry, named, reference
from allocator.benchmarking.records import Scorecard
from allocator.benchmarking.verdicts import GOOD_ENOUGH, verdicts
from allocator.benchmarking.views import placements, views
from allocator.evaluation import cvar
from allocator.evaluation.arrays import Floats

CONFIDENCE = 0.95
"""Of the intervals of paired differences."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What came out. Money is discounted; NaN where there is no such number.

    scores: scenario, policy, title, status, message, equity (expected, exact), share_of_optimum,
        share_of_gain (of the optimum's gain over no effort), bound, simulated (mean over replications),
        standard_error, cvar, confidence, loss_probability (of less equity than the current plan, or than no
        effort where there is none, in the same replication), spend, hours, unserved, seconds, rules_broken,
        broken (in words, joined by `; `)
    differences: scenario, policy, reference, difference (reference less policy, mean over replications), low,
        high (its 95 percent interval), share (of the reference's equity), share_high, gain (the reference's, as a
        share of the policy's equity), gain_low, gain_high (its 95 percent interval), gain_error (its
        standard error), spend, reference_spend, rules_broken, good_enough
    overall: policy, title, scenarios, share_of_optimum, share_of_gain (means), lowest_share, kept (scenarios in
        which every limit is kept), gain (mean over these), gain_low, gain_high, rules_broken, good_enough (numbers
        of scenarios), seconds
    scorecard: scenario, policy, title and the two views of every plan
    views: scenario, view, measure, by_product, by_customer, difference, change: the scorecards of planning by
        product and of the reference
    placements: scenario, name, by_product, by_customer, difference: money and people's time given to each segment
        and channel by the same two plans
    adaptation: scenario, one_plan, adapting, bound, gain (objectives of the optimum that plans once, and of the one
        whose treatments adapt to shocks), message; for the scenarios that ask for recourse
    contradictions: where a policy is ahead of the optimum though it keeps every limit, or a bound does not hold;
        empty if all is well
    verdicts: what follows from it, in sentences
    settings: those of :class:`~allocator.benchmarking.run.BenchmarkSettings`, by name
    """

    scores: pd.DataFrame
    differences: pd.DataFrame
    overall: pd.DataFrame
    scorecard: pd.DataFrame
    views: pd.DataFrame
    placements: pd.DataFrame
    adaptation: pd.DataFrame
    currencies: Mapping[str, str]
    """Scenario -> currency; empty where its model states none."""
    lives: Mapping[tuple[str, str], Floats]
    """(scenario, policy) -> customer equity of each replication."""
    contradictions: tuple[str, ...]
    verdicts: tuple[str, ...]
    settings: Mapping[str, Any]


def compare(
    entries: Sequence[Entry], settings: Mapping[str, Any], adapted: Sequence[tuple[str, Adapted]] = ()
) -> Benchmark:
    """Tables of entries, which come scenario by scenario, and of what adapting would add, by scenario."""
    by_scenario: dict[str, list[Entry]] = {}
    for entry in entries:
        by_scenario.setdefault(entry.scenario.name, []).append(entry)
    groups = list(by_scenario.values())
    scores = pd.DataFrame([row for group in groups for row in _scores(group)])
    differences = pd.DataFrame([row for group in groups for row in _differences(group)])
    overall = _overall(scores, differences)
    seen, moved = views(groups), placements(groups)
    currencies = {name: group[0].scenario.model.currency for name, group in by_scenario.items()}
    adaptation = table(adapted)
    wrong = tuple(sentence for group in groups for sentence in contradictions(group))
    said = verdicts(scores, differences, overall, seen, moved, currencies)
    return Benchmark(
        scores=scores,
        differences=differences,
        overall=overall,
        scorecard=pd.DataFrame([_card(entry) for entry in entries if entry.planned.scorecard is not None]),
        views=seen,
        placements=moved,
        adaptation=adaptation,
        currencies=currencies,
        lives={(entry.scenario.name, entry.policy): entry.lives for entry in entries if entry.simulated},
        contradictions=wrong,
        verdicts=(*wrong, *said, *sentences(adaptation, currencies)),
        settings=settings,
    )


def _scores(group: Sequence[Entry]) -> list[dict[str, Any]]:
    best, idle = reference(group), named(group, "no_effort")
    today = named(group, "current") or idle
    return [{**_identity(entry), **_score(entry, best, idle, today)} for entry in group]


def _identity(entry: Entry) -> dict[str, Any]:
    return {"scenario": entry.scenario.name, "policy": entry.policy, "title": entry.title}


def _score(entry: Entry, best: Entry | None, idle: Entry | None, today: Entry | None) -> dict[str, Any]:
    planned = entry.planned
    row: dict[str, Any] = {"status": planned.status, "message": planned.message}
    if planned.status != "planned" or best is None:
        return row
    lives, confidence = entry.lives, entry.scenario.risk.confidence
    floor = idle.planned.equity if idle is not None else float("nan")
    gain = best.planned.equity - floor
    return row | {
        "equity": planned.equity,
        "share_of_optimum": _share(planned.equity, best.planned.equity),
        "share_of_gain": _share(planned.equity - floor, gain),
        "bound": float("nan") if planned.bound is None else planned.bound,
        "simulated": float(lives.mean()),
        "standard_error": _error(lives),
        "cvar": cvar(lives, np.ones(len(lives)), confidence),
        "confidence": confidence,
        "loss_probability": float("nan") if today is None else float((lives < today.lives).mean()),
        "spend": planned.spend,
        "hours": planned.hours,
        "unserved": entry.unserved,
        "seconds": planned.seconds,
        "rules_broken": len(planned.broken),
        "broken": "; ".join(planned.broken),
    }


def _share(part: float, whole: float) -> float:
    """Part of a positive whole; NaN where there is none."""
    return part / whole if whole > 0.0 else float("nan")


def _differences(group: Sequence[Entry]) -> list[dict[str, Any]]:
    best = reference(group)
    if best is None:
        return []
    rivals = [entry for entry in group if entry.planned.status == "planned" and entry is not best]
    return [_difference(entry, best) for entry in rivals]


def _difference(entry: Entry, best: Entry) -> dict[str, Any]:
    """Paired over replications: both plans met the same shocks in the same replication."""
    gaps = best.lives - entry.lives
    mean, error = float(gaps.mean()), _error(gaps)
    reach = float(student.ppf(0.5 + CONFIDENCE / 2, len(gaps) - 1))
    whole = abs(float(best.lives.mean()))
    gain, gain_error = _gain(entry.lives, best.lives)
    return {
        **_identity(entry),
        "reference": best.policy,
        "difference": mean,
        "low": mean - reach * error,
        "high": mean + reach * error,
        "share": mean / whole if whole else float("nan"),
        "share_high": (mean + reach * error) / whole if whole else float("nan"),
        "gain": gain,
        "gain_low": gain - reach * gain_error,
        "gain_high": gain + reach * gain_error,
        "gain_error": gain_error,
        "spend": entry.planned.spend,
        "reference_spend": best.planned.spend,
        "rules_broken": len(entry.planned.broken),
        "good_enough": bool(entry.keeps_rules and mean + reach * error <= GOOD_ENOUGH * whole),
    }


def _error(values: Floats) -> float:
    """Standard error of the mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def _gain(rival: Floats, best: Floats) -> tuple[float, float]:
    """Ratio of the means less 1, and its standard error by the delta method; NaN where the rival's mean is not > 0."""
    mean = float(rival.mean())
    if mean <= 0.0:
        return float("nan"), float("nan")
    ratio = float(best.mean()) / mean
    return ratio - 1.0, _error(best - ratio * rival) / mean


def _overall(scores: pd.DataFrame, differences: pd.DataFrame) -> pd.DataFrame:
    """Means over the scenarios in which a policy has a plan; the errors of scenarios are independent."""
    rows = []
    planned = scores[scores["status"] == "planned"]
    reach = float(student.ppf(0.5 + CONFIDENCE / 2, np.inf))
    for policy, group in planned.groupby("policy", sort=False):
        mine = differences[differences["policy"] == policy] if len(differences) else differences
        kept = mine[mine["rules_broken"] == 0] if len(mine) else mine
        gain = float(kept["gain"].mean()) if len(kept) else float("nan")
        error = float(np.sqrt((kept["gain_error"] ** 2).sum()) / len(kept)) if len(kept) else float("nan")
        rows.append(
            {
                "policy": policy,
                "title": group["title"].iloc[0],
                "scenarios": len(group),
                "share_of_optimum": float(group["share_of_optimum"].mean()),
                "share_of_gain": float(group["share_of_gain"].mean()),
                "lowest_share": float(group["share_of_optimum"].min()),
                "kept": int((group["rules_broken"] == 0).sum()),
                "gain": gain,
                "gain_low": gain - reach * error,
                "gain_high": gain + reach * error,
                "rules_broken": int((group["rules_broken"] > 0).sum()),
                "good_enough": int(mine["good_enough"].sum()) if len(mine) else 0,
                "seconds": float(group["seconds"].sum()),
            }
        )
    return pd.DataFrame(rows)


def _card(entry: Entry) -> dict[str, Any]:
    card = entry.planned.scorecard
    values = {} if card is None else {name: getattr(card, name) for name in Scorecard.model_fields}
    return {**_identity(entry), **{name: np.nan if value is None else value for name, value in values.items()}}
