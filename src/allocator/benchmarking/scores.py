"""Tables of a benchmark: scores, paired differences, and the sum over scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from allocator.benchmarking.records import Planned, Scorecard, Simulated
from allocator.benchmarking.verdicts import GOOD_ENOUGH, OPTIMUM, verdicts
from allocator.domain.scenario import Scenario
from allocator.evaluation import cvar
from allocator.evaluation.arrays import Floats

CONFIDENCE = 0.95
"""Of the intervals of paired differences."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy on a scenario: its plan and the lives it was put through."""

    scenario: Scenario
    policy: str
    title: str
    planned: Planned
    simulated: tuple[Simulated, ...]

    @property
    def lives(self) -> Floats:
        """[R] customer equity of each replication."""
        return np.array([value for chunk in self.simulated for value in chunk.equity])

    @property
    def keeps_rules(self) -> bool:
        """Whether there is a plan and it breaks nothing."""
        return self.planned.status == "planned" and not self.planned.broken

    @property
    def unserved(self) -> float:
        """Share of the customers meant to get effort for whom there were no hours, over all replications."""
        weights = np.array([len(chunk.equity) for chunk in self.simulated])
        planned = float(weights @ [chunk.planned for chunk in self.simulated])
        given = float(weights @ [chunk.given for chunk in self.simulated])
        return 1.0 - given / planned if planned > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What came out. Money is discounted; NaN where there is no such number.

    scores: scenario, policy, title, status, message, equity (expected, exact), share_of_optimum,
        share_of_gain (of the optimum's gain over no effort), bound, simulated (mean over replications),
        standard_error, cvar, confidence, loss_probability (of less equity than the current plan, or than no
        effort where there is none, in the same replication), spend, hours, unserved, seconds, rules_broken,
        broken (in words, joined by `; `)
    differences: scenario, policy, reference, difference (reference less policy, mean over replications), low,
        high (its 95 percent interval), share (of the reference's equity), share_high, rules_broken, good_enough
    overall: policy, title, scenarios, share_of_optimum, share_of_gain (means), lowest_share, loss (mean of
        `share`), loss_low, loss_high, rules_broken, good_enough (numbers of scenarios), seconds
    scorecard: scenario, policy, title and the two views of every plan
    verdicts: what follows from it, in sentences
    settings: replications, shocks, seed
    """

    scores: pd.DataFrame
    differences: pd.DataFrame
    overall: pd.DataFrame
    scorecard: pd.DataFrame
    lives: Mapping[tuple[str, str], Floats]
    """(scenario, policy) -> customer equity of each replication."""
    verdicts: tuple[str, ...]
    settings: Mapping[str, Any]


def compare(entries: Sequence[Entry], settings: Mapping[str, Any]) -> Benchmark:
    """Tables of entries, which come scenario by scenario."""
    by_scenario: dict[str, list[Entry]] = {}
    for entry in entries:
        by_scenario.setdefault(entry.scenario.name, []).append(entry)
    scores = pd.DataFrame([row for group in by_scenario.values() for row in _scores(group)])
    differences = pd.DataFrame([row for group in by_scenario.values() for row in _differences(group)])
    overall = _overall(scores, differences)
    return Benchmark(
        scores=scores,
        differences=differences,
        overall=overall,
        scorecard=pd.DataFrame([_card(entry) for entry in entries if entry.planned.scorecard is not None]),
        lives={(entry.scenario.name, entry.policy): entry.lives for entry in entries if entry.simulated},
        verdicts=verdicts(scores, differences, overall),
        settings=settings,
    )


def _named(group: Sequence[Entry], name: str) -> Entry | None:
    found = [entry for entry in group if entry.policy == name and entry.planned.status == "planned"]
    return found[0] if found else None


def reference(group: Sequence[Entry]) -> Entry | None:
    """What others are compared with: the optimum, else the best plan that keeps the rules, else the best."""
    optimum = _named(group, OPTIMUM)
    if optimum is not None:
        return optimum
    planned = [entry for entry in group if entry.planned.status == "planned"]
    return max(planned, key=lambda entry: (entry.keeps_rules, entry.planned.equity), default=None)


def _scores(group: Sequence[Entry]) -> list[dict[str, Any]]:
    best, idle = reference(group), _named(group, "no_effort")
    today = _named(group, "current") or idle
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
        "standard_error": float(lives.std(ddof=1) / np.sqrt(len(lives))),
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
    mean, error = float(gaps.mean()), float(gaps.std(ddof=1) / np.sqrt(len(gaps)))
    reach = float(student.ppf(0.5 + CONFIDENCE / 2, len(gaps) - 1)) * error
    whole = abs(float(best.lives.mean()))
    return {
        **_identity(entry),
        "reference": best.policy,
        "difference": mean,
        "low": mean - reach,
        "high": mean + reach,
        "share": mean / whole if whole else float("nan"),
        "share_high": (mean + reach) / whole if whole else float("nan"),
        "share_error": error / whole if whole else float("nan"),
        "rules_broken": len(entry.planned.broken),
        "good_enough": bool(entry.keeps_rules and mean + reach <= GOOD_ENOUGH * whole),
    }


def _overall(scores: pd.DataFrame, differences: pd.DataFrame) -> pd.DataFrame:
    """Means over the scenarios in which a policy has a plan; the errors of scenarios are independent."""
    rows = []
    planned = scores[scores["status"] == "planned"]
    reach = float(student.ppf(0.5 + CONFIDENCE / 2, np.inf))
    for policy, group in planned.groupby("policy", sort=False):
        mine = differences[differences["policy"] == policy] if len(differences) else differences
        loss = float(mine["share"].mean()) if len(mine) else 0.0
        error = float(np.sqrt((mine["share_error"] ** 2).sum()) / len(mine)) if len(mine) else 0.0
        rows.append(
            {
                "policy": policy,
                "title": group["title"].iloc[0],
                "scenarios": len(group),
                "share_of_optimum": float(group["share_of_optimum"].mean()),
                "share_of_gain": float(group["share_of_gain"].mean()),
                "lowest_share": float(group["share_of_optimum"].min()),
                "loss": loss,
                "loss_low": loss - reach * error,
                "loss_high": loss + reach * error,
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
