"""Channels: what is spent on each, and the customers it brings."""

from __future__ import annotations

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
    unit = _unit(view)
    charts = (("spend", f"Spend ({unit})", unit), ("new_customers", "New customers", "customers"))
    blocks.charts(
        Chart(
            title,
            stacked_bars(
                view.periods,
                largest(view.by_period(table, "channel", column), "more channels"),
                unit_shown,
                view.period,
            ),
        )
        for column, title, unit_shown in charts
    )
    total = table.groupby("channel", sort=False)[["spend", "new_customers"]].sum().reset_index()
    used = table[table["spend"] > 0.0].groupby("channel")["period"].nunique()
    total = total.assign(
        used=total["channel"].map(used).fillna(0),
        each=total["spend"] / total["new_customers"].where(total["new_customers"] > 0.0),
    )
    columns = [
        Column("channel", "channel", "text"),
        Column("used", f"{view.period}s used"),
        Column("spend", f"spend ({unit})"),
        Column("new_customers", "new customers"),
        Column("each", f"spend per new customer ({unit})"),
    ]
    ordered = total.sort_values("spend", ascending=False, kind="stable")
    blocks.add(Table.of(ordered, columns, title="Channels in total", source="channels.csv"))
    return blocks.section("channels", "Channels")


def _unit(view: View) -> str:
    """What the channels are spent in, where that is the same for all."""
    inputs = {channel.input for channel in view.scenario.model.channels.values()}
    if inputs == {"money"}:
        return view.currency
    model = view.scenario.model
    kinds = {isinstance(pool, Labour) for name, pool in model.resources.items() if model.pool_of(name) in inputs}
    if "money" in inputs or len(kinds) > 1:
        return "money, hours or units"
    return "hours" if kinds == {True} else "units"
