"""What binds, and what one more unit of it is worth."""

from __future__ import annotations

import pandas as pd

from allocator.reporting.blocks import Blocks, Column, Grid, Prose, Section, Table
from allocator.reporting.view import View
from allocator.reporting.worth import priced_limits

_READ = (
    "“Worth of one more” is the gain in customer equity, in today's money, from raising the limit by one "
    "unit: one {currency} of budget, one hour, one customer of a rule. A negative worth stands at a "
    "requirement that costs equity: lowering it by one gains that much."
)
_ORDER = "Rows are in the order of what one percent more of the limit is worth, so that hours and money compare."
_LOCAL = (
    "These worths are local: they hold heads, programmes and other whole decisions as they are in this "
    "plan, and hold for small changes only."
)
_SMALL = "They hold for small changes; a large one has its own run."


def section(view: View) -> Section | None:
    """How to read prices, the table of them, and resources' prices over time."""
    priced = priced_limits(view)
    blocks = Blocks()
    if priced.empty:
        return None
    caveat = _LOCAL if view.result.prices.local else _SMALL
    blocks.add(Prose((f"{_READ.format(currency=view.currency)} {_ORDER} {caveat}",)))
    blocks.add(Table.of(priced, _columns(view, priced), source="budgets.csv, resources.csv and rules.csv", most=30))
    hours = priced[priced["what"] == "resource"]
    if hours["period"].nunique() > 1:
        wide = view.by_period(hours, "name", "price")
        title = f"Worth of one more hour or unit ({view.currency})"
        blocks.add(Grid.of(wide, title=title, corner="resource", period=view.period, source="resources.csv"))
    return blocks.section("limits", "What binds, and what one more unit is worth")


def _columns(view: View, priced: pd.DataFrame) -> list[Column]:
    columns = [Column("what", "limit", "text"), Column("name", "name", "text")]
    if priced["period"].notna().any():
        columns.append(Column("period", view.period))
    if priced["segment"].fillna("").ne("").any():
        columns.append(Column("segment", "segment", "text"))
    local = ", local" if view.result.prices.local else ""
    return [
        *columns,
        Column("limit", "stands at", "mixed"),
        Column("unit", "unit", "text"),
        Column("price", f"worth of one more ({view.currency}{local})", "mixed"),
        Column("one_percent", f"worth of 1 % more ({view.currency}{local})"),
    ]
