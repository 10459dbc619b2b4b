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
