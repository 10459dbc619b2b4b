"""frontier.csv, frontier.html and one plan per point."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from allocator.reporting.blocks import Blocks, Chart, Column, Section, Table
from allocator.reporting.figures import PALETTE, label
from allocator.reporting.numbers import money, number, percent
from allocator.reporting.study import Study
from allocator.solving.frontier import NEAR

if TYPE_CHECKING:
    from allocator.solving.frontier import Frontier

ROUNDING = 1e-5
"""A limit below this share of the largest shown is nothing."""
_LEAD = (
    "Each point is the best plan that keeps the limit there. The price is the equity given up, from the point "
    "before, per unit of the limit. Each plan is in its folder below plans and can be evaluated or set as the "
    "current plan."
)


def frontier_study(frontier: Frontier) -> Study:
    """The frontier as a table, a page with a plot and one plan per point."""
    table = frontier.table()
    return Study(
        name="frontier",
        heading=f"Frontier: customer equity against {_name(frontier)}",
        scenario=frontier.scenario.name,
        sentences=_sentences(frontier, table),
        terms=[
            ("points", str(len(table))),
            ("seconds", number(frontier.seconds_build + float(table["seconds"].sum()), 3)),
        ],
        sections=[_plot(frontier, table), _points(frontier, table)],
        tables={"frontier": table},
        facts={"against": frontier.subject.against, "points": len(table), "without_plan": list(frontier.impossible)}
        | {"out_of_time": list(frontier.unsolved)},
        plans={
            str(plan): frontier.evaluation(point) for plan, point in zip(table["plan"], frontier.points, strict=True)
        },
    )


def _sentences(frontier: Frontier, table: pd.DataFrame) -> list[str]:
    name = _name(frontier)
    first, last = table.iloc[0], table.iloc[-1]
    if len(table) == 1:
        return [f"{name} costs no equity: the best plan without that limit cannot be asked for more."]
    flat = table[table["near_best"]].iloc[-1]
    loose, flattest, tight = (_limit(frontier, table, float(row["limit"])) for row in (first, flat, last))
    near = f"equity stays within {percent(NEAR)} of the best: the choice is nearly free there."
    found = [
        f"Without a limit on {name} customer equity is {_equity(frontier, table, first)}, with {name} at {loose}.",
        f"{'Down' if first['limit'] > last['limit'] else 'Up'} to {flattest} {near}",
        f"At the tight end, {tight}, customer equity is {_equity(frontier, table, last)}, "
        f"{percent(1 - float(last['share_of_best']))} less.",
    ]
    if flat["point"] == last["point"]:
        found[1] = f"All the way to the tight end {near}"
    if frontier.impossible:
        found.append(f"Values of the limit without a plan with whole numbers: {len(frontier.impossible)}.")
    if frontier.unsolved:
        found.append(f"Values of the limit at which time ran out before a plan was found: {len(frontier.unsolved)}.")
    return found


def _name(frontier: Frontier) -> str:
    """The limit as a page quotes it."""
    return re.sub(
        "`([^`]*)`", "\N{LEFT DOUBLE QUOTATION MARK}\\1\N{RIGHT DOUBLE QUOTATION MARK}", frontier.subject.name
    )


def _axis(frontier: Frontier) -> str:
    """The limit with its unit, where that is money."""
    currency = frontier.scenario.model.currency
    return f"{_name(frontier)} ({currency})" if frontier.subject.unit == "money" and currency else _name(frontier)


def _equity(frontier: Frontier, table: pd.DataFrame, row: pd.Series) -> str:
    digits = _digits(table["customer_equity"])
    return money(float(row["customer_equity"]), frontier.scenario.model.currency, digits)


def _limit(frontier: Frontier, table: pd.DataFrame, value: float) -> str:
    digits = _digits(table["limit"])
    value = value if abs(value) > ROUNDING * float(table["limit"].abs().max()) else 0.0
    if frontier.subject.unit == "money":
        return money(value, frontier.scenario.model.currency, digits)
    return number(value, digits)


def _digits(values: pd.Series) -> int:
    """Significant figures that tell a hundredth of the column's range."""
    size, span = float(values.abs().max()), float(values.max() - values.min())
    return min(12, max(4, 2 + math.ceil(math.log10(size / span)))) if span > 0.0 else 4


def _plot(frontier: Frontier, table: pd.DataFrame) -> Section | None:
    blocks = Blocks()
    currency = frontier.scenario.model.currency or "money"
    title = f"Customer equity ({currency}) of the best plan at each value of {_name(frontier)}"
    blocks.add(Chart(title, _figure(frontier, table), 360))
    return blocks.section("plot", "Plot")


def _figure(frontier: Frontier, table: pd.DataFrame) -> dict[str, Any]:
    near = table[table["near_best"]]
    line: dict[str, Any] = {"mode": "lines+markers", "name": "best plan", "line": {"color": PALETTE[0], "width": 2}}
    marks: dict[str, Any] = {"mode": "markers", "name": label(f"within {percent(NEAR)} of the best")}
    parts = [(table, line | {"marker": {"size": 5}}), (near, marks | {"marker": {"size": 9, "color": PALETTE[2]}})]
    hover = (
        f"{label(_name(frontier))} %{{x:,.{_digits(table['limit'])}~r}}: %{{y:,.{_digits(table['customer_equity'])}~r}}"
    )
    data = [
        {
            "type": "scatter",
            "x": rows["limit"].tolist(),
            "y": rows["customer_equity"].tolist(),
            "hovertemplate": f"{hover}<extra></extra>",
        }
        | look
        for rows, look in parts
    ]
    layout = {
        "xaxis": {"title": {"text": label(_axis(frontier)), "standoff": 6}, "exponentformat": "B", "fixedrange": True},
        "yaxis": {"exponentformat": "B", "fixedrange": True},
        "margin": {"t": 8, "r": 24, "b": 40, "l": 64},
        "shapes": [] if len(near) == len(table) else [_near_flat(table)],
    }
    return {"data": data, "layout": layout}


def _near_flat(table: pd.DataFrame) -> dict[str, Any]:
    """The band of equity that is as good as the best."""
    best = float(table["customer_equity"].max())
    band = {"xref": "paper", "x0": 0, "x1": 1, "y0": best - NEAR * abs(best), "y1": best}
    look = {"fillcolor": PALETTE[2], "opacity": 0.12, "line": {"width": 0}, "layer": "below"}
    return {"type": "rect"} | band | look


def _points(frontier: Frontier, table: pd.DataFrame) -> Section | None:
    blocks = Blocks()
    currency = frontier.scenario.model.currency or "money"
    columns = [
        Column("plan", "plan", "text"),
        Column("limit", _axis(frontier)),
        Column("customer_equity", f"customer equity ({currency})"),
        Column("given_up", f"given up ({currency})"),
        Column("share_given_up", "share given up", "percent"),
        Column("near_best", "nearly the best", "text"),
        Column("price", f"price ({currency})"),
        Column("cost", f"cost ({currency})"),
    ]
    if table["cvar"].notna().all() and frontier.subject.against != "cvar":
        columns.insert(6, Column("cvar", f"CVaR ({currency})"))
    given_up = table["customer_equity"].max() - table["customer_equity"]
    rounded = table["limit"].where(table["limit"].abs() > ROUNDING * table["limit"].abs().max(), 0.0)
    shown = table.assign(limit=rounded, given_up=given_up, share_given_up=1.0 - table["share_of_best"])
    blocks.add(Table.of(shown, columns, source="frontier.csv"))
    return blocks.section("points", "Points", _LEAD)
