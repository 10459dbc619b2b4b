"""Where the hours go, and how many heads there are."""

from __future__ import annotations

from allocator.domain.resources import Labour
from allocator.reporting.blocks import Blocks, Chart, Column, Grid, Section, Table
from allocator.reporting.figures import lines, stacked_bars
from allocator.reporting.view import View

_MOST_CHARTS = 6


def section(view: View) -> Section | None:
    """Hours by resource against what is available, use in percent, heads with hires and releases."""
    table = view.tables["resources"]
    blocks = Blocks()
    if not table.empty:
        busiest = table.groupby("resource", sort=False)["hours_used"].sum().sort_values(ascending=False, kind="stable")
        blocks.charts(_hours(view, str(name)) for name in busiest.index[:_MOST_CHARTS] if busiest[name] > 0.0)
        used = view.by_period(table, "resource", "hours_used") / view.by_period(table, "resource", "hours_available")
        if len(used) > 1 and used.notna().any(axis=None):
            title = "Share of the available hours or units that is used"
            blocks.add(
                Grid.of(
                    used, title=title, corner="resource", period=view.period, kind="percent", source="resources.csv"
                )
            )
        _heads(view, blocks)
    return blocks.section("capacity", "Where the hours go")


def _hours(view: View, name: str) -> Chart:
    table = view.tables["resources"]
    columns = ["hours_available", "hours_used", "overtime", "partner"]
    rows = table[table["resource"] == name].set_index("period")[columns].reindex(view.periods).astype(float).fillna(0.0)
    resource = view.scenario.model.resources[name]
    unit = "hours" if isinstance(resource, Labour) else "units"
    partner = resource.partner.quality if isinstance(resource, Labour) and resource.partner else 0.0
    bought = (rows["partner"] * partner).clip(upper=rows["hours_used"])
    overtime = rows["overtime"].clip(upper=rows["hours_used"] - bought)
    own = rows["hours_used"] - bought - overtime
    parts = {"own staff" if unit == "hours" else "used": own, "overtime": overtime, "partner": bought}
    series = {key: values.tolist() for key, values in parts.items() if (values > 0.0).any()}
    limit = {"available": rows["hours_available"].tolist()}
    return Chart(
        f"{name}: {unit} used and available", stacked_bars(view.periods, series, unit, view.period, limit), 240
    )


def _heads(view: View, blocks: Blocks) -> None:
    """Heads over time, where anyone is hired or released."""
    table = view.tables["resources"]
    moves = table[(table["hires"].fillna(0) > 0) | (table["releases"].fillna(0) > 0)]
    if moves.empty:
        return
    moving = table[table["resource"].isin(moves["resource"])]
    wide = view.by_period(moving, "resource", "headcount").head(8)
    series = {str(name): values.tolist() for name, values in zip(wide.index, wide.to_numpy(), strict=True)}
    blocks.add(Chart("Heads", lines(view.periods, series, "heads", view.period, steps=True), 240))
    columns = [
        Column("resource", "resource", "text"),
        Column("period", view.period),
        Column("hires", "hires"),
        Column("releases", "releases"),
        Column("headcount", "heads after that"),
    ]
    blocks.add(Table.of(moves, columns, title="Hires and releases", source="resources.csv"))
