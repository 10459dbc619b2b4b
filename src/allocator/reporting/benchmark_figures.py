"""Charts of benchmark.html, as plain plotly figures with a bar or a box for each policy or place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from allocator.evaluation.arrays import Floats
from allocator.reporting.figures import INK, PALETTE, Figure, label

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of the lives of a plan: whiskers, box and middle."""


def losses(rows: pd.DataFrame, unit: str) -> Figure:
    """Bars of the mean difference with their intervals; plans that break limits are hatched."""
    broken = (rows["rules_broken"] > 0).to_numpy()
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [label(title) for title in rows["title"]],
        "x": rows["difference"].tolist(),
        "error_x": {"type": "data", "array": (rows["high"] - rows["difference"]).tolist(), "color": INK},
        "marker": {
            "color": [PALETTE[4] if hit else PALETTE[0] for hit in broken],
            "pattern": {"shape": ["/" if hit else "" for hit in broken]},
        },
        "hovertemplate": "%{y}: %{x:,.4~r}<extra></extra>",
    }
    return {"data": [trace], "layout": _sideways(unit)}


def boxes(lives: Mapping[str, Floats], unit: str) -> Figure:
    """A box for each policy, title -> customer equity of each life; the first at the bottom."""
    data = []
    for name, values in lives.items():
        low, lower, middle, upper, high = ([float(value)] for value in np.quantile(values, QUANTILES))
        box = {"lowerfence": low, "q1": lower, "median": middle, "q3": upper, "upperfence": high}
        look = {"name": label(name), "showlegend": False, "line": {"color": PALETTE[0]}}
        data.append({"type": "box", "orientation": "h", "y": [label(name)]} | look | box)
    return {"data": data, "layout": _sideways(unit)}


def places(placed: pd.DataFrame, unit: str) -> Figure:
    """Two bars a segment or channel: planned by product, planned by customer."""
    rows = placed.iloc[::-1]
    plans = (("by_product", "planned by product", PALETTE[1]), ("by_customer", "planned by customer", PALETTE[0]))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": title,
            "y": [label(name) for name in rows["name"]],
            "x": rows[key].tolist(),
            "marker": {"color": colour},
            "hovertemplate": "%{y}: %{x:,.4~r}<extra>" + title + "</extra>",
        }
        for key, title, colour in plans
    ]
    return {"data": data, "layout": _sideways(unit) | {"barmode": "group"}}


def _sideways(unit: str) -> dict[str, Any]:
    title = {"text": label(unit), "standoff": 6}
    return {
        "xaxis": {"title": title, "fixedrange": True, "exponentformat": "B", "showgrid": True},
        "yaxis": {"type": "category", "automargin": True, "fixedrange": True},
        "margin": {"t": 8, "r": 16, "b": 40, "l": 56},
    }
