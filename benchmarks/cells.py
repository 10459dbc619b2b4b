"""Seeded problems of many S-curves, of the kinds of `tests/cases/cells`, with new seeds.

Each cell is a channel whose new customers are worth 10,000: what counts is the sum of new customers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from benchmarks.planner_files import PlannerFiles

CASES = Path(__file__).parents[1] / "tests" / "cases" / "cells"
Kind = Literal["budget", "choice", "hours"]
WORTH = 10_000.0
HOURS = 400.0
"""Of a head, a year."""
WAGES = {"sales": 24_000.0, "service": 15_000.0}
HOURS_HALF = 0.015
"""Hours of half an answer for each unit of money that another cell needs for it."""


def known() -> list[Path]:
    """Folders of the cases whose answers are proven, small ones first."""
    return sorted(CASES.iterdir(), key=lambda folder: (int(folder.name.split("_n")[1]), folder.name))


def cells(kind: Kind, count: int, *, tight: bool, seed: int) -> PlannerFiles:
    """``count`` curves and 35 (``tight``: 10) percent of what their saturation costs.

    ``budget`` adds floors under some cells; ``choice`` least spends, fixed costs and a limit on how many may be
    active; ``hours`` feeds two cells of three with hours of sales and of service, hired in whole heads from the same
    money, and limits what goes to marketing.
    """
    random = np.random.default_rng(seed)
    functions = [_function(kind, cell) for cell in range(count)]
    paid = np.array([name in WAGES for name in functions])
    half = np.exp(random.normal(9.3, 1.0, count)) * np.where(paid, HOURS_HALF, 1.0)
    shape = random.uniform(0.6, 3.5, count)
    high = np.exp(random.normal(10.4, 1.3, count))
    low = high * np.where(random.random(count) < 0.5, random.uniform(0.0, 0.15, count), 0.0)
    most = half * np.minimum(5.0, random.uniform(1.8, 6.0, count))
    price = np.array([WAGES[name] / HOURS if name in WAGES else 1.0 for name in functions])
    money = (0.10 if tight else 0.35) * float(price @ most)
    channels = {
        f"cell_{cell:03d}": _channel(functions[cell], low[cell], high[cell], half[cell], shape[cell], most[cell])
        for cell in range(count)
    }
    model: dict[str, Any] = {"model": "cells", "period": "year", "discount_rate": 0.0, "channels": channels}
    budgets: list[dict[str, Any]] = [{"name": "money", "amount": money}]
    rules: list[dict[str, Any]] = []
    if kind == "choice":
        for name, channel in channels.items():
            _choose(channel["spend"], random, float(most[int(name[-3:])]))
        rules.append({"rule": "active", "channels": list(channels), "max": round(0.4 * count)})
    elif kind == "budget":
        budgets += _floors(most, random)
    else:
        model["resources"] = {name: _resource(name, functions, most) for name in WAGES}
        budgets.append({"name": "marketing", "function": "marketing", "amount": 0.4 * float(most[~paid].sum())})
    return PlannerFiles(
        segments=pd.DataFrame({"segment": ["value"], "customers": [0.0], "margin": [0.0]}),
        transitions=pd.DataFrame({"from": ["value"], "to": ["value"], "probability": [1.0]}),
        model=model,
        scenario={
            "scenario": f"cells-{kind}-{count}{'-tight' if tight else ''}-seed-{seed}",
            "horizon": 1,
            "terminal": {"value": WORTH},
            "budgets": budgets,
            "rules": rules,
            "solver": {"gap": 1e-5, "threads": 2, "time_limit": 60},
        },
    )


def _function(kind: Kind, cell: int) -> str:
    return ("sales", "service", "marketing")[cell % 3] if kind == "hours" else "marketing"


def _channel(function: str, low: float, high: float, half: float, shape: float, most: float) -> dict[str, Any]:
    curve = {"low": float(low), "high": float(high), "half": float(half), "shape": float(shape)}
    channel: dict[str, Any] = {
        "function": function,
        "spend": {"max": float(most)},
        "response": {"curve": "adbudg", **curve},
        "into": {"value": 1.0},
    }
    return {**channel, "input": function} if function in WAGES else channel


def _choose(spend: dict[str, float], random: np.random.Generator, most: float) -> None:
    """A least spend and a fixed cost."""
    spend["min"] = float(most * random.uniform(0.03, 0.25))
    spend["fixed"] = float(most * random.uniform(0.01, 0.15))


def _floors(most: np.ndarray, random: np.random.Generator) -> list[dict[str, Any]]:
    """Money that some cells must get."""
    count = len(most)
    floors = most * random.uniform(0.003, 0.07, count) * (random.random(count) < 0.45)
    names = (f"cell_{cell:03d}" for cell in range(count))
    return [
        {"name": f"{name} at least", "channels": [name], "at_least": float(floor)}
        for name, floor in zip(names, floors, strict=True)
        if floor > 0
    ]


def _resource(name: str, functions: list[str], most: np.ndarray) -> dict[str, Any]:
    """Heads that may be hired, enough for 45 percent of the hours that saturate its cells."""
    hours = float(most[[function == name for function in functions]].sum())
    hire = {"cost": 0.0, "max": round(0.45 * hours / HOURS)}
    kind = {"kind": "labour", "function": name, "headcount": 0, "hours": HOURS, "wage": WAGES[name]}
    return {**kind, "hire": hire}
