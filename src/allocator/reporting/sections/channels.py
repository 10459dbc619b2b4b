"""Channels: what is spent on each, and the customers it brings."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from allocator.domain.resources import Labour
from allocator.reporting.blocks import Blocks, Chart, Column, Section, Table
from allocator.reporting.figures import stacked_bars
from allocator.reporting.view import View, largest


def section(view: View) -> Section | None:
    """Spend and new customers over time, and both in total."""
    table = view.tables["channels"]
    blocks = Blocks()
    if table.empty or not (table["spend"] > 0.0).any():
        return None
    table = table.assign(unit=[_unit(view, str(name)) for name in table["channel"]])
    blocks.charts(_charts(view, table))
    total = table.groupby(["channel", "unit"], sort=False)[["spend", "new_customers"]].sum().reset_index()
    used = table[table["spend"] > 0.0].groupby("channel")["period"].nunique()
    total = total.assign(
        used=total["channel"].map(used).fillna(0),
        each=total["spend"] / total["new_customers"].where(total["new_customers"] > 0.0),
    )
    columns = [
        Column("channel", "channel", "text"),
        Column("used", f"{view.period}s used"),
        Column("spend", "spend", "mixed"),
        Column("unit", "unit", "text"),
        Column("new_customers", "new customers"),
        Column("each", "spend per new customer", "mixed"),
    ]
    ordered = total.sort_values("spend", ascending=False, kind="stable")
    blocks.add(Table.of(ordered, columns, title="Channels in total", source="channels.csv"))
    return blocks.section("channels", "Channels")


def _charts(view: View, table: pd.DataFrame) -> Iterator[Chart]:
    """Spend, in a chart of its own for money, hours and units, and what it brings."""
    drawn = [(f"Spend ({unit})", str(unit), rows, "spend") for unit, rows in table.groupby("unit", sort=False)]
    for title, unit, rows, column in (*drawn, ("New customers", "customers", table, "new_customers")):
        series = largest(view.by_period(rows, "channel", column), "more channels")
        if series:
            yield Chart(title, stacked_bars(view.periods, series, unit, view.period))


def _unit(view: View, channel: str) -> str:
    """What a channel's spend is measured in."""
    model = view.scenario.model
    pool = model.channels[channel].input
    if pool == "money":
        return view.currency
    labour = any(model.pool_of(name) == pool and isinstance(found, Labour) for name, found in model.resources.items())
    return "hours" if labour else "units"
