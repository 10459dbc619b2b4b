"""frontier.csv, frontier.html and one plan per point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from allocator.reporting.blocks import Blocks, Chart, Column, Section, Table
from allocator.reporting.figures import INK, PALETTE, label
from allocator.reporting.numbers import money, number, percent
from allocator.reporting.study import Study

if TYPE_CHECKING:
    from allocator.solving.frontier import Frontier

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
        heading=f"Frontier: customer equity against {frontier.subject.name}",
        scenario=frontier.scenario.name,
        sentences=_sentences(frontier, table),
        terms=[
            ("points", str(len(table))),
            ("seconds to build", number(frontier.seconds_build, 3)),
            ("seconds to solve", number(float(table["seconds"].sum()), 3)),
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
    currency, name = frontier.scenario.model.currency, frontier.subject.name
    first, last = table.iloc[0], table.iloc[-1]
    if len(table) == 1:
        return [f"{name} costs no equity: the best plan without that limit cannot be asked for more."]
    flat = table[table["near_best"]].iloc[-1]
    limits = [_limit(frontier, float(row["limit"])) for row in (first, flat, last)]
    found = [
        f"Without a limit on {name} customer equity is {money(float(first['customer_equity']), currency)}, "
        f"with {name} at {limits[0]}.",
        f"Down to {limits[1]}" if first["limit"] > last["limit"] else f"Up to {limits[1]}",
        f"At the tight end, {limits[2]}, customer equity is {money(float(last['customer_equity']), currency)}, "
        f"{percent(1 - float(last['share_of_best']))} less.",
    ]
    found[1] += " equity stays within 0.5 % of the best: there the choice is nearly free."
    if frontier.impossible:
        found.append(f"{len(frontier.impossible)} values of the limit have no plan with whole numbers.")
    if frontier.unsolved:
        found.append(f"At {len(frontier.unsolved)} values of the limit the time limit passed before a plan was found.")
    return found


def _limit(frontier: Frontier, value: float) -> str:
    if frontier.subject.unit == "money":
        return money(value, frontier.scenario.model.currency)
    return number(value)


def _plot(frontier: Frontier, table: pd.DataFrame) -> Section | None:
    blocks = Blocks()
    currency = frontier.scenario.model.currency or "money"
    blocks.add(Chart(f"Customer equity ({currency})", _figure(frontier, table), 380))
    return blocks.section("plot", "Plot")


def _figure(frontier: Frontier, table: pd.DataFrame) -> dict[str, Any]:
    parts = [
        ("all points", table, PALETTE[0], 5),
        ("within 0.5 % of the best", table[table["near_best"]], PALETTE[2], 9),
    ]
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": label(name),
            "x": rows["limit"].tolist(),
            "y": rows["customer_equity"].tolist(),
            "marker": {"size": size, "color": colour},
            "line": {"color": colour, "width": 2},
            "hovertemplate": f"{label(frontier.subject.name)} %{{x:,.4~r}}: %{{y:,.5~r}}<extra></extra>",
        }
        for name, rows, colour, size in parts
    ]
    best = float(table["customer_equity"].max())
    floor = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": best - 0.005 * abs(best)}
    layout = {
        "xaxis": {"title": {"text": label(frontier.subject.name)}, "exponentformat": "B", "fixedrange": True},
        "yaxis": {"exponentformat": "B", "fixedrange": True},
        "margin": {"t": 8, "r": 12, "b": 48, "l": 64},
        "legend": {"orientation": "h", "y": -0.22, "yanchor": "top", "x": 0},
        "shapes": [floor | {"y1": floor["y0"], "line": {"color": INK, "width": 1, "dash": "dot"}}],
        "showlegend": True,
    }
    return {"data": data, "layout": layout}


def _points(frontier: Frontier, table: pd.DataFrame) -> Section | None:
    blocks = Blocks()
    columns = [
        Column("plan", "plan", "text"),
        Column("limit", frontier.subject.name),
        Column("customer_equity", "customer equity"),
        Column("share_of_best", "of the best", "bar"),
        Column("near_best", "nearly the best", "text"),
        Column("price", "price", "mixed"),
        Column("cost", "cost"),
        Column("seconds", "seconds"),
    ]
    if table["cvar"].notna().all() and frontier.subject.against != "cvar":
        columns.insert(6, Column("cvar", "CVaR"))
    blocks.add(Table.of(table, columns, source="frontier.csv"))
    return blocks.section("points", "Points", _LEAD)
