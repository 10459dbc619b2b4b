"""Seeded instances of any size: value tiers by life-cycle stage, customers who move, S-shaped responses.

The same arguments give the same instance on any machine. Segments are tier by stage (prospect, new, core,
at risk, lapsed); richer tiers earn more and are smaller; customers climb and slip between tiers, lapse and
return. Levers differ in what they use, what they cost and whom they move; capacity covers a part of what
everybody could be given, so that it binds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.planner_files import PlannerFiles

STAGES = ("prospect", "new", "core", "at_risk", "lapsed")
OURS = ("new", "core", "at_risk")
LEVERS = ("account_visits", "service_calls", "mailings", "offers", "events", "training")
RESOURCES = ("field_sales", "service_desk", "marketing_team")

# Chance per quarter from stage to stage within a tier; what is missing leaves the market.
STAYING: Mapping[str, Mapping[str, float]] = {
    "prospect": {"prospect": 0.93, "new": 0.04},
    "new": {"core": 0.72, "at_risk": 0.16, "lapsed": 0.09},
    "core": {"core": 0.86, "at_risk": 0.09, "lapsed": 0.03},
    "at_risk": {"core": 0.25, "at_risk": 0.45, "lapsed": 0.25},
    "lapsed": {"lapsed": 0.86, "new": 0.04},
}
CLIMB, SLIP = 0.03, 0.04


@dataclass(frozen=True, slots=True)
class Size:
    """How large an instance is, and which features it has."""

    segments: int
    levers: int
    periods: int
    levels: Sequence[float] = ()
    """Levels of every lever as shares of its largest effort; empty: continuous."""
    whole_heads: bool = False
    programmes: int = 0
    shocks: int = 0
    cvar_floor: float | None = None
    gap: float = 1e-4
    time_limit: float | None = None
    seed: int = 1


def instance(size: Size) -> PlannerFiles:
    """A business and a question of this size; cash is limited in each period."""
    random = np.random.default_rng(size.seed)
    segments = _segments(size, random)
    levers = {name: _lever(name, size, random) for name in LEVERS[: size.levers]}
    model = {
        "model": "generated",
        "currency": "EUR",
        "period": "quarter",
        "discount_rate": 0.10,
        "resources": _resources(size, segments, levers),
        "levers": levers,
        "programmes": _programmes(size, levers),
    }
    return PlannerFiles(
        model=model,
        scenario=_scenario(size, segments, levers),
        segments=segments,
        transitions=_transitions(segments, random),
        responses=_responses(segments, levers, random),
    )


def _segments(size: Size, random: np.random.Generator) -> pd.DataFrame:
    rows = []
    for number in range(size.segments):
        tier, stage = number // len(STAGES), STAGES[number % len(STAGES)]
        wealth = 1.0 / (1.0 + tier % 12)
        ours = stage in OURS
        rows.append(
            {
                "segment": f"t{tier:02d}_{stage}",
                "customers": round(float(random.uniform(300, 1500) * (1 + tier % 12)), 0),
                "margin": round(float(wealth * random.uniform(700, 1300)) if ours else 0.0, 2),
                "owner": "us" if ours else "market",
                "tier": f"t{tier:02d}",
                "stage": stage,
            }
        )
    return pd.DataFrame(rows)


def _transitions(segments: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    names = set(segments["segment"])
    rows = []
    for row in segments.itertuples():
        tier = int(row.tier[1:])
        chances = {
            f"{row.tier}_{stage}": chance * float(random.uniform(0.95, 1.0))
            for stage, chance in STAYING[row.stage].items()
        }
        if row.stage == "core":
            chances[f"t{tier - 1:02d}_core"] = CLIMB * 0.3
            chances[f"t{tier + 1:02d}_core"] = SLIP * 0.3
        kept = {name: chance for name, chance in chances.items() if name in names}
        rows += [{"from": row.segment, "to": name, "probability": round(p, 6)} for name, p in kept.items()]
    return pd.DataFrame(rows)


def _lever(name: str, size: Size, random: np.random.Generator) -> dict[str, Any]:
    number = LEVERS.index(name)
    most = float((6, 10, 12, 4, 3, 5)[number])
    effort: dict[str, Any] = (
        {"levels": [round(share * most, 6) for share in size.levels]} if size.levels else {"max": most}
    )
    return {
        "function": ("sales", "service", "marketing", "sales", "marketing", "service")[number],
        "effort": effort,
        "uses": {RESOURCES[number % len(RESOURCES)]: round(float(random.uniform(0.2, 0.8)), 4)},
        "cost": round(float(random.uniform(2, 14)), 2),
    }


def _responses(segments: pd.DataFrame, levers: Mapping[str, Any], random: np.random.Generator) -> pd.DataFrame:
    """Every lever keeps or wins customers along an S-curve of its own in each stage, and some lift margin."""
    rows = []
    names = set(segments["segment"])
    for number, (lever, terms) in enumerate(levers.items()):
        most = _largest(terms)
        for stage in STAGES:
            rows.append(
                {
                    "lever": lever,
                    "effect": "retention" if stage in OURS else "acquisition",
                    "curve": "adbudg",
                    "stage": stage,
                    "low": 0.0,
                    "high": round(float(random.uniform(0.3, 1.1)), 4),
                    "half": round(float(random.uniform(0.15, 0.5) * most), 4),
                    "shape": round(float(random.uniform(1.2, 2.8)), 4),
                }
            )
        if number % 2 == 0:
            rate, high = float(random.uniform(1.0, 4.0) / most), float(random.uniform(0.03, 0.10))
            gain = {"lever": lever, "effect": "margin", "curve": "exponential", "stage": "core"}
            rows.append({**gain, "high": round(high, 4), "rate": round(rate, 4)})
        else:
            climbs = [
                (f"t{tier:02d}_core", f"t{tier - 1:02d}_core")
                for tier in range(1, len(names) // len(STAGES))
                if {f"t{tier:02d}_core", f"t{tier - 1:02d}_core"} <= names
            ]
            shape = {"lever": lever, "effect": "migration", "curve": "adbudg", "low": 0.0, "high": 0.8}
            half = round(0.3 * most, 4)
            rows += [{**shape, "half": half, "shape": 1.6, "segment": low, "to": high} for low, high in climbs]
    return pd.DataFrame(rows)


def _largest(lever: Mapping[str, Any]) -> float:
    effort = lever["effort"]
    return float(effort["max"] if "max" in effort else max(effort["levels"]))


def _resources(size: Size, segments: pd.DataFrame, levers: Mapping[str, Any]) -> dict[str, Any]:
    """Hours for about an eighth of the most that everybody could be given."""
    customers = float(segments["customers"].sum())
    resources: dict[str, Any] = {}
    for name in RESOURCES:
        asked = sum(lever["uses"].get(name, 0.0) * _largest(lever) * customers for lever in levers.values())
        heads = max(2, round(0.12 * asked / 420))
        staff: dict[str, Any] = {"kind": "labour", "function": name, "headcount": heads, "hours": 420, "wage": 9000}
        if size.whole_heads:
            most = max(1, heads // 20)
            staff["hire"] = {"cost": 6000, "max": most, "ramp": [0.5, 0.8]}
            staff["release"] = {"cost": 9000, "max": most}
            staff["overtime"] = {"share": 0.1, "cost": 35}
        resources[name] = staff
    return resources


def _programmes(size: Size, levers: Mapping[str, Any]) -> dict[str, Any]:
    """Capabilities that boost or save one lever each; every third needs the one before it."""
    names = [f"programme_{number}" for number in range(1, size.programmes + 1)]
    programmes: dict[str, Any] = {}
    for number, name in enumerate(names):
        lever = list(levers)[number % len(levers)]
        kind, factor = ("boosts", 1.08) if number % 2 == 0 else ("saves", 0.9)
        programmes[name] = {
            "function": "capability",
            "cost": 300_000 + 150_000 * (number % 4),
            "running": 20_000,
            "lead": number % 4,
            "window": [1, max(1, size.periods // 2)],
            kind: {lever: factor},
        }
        if number % 3 == 2:
            programmes[name]["requires"] = [names[number - 1]]
    return programmes


def _scenario(size: Size, segments: pd.DataFrame, levers: Mapping[str, Any]) -> dict[str, Any]:
    customers = float(segments["customers"].sum())
    asked = sum(lever["cost"] * _largest(lever) * customers for lever in levers.values())
    scenario: dict[str, Any] = {
        "scenario": "generated",
        "horizon": size.periods,
        "terminal": "baseline",
        "budgets": [{"name": "cash", "amount": round(0.10 * asked, 0), "levers": list(levers), "per": "period"}],
        "solver": {"gap": size.gap, "threads": 2},
    }
    if size.time_limit is not None:
        scenario["solver"]["time_limit"] = size.time_limit
    if size.shocks:
        generated = {"scenarios": size.shocks, "seed": size.seed, "volatility": 0.25, "by": "tier", "correlation": 0.4}
        scenario["risk"] = {"generate": generated, "confidence": 0.9}
        if size.cvar_floor is not None:
            scenario["risk"]["cvar_floor"] = size.cvar_floor
    return scenario
