"""Scenarios with recourse: one to be solved on paper, and random ones with most features."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "formulation"))

from tiny_scenario import merged, tiny

from allocator.domain.scenario import Scenario

WEATHERS: dict[str, Any] = {
    "risk": {
        "shocks": [
            {"scenario": "good", "probability": 0.5, "segment": "gold", "factor": 1.4},
            {"scenario": "bad", "probability": 0.5, "segment": "gold", "factor": 0.2},
        ],
        "recourse": True,
        "confidence": 0.5,
    },
    "model": {"resources": {"desk": {"headcount": 0, "hours": 50.0, "hire": {"cost": 150, "max": 5}}}},
}

PROGRAMMES = {
    "view": {"function": "service", "cost": 80, "lead": 1, "boosts": {"calls": 1.4}},
    "tool": {"function": "service", "cost": 60, "running": 5, "saves": {"calls": 0.7}, "adds": {"desk": 10}},
}


def two_weathers(**changes: Any) -> Scenario:
    """The tiny scenario with a desk that is yet to be staffed, in good and bad weather."""
    return tiny(**merged(WEATHERS, changes))


def keeping_in_two_weathers(**changes: Any) -> Scenario:
    """Half of gold stays, more in good weather and less in bad, 1 in 10; of 100, 45 are to be kept, by calls."""
    moving = [
        {"from": "gold", "to": "gold", "probability": 0.5},
        {"from": "silver", "to": "silver", "probability": 1.0},
    ]
    shocks = [
        {"scenario": "good", "probability": 0.9, "segment": "gold", "keep_factor": 1.2},
        {"scenario": "bad", "probability": 0.1, "segment": "gold", "keep_factor": 0.4},
    ]
    keeps = [{"lever": "calls", "effect": "retention", "curve": {"curve": "linear", "slope": 1.0}}]
    rule = {"rule": "customers", "where": {"segment": "gold"}, "min": 45, "periods": [2]}
    model = {"transitions": moving, "responses": keeps}
    return two_weathers(rules=[rule], risk={"shocks": shocks}, model=model, **changes)


def drawn(seed: int, *, shocks: int, continuous: bool = False, aversion: float = 0.0, odds: bool = True) -> Scenario:
    """Three segments over two years: heads, overtime, partners, a channel a budget; where efforts have
    levels, programmes too, and the channel answers with an S-curve."""
    random = np.random.default_rng(seed)
    names = ["core", "risk", "new"]
    own = random.dirichlet([6, 1, 1, 2], 3).round(4)
    moves = [
        {"from": origin, "to": names[(number + step) % 3], "probability": float(own[number, step])}
        for number, origin in enumerate(names)
        for step in range(3)
    ]
    moves += [
        {"from": "rival", "to": "rival", "probability": 0.9},
        {"from": "rival", "to": "core", "probability": 0.05},
    ]
    segments = [
        {"segment": name, "customers": float(random.integers(50, 200)), "margin": float(random.integers(3, 12))}
        for name in names
    ]
    chances = random.dirichlet([3] * shocks)
    table = [
        {
            "scenario": f"w{number}",
            "probability": float(chance),
            "segment": name,
            "factor": float(random.choice([0.2, 1.0, 2.0])),
            **({"keep_factor": float(random.uniform(0.3, 2.5))} if odds else {}),
        }
        for number, chance in enumerate(chances)
        for name in names
    ]
    return Scenario.model_validate(
        {
            "scenario": "drawn",
            "horizon": 2,
            "solver": {"gap": 1e-4, "threads": 1},
            "model": {
                **_business(continuous),
                "segments": [*segments, {"segment": "rival", "customers": 200.0, "margin": 4.0, "owner": "them"}],
                "transitions": moves,
            },
            "budgets": [{"name": "all", "amount": float(random.integers(500, 1000))}],
            "risk": {"shocks": table, "recourse": True, "confidence": 0.6, "aversion": aversion},
        }
    )


def alike() -> Scenario:
    """Everyone in a segment and period gets the same; heads can only be let go, and are worth keeping."""
    moves = [("a", "a", 0.658), ("a", "b", 0.1462), ("b", "b", 0.9997), ("b", "a", 0.0002), ("r", "r", 0.9)]
    kept = [("w0", 0.40612, "a", 0.7, None), ("w0", 0.40612, "b", 0.7, 2.440892), ("w1", 0.090012, "a", 0.2, 2.158378)]
    kept += [
        ("w1", 0.090012, "b", 1.5, 2.026279),
        ("w2", 0.154409, "a", 0.2, None),
        ("w3", 0.349459, "a", 0.7, 0.65995),
    ]
    desk = {"kind": "labour", "function": "service", "headcount": 2, "hours": 54.0, "wage": 55.0}
    calls = {"function": "service", "effort": {"levels": [1, 2]}, "uses": {"desk": 0.560911}, "cost": 0.765654}
    curves = {
        ("calls", "retention"): {"curve": "adbudg", "high": 1.726924, "half": 1.0, "shape": 2.0},
        ("calls", "margin"): {"curve": "exponential", "high": 0.498756, "rate": 0.8},
        ("offers", "acquisition"): {"curve": "linear", "slope": 0.8},
        ("offers", "margin_add"): {"curve": "linear", "slope": 1.49732},
    }
    model = {
        "model": "alike",
        "period": "quarter",
        "discount_rate": 0.1,
        "cash_flow": "end",
        "segments": [
            {"segment": "a", "customers": 73.0, "margin": 4.0},
            {"segment": "b", "customers": 164.0, "margin": 13.0},
            {"segment": "r", "customers": 78.0, "margin": 5.0, "owner": "them"},
        ],
        "transitions": [
            {"from": origin, "to": to, "probability": chance} for origin, to, chance in (*moves, ("r", "a", 0.05))
        ],
        "resources": {"desk": {**desk, "release": {"cost": 6.0, "max": 2}}},
        "levers": {
            "calls": {**calls, "customer_value": 2.0, "where": {"owner": "us"}},
            "offers": {"function": "sales", "effort": {"levels": [1]}, "cost": 1.891993},
        },
        "responses": [{"lever": lever, "effect": effect, "curve": curve} for (lever, effect), curve in curves.items()],
    }
    columns = ("scenario", "probability", "segment", "factor", "keep_factor")
    shocks = [dict(zip(columns, row, strict=True)) for row in kept]
    return Scenario.model_validate(
        {
            "scenario": "alike",
            "horizon": 2,
            "model": model,
            "solver": {"gap": 1e-6, "threads": 1},
            "budgets": [{"name": "calls", "amount": 132.0, "per": "period", "levers": ["calls"]}],
            "rules": [{"rule": "customer_value", "min": 3.31016}, {"rule": "uniform"}],
            "risk": {"shocks": shocks, "recourse": True, "confidence": 0.8},
        }
    )


def _business(continuous: bool) -> dict[str, Any]:
    desk = {"kind": "labour", "function": "service", "headcount": 2, "hours": 40.0, "wage": 60.0}
    terms = {"hire": {"cost": 30, "max": 3, "ramp": [0.5]}, "release": {"cost": 20, "max": 1}}
    bought = {"overtime": {"share": 0.2, "cost": 3.0}, "partner": {"hours": 20, "cost": 4.0, "quality": 0.9}}
    effort = {"max": 3.0} if continuous else {"levels": [1, 2, 3]}
    calls = {"function": "service", "effort": effort, "uses": {"desk": 0.5}, "cost": 0.5, "where": {"owner": "us"}}
    retention = {"curve": "adbudg", "high": 1.5, "half": 1.0, "shape": 2.0}
    answer = {"curve": "adbudg", "high": 60, "half": 80, "shape": 1.0 if continuous else 2.5}
    return {
        "model": "drawn",
        "period": "year",
        "discount_rate": 0.1,
        "resources": {"desk": {**desk, **terms, **bought}},
        "levers": {"calls": calls, "offers": {"function": "sales", "effort": {"levels": [1]}, "cost": 1.0}},
        "responses": [
            {"lever": "calls", "effect": "retention", "curve": retention},
            {"lever": "calls", "effect": "margin", "curve": {"curve": "exponential", "high": 0.4, "rate": 0.8}},
            {"lever": "offers", "effect": "acquisition", "curve": {"curve": "linear", "slope": 0.8}},
        ],
        "channels": {
            "ads": {
                "function": "marketing",
                "spend": {"max": 200, "min": 20, "fixed": 5},
                "carryover": 0.2,
                "response": answer,
                "into": {"core": 0.6, "new": 0.4},
                "uses": {"desk": 0.2},
            }
        },
        "programmes": {} if continuous else PROGRAMMES,
    }
