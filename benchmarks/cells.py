"""Seeded problems of many S-curves and one budget, of the kind of `tests/cases/cells`, with new seeds.

Each cell is a channel whose new customers are worth 10,000: what counts is the sum of new customers.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from benchmarks.planner_files import PlannerFiles

Kind = Literal["budget", "choice"]
WORTH = 10_000.0


def cells(kind: Kind, count: int, *, tight: bool, seed: int) -> PlannerFiles:
    """``count`` curves and 35 (``tight``: 10) percent of their saturation in money.

    ``choice`` adds least spends, fixed costs and a limit on how many may be active; ``budget`` adds floors
    under some cells.
    """
    random = np.random.default_rng(seed)
    half = np.exp(random.normal(9.3, 1.0, count))
    shape = random.uniform(0.6, 3.5, count)
    high = np.exp(random.normal(10.4, 1.3, count))
    low = high * np.where(random.random(count) < 0.5, random.uniform(0.0, 0.15, count), 0.0)
    most = half * np.minimum(5.0, random.uniform(1.8, 6.0, count))
    money = (0.10 if tight else 0.35) * float(most.sum())
    channels: dict[str, Any] = {}
    for cell in range(count):
        spend: dict[str, float] = {"max": float(most[cell])}
        if kind == "choice":
            spend["min"] = float(most[cell] * random.uniform(0.03, 0.25))
            spend["fixed"] = float(most[cell] * random.uniform(0.01, 0.15))
        curve = {
            "low": float(low[cell]),
            "high": float(high[cell]),
            "half": float(half[cell]),
            "shape": float(shape[cell]),
        }
        channels[f"cell_{cell:03d}"] = {
            "function": "marketing",
            "spend": spend,
            "response": {"curve": "adbudg", **{key: float(value) for key, value in curve.items()}},
            "into": {"value": 1.0},
        }
    budgets: list[dict[str, Any]] = [{"name": "money", "amount": money}]
    rules: list[dict[str, Any]] = []
    if kind == "choice":
        rules.append({"rule": "active", "channels": list(channels), "max": round(0.4 * count)})
    else:
        floors = most * random.uniform(0.003, 0.07, count) * (random.random(count) < 0.45)
        budgets += [
            {"name": f"{name} at least", "channels": [name], "at_least": float(floor)}
            for name, floor in zip(channels, floors, strict=True)
            if floor > 0
        ]
    return PlannerFiles(
        segments=pd.DataFrame({"segment": ["value"], "customers": [0.0], "margin": [0.0]}),
        transitions=pd.DataFrame({"from": ["value"], "to": ["value"], "probability": [1.0]}),
        model={"model": "cells", "period": "year", "discount_rate": 0.0, "channels": channels},
        scenario={
            "scenario": f"cells-{kind}-{count}{'-tight' if tight else ''}-seed-{seed}",
            "horizon": 1,
            "terminal": {"value": WORTH},
            "budgets": budgets,
            "rules": rules,
            "solver": {"gap": 1e-5, "threads": 2, "time_limit": 60},
        },
    )
