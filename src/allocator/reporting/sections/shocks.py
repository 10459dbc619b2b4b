"""What was drawn: the factors on margins, and on the odds of staying, that the plan was made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from allocator.reporting.blocks import Blocks, Chart, Column, Section, Table
from allocator.reporting.figures import MOST_SERIES, PALETTE, label
from allocator.reporting.view import View
from allocator.uncertainty import ShockSet, correlations, describe, histogram, shock_set, staying

if TYPE_CHECKING:
    from allocator.domain.scenario import Scenario

MOST_SHOCKS = 200_000
"""Drawn factors, over scenarios, segments and periods, that are still written to shocks.csv."""
_BINS = 40


def drawn_shocks(scenario: Scenario) -> ShockSet | None:
    """The shocks that a scenario draws; None where it states them in a table or has none."""
    return shock_set(scenario) if scenario.risk.generate is not None else None


def section(view: View) -> Section | None:
    """A plot and a table of each group's factor, and how the groups move together."""
    shocks = drawn_shocks(view.scenario)
    blocks = Blocks()
    if shocks is None:
        return None
    by = view.scenario.risk.generate.by if view.scenario.risk.generate else "segment"
    blocks.add(Chart("Probability by factor on margin", _figure(histogram(shocks, _BINS))))
    blocks.add(_groups(shocks, by, "Factors by group"))
    between = correlations(shocks)
    if 1 < len(between) <= MOST_SERIES:
        between = between.rename(index=_named, columns=_named)
        shown = between.rename_axis("group").reset_index()
        headings = [Column(name, name, "mixed") for name in between.columns]
        title = "Correlation of the factors' logarithms"
        blocks.add(Table.of(shown, [Column("group", "group", "text"), *headings], title=title))
    odds = staying(shocks)
    if odds is not None:
        blocks.add(Chart("Probability by factor on the odds of staying", _figure(histogram(odds, _BINS))))
        blocks.add(_groups(odds, by, "Factors on the odds of staying by group"))
    lead = f"{len(shocks.names):,} scenarios were drawn; a factor of 1 is no shock."
    if shocks.factor.size <= MOST_SHOCKS:
        lead += " Every factor is in shocks.csv, which can be read back as a table of shocks."
    return blocks.section("shocks", "What was drawn", lead)


def _groups(shocks: ShockSet, by: str, title: str) -> Table:
    """What the factors of each group are like."""
    groups = describe(shocks)
    columns = [
        Column("group", f"group ({by})", "text"),
        Column("segments", "segments"),
        Column("mean", "mean factor", "mixed"),
        Column("volatility", "volatility", "mixed"),
        Column("lowest", "lowest", "mixed"),
        Column("highest", "highest", "mixed"),
        Column("correlation", "correlation with others", "mixed"),
        Column("autocorrelation", "with the period before", "mixed"),
    ]
    return Table.of(groups.assign(group=groups["group"].map(_named)), columns, title=title)


def _named(group: object) -> str:
    """A group by the value that its segments share; they may have none."""
    return str(group) or "none"


def _figure(bins: pd.DataFrame) -> dict[str, Any]:
    """One stepped line a group; beyond as many as there are colours, the first groups."""
    data = []
    for place, (group, rows) in enumerate(bins.groupby("group", sort=False)):
        if place == MOST_SERIES:
            break
        middle = ((rows["low"] + rows["high"]) / 2).tolist()
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": label(_named(group)),
                "x": middle,
                "y": rows["probability"].tolist(),
                "line": {"shape": "hvh", "color": PALETTE[place], "width": 2},
                "hovertemplate": "%{x:.3~r}: %{y:.3~p}<extra></extra>",
            }
        )
    layout = {
        "xaxis": {"title": {"text": "factor"}, "fixedrange": True},
        "yaxis": {"tickformat": ".0~%", "fixedrange": True, "rangemode": "tozero"},
        "margin": {"t": 8, "r": 12, "b": 40, "l": 56},
    }
    return {"data": data, "layout": layout}
