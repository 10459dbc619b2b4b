"""Charts as plain plotly figures (data and layout), without importing plotly.

Colours are Okabe and Ito's (2008), which people with any colour vision can tell apart. Text colours,
grids, the background and the legend belong to the page, which sets them for light, dark and print.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

from allocator.reporting.numbers import short

Series = Mapping[str, Sequence[float]]
"""Name -> one value per period."""
Figure = dict[str, Any]

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A800", "#7A7A7A")
INK = "ink"
"""A colour that the page replaces by its text colour."""
MOST_SERIES = len(PALETTE)
_MOST_TICKS = 16
_WIDE = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60"
_BREAKABLE = re.compile(rf"\uff08?[{_WIDE}][)\uff09\u3001\uff0c\u3002,.:;]*\s*|[^{_WIDE}\s]+\s*")
"""A word with the space after it, or a wide sign with what may not begin or end a line."""


def wrapped(words: str, width: int) -> list[str]:
    """Words in lines that are so many letters wide, unless a single word is wider.

    The signs of Chinese and its like are two letters wide, and lines break between them.
    """
    lines = [""]
    for part in _BREAKABLE.findall(words):
        if lines[-1] and _width(lines[-1] + part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return [line.rstrip() for line in lines]


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def label(name: str) -> str:
    """A name as plotly's text: it reads a few HTML tags, which a name must not become."""
    return html.escape(str(name), quote=False)


def stacked_bars(periods: Sequence[int], series: Series, unit: str, period: str, lines: Series | None = None) -> Figure:
    """One bar a period, split by series; ``lines`` are limits drawn over the bars as steps."""
    data: list[dict[str, Any]] = []
    for place, (name, values) in enumerate(series.items()):
        marker = {"color": PALETTE[place % MOST_SERIES]}
        data.append(
            {"type": "bar", "name": label(name), "x": list(periods), "y": list(values), "marker": marker}
            | _hover(name, unit, f"{period} %{{x}}")
        )
    for place, (name, values) in enumerate((lines or {}).items()):
        data.append(_limit(periods, name, values, unit, dash="solid" if place == 0 else "dot"))
    return {"data": data, "layout": _time(unit, period, periods[-1]) | {"barmode": "relative", "bargap": 0.25}}


def _limit(periods: Sequence[int], name: str, values: Sequence[float], unit: str, dash: str) -> dict[str, Any]:
    """A limit as a level across the width of each period's bar."""
    ends = (-0.5, 0.5)
    line = {"color": INK, "width": 1.6, "dash": dash}
    across = {"x": [t + end for t in periods for end in ends], "y": [value for value in values for _ in ends]}
    return {"type": "scatter", "mode": "lines", "name": label(name), "line": line} | across | _hover(name, unit)


def stacked_areas(periods: Sequence[int], series: Series, unit: str, period: str) -> Figure:
    """Series on top of one another over time, the first at the bottom."""
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "stackgroup": "all",
            "name": label(name),
            "x": list(periods),
            "y": list(values),
            "line": {"color": PALETTE[place % MOST_SERIES], "width": 0.8},
        }
        | _hover(name, unit, f"{period} %{{x}}")
        for place, (name, values) in enumerate(series.items())
    ]
    return {"data": data, "layout": _time(unit, period, periods[-1])}


def lines(periods: Sequence[int], series: Series, unit: str, period: str, *, steps: bool = False) -> Figure:
    """Series beside one another over time, as steps where they change at the start of a period."""
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": label(name),
            "x": list(periods),
            "y": list(values),
            "marker": {"size": 5},
            "line": {"color": PALETTE[place % MOST_SERIES], "width": 2, "shape": "hvh" if steps else "linear"},
        }
        | _hover(name, unit, f"{period} %{{x}}")
        for place, (name, values) in enumerate(series.items())
    ]
    return {"data": data, "layout": _time(unit, period, periods[-1])}


def waterfall(steps: Sequence[tuple[str, float]], total: str, unit: str) -> Figure:
    """Signed steps from zero to their total, which is drawn last."""
    names = [*(name for name, _ in steps), total]
    values = [*(value for _, value in steps), sum(value for _, value in steps)]
    trace = {
        "type": "waterfall",
        "x": names,
        "y": values,
        "measure": ["relative"] * len(steps) + ["total"],
        "increasing": {"marker": {"color": PALETTE[0]}},
        "decreasing": {"marker": {"color": PALETTE[5]}},
        "totals": {"marker": {"color": PALETTE[2]}},
        "connector": {"line": {"color": INK, "width": 0.5}},
        "text": [short(value) for value in values],
        "textposition": "auto",
        "cliponaxis": False,
    }
    layout = _layout(unit)
    layout["xaxis"] |= {"type": "category"}
    return {"data": [trace | _hover("", unit, "%{x}")], "layout": layout}


def timeline(programmes: Sequence[tuple[str, int, int]], horizon: int, period: str) -> Figure:
    """(name, start, first period in which it works): in preparation, then working to the end."""
    names = [label(name) for name, _, _ in programmes]
    spans = {
        "in preparation": ([start for _, start, _ in programmes], [first for _, _, first in programmes], PALETTE[4]),
        "working": ([first for _, _, first in programmes], [horizon + 1] * len(programmes), PALETTE[0]),
    }
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": names,
            "base": [begin - 0.5 for begin in begins],
            "x": [max(0, min(end, horizon + 1) - begin) for begin, end in zip(begins, ends, strict=True)],
            "marker": {"color": colour},
            "hovertemplate": "%{y}: " + name + "<extra></extra>",
        }
        for name, (begins, ends, colour) in spans.items()
    ]
    layout = _time("", period, horizon) | {"barmode": "overlay", "bargap": 0.4}
    layout["xaxis"] |= {"range": [0.5, horizon + 0.5], "showgrid": True}
    layout["yaxis"] = {"type": "category", "autorange": "reversed", "automargin": True, "fixedrange": True}
    return {"data": data, "layout": layout}


def histogram(values: Sequence[float], weights: Sequence[float], marks: Mapping[str, float], unit: str) -> Figure:
    """Probability by size, with vertical ``marks`` (name -> value)."""
    trace = {
        "type": "histogram",
        "x": list(values),
        "y": list(weights),
        "histfunc": "sum",
        "nbinsx": 40,
        "marker": {"color": PALETTE[0]},
        "hovertemplate": "%{x}: %{y:.3~p}<extra></extra>",
    }
    return {"data": [trace], "layout": _distribution(unit, marks)}


def cumulative(values: Sequence[float], reached: Sequence[float], marks: Mapping[str, float], unit: str) -> Figure:
    """Probability that equity stays at or below each of the ascending ``values``."""
    trace = {
        "type": "scatter",
        "mode": "lines",
        "x": list(values),
        "y": list(reached),
        "line": {"shape": "hv", "color": PALETTE[0], "width": 2},
        "hovertemplate": "at most %{x:,.4~r}: %{y:.3~p}<extra></extra>",
    }
    return {"data": [trace], "layout": _distribution(unit, marks)}


def _distribution(unit: str, marks: Mapping[str, float]) -> dict[str, Any]:
    layout = _layout("") | {"bargap": 0.03}
    layout["margin"] |= {"t": 8 + 15 * len(marks), "b": 40}
    layout["xaxis"] |= {"title": {"text": label(unit), "standoff": 6}, "exponentformat": "B"}
    layout["yaxis"] |= {"tickformat": ".0~%"}
    layout["shapes"] = [
        {"type": "line", "xref": "x", "yref": "paper", "x0": value, "x1": value, "y0": 0, "y1": 1}
        | {"line": {"color": PALETTE[5] if place else INK, "width": 1.5, "dash": "dash" if place else "solid"}}
        for place, value in enumerate(marks.values())
    ]
    layout["annotations"] = [
        {
            "x": value,
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 14 * place,
            "text": label(name),
            "showarrow": False,
        }
        for place, (name, value) in enumerate(marks.items())
    ]
    return layout


def _hover(name: str, unit: str, at: str = "") -> dict[str, Any]:
    place = ", ".join(part for part in (label(name), at) if part)
    return {"hovertemplate": f"{place}: %{{y:,.4~r}} {label(unit)}<extra></extra>"}


def _time(unit: str, period: str, last: int) -> dict[str, Any]:
    """Layout with periods up to the ``last`` across, a few of them named where they are many, and ``unit`` upwards."""
    every = {"tick0": 1, "dtick": math.ceil(last / _MOST_TICKS), "tickformat": "d"}
    title = {"title": {"text": label(period), "standoff": 6}}
    layout = _layout(unit)
    return layout | {"xaxis": layout["xaxis"] | title | every}


def _layout(unit: str) -> dict[str, Any]:
    return {
        "xaxis": {"fixedrange": True, "showgrid": False},
        "yaxis": {"title": {"text": label(unit)}, "exponentformat": "B", "fixedrange": True, "rangemode": "tozero"},
        "margin": {"t": 8, "r": 12, "b": 32, "l": 56},
    }
