"""Where the money goes: cash by function and by kind, and budgets with what is used of them."""

from __future__ import annotations

import pandas as pd

from allocator.reporting.blocks import Blocks, Chart, Column, Grid, Section, Table
from allocator.reporting.figures import stacked_bars
from allocator.reporting.view import View, largest

LEAD = "Cash spent, as paid in each period (not discounted)."
_KINDS = {
    "lever": "levers",
    "setup": "set-ups",
    "channel": "channels",
    "wages": "wages",
    "hiring": "hiring",
    "release": "releases",
    "overtime": "overtime",
    "partner": "partners",
    "fixed": "fixed resources",
    "programme": "programmes",
}


def section(view: View) -> Section | None:
    """Two stacked charts of cash, then the budgets."""
    cash = view.tables["cash"]
    blocks = Blocks()
    spent = cash[cash["amount"] != 0.0] if not cash.empty else cash
    if not spent.empty:
        named = spent.assign(kind=spent["kind"].map(_KINDS))
        blocks.charts(
            Chart(title, stacked_bars(view.periods, series, view.currency, view.period))
            for key, title in (("function", "Cash by function"), ("kind", "Cash by kind"))
            if (series := largest(view.by_period(named, key, "amount"), "more"))
        )
    _budgets(view, blocks)
    return blocks.section("money", "Where the money goes", LEAD)


def _budgets(view: View, blocks: Blocks) -> None:
    table = view.tables["budgets"]
    if table.empty:
        return
    share = table.assign(share_used=table["used"] / table["amount"].where(table["amount"] > 0.0))
    repeated = share[share["period"].notna()]
    if repeated["period"].nunique() > 1:
        wide = repeated.pivot_table(index="name", columns="period", values="share_used", sort=False)
        wide = wide.reindex(columns=view.periods).astype(float)
        if not wide.empty:
            title = "Share of each budget per period that is used"
            blocks.add(
                Grid.of(wide, title=title, corner="budget", period=view.period, kind="percent", source="budgets.csv")
            )
    left = share["amount"] - share["used"]
    # A budget that is used up is, to a planner, used up: what arithmetic leaves of it is not money.
    left = left.mask(left.abs() <= 1e-9 * share["amount"].abs(), 0.0)
    blocks.add(Table.of(share.assign(left=left), _columns(view, share), title="Budgets", source="budgets.csv"))


def _columns(view: View, budgets: pd.DataFrame) -> list[Column]:
    columns = [Column("name", "budget", "text")]
    if budgets["period"].notna().any():
        columns.append(Column("period", view.period))
    columns.append(Column("amount", f"at most ({view.currency})"))
    if "at_least" in budgets and budgets["at_least"].notna().any():
        columns.append(Column("at_least", f"at least ({view.currency})"))
    spent = Column("used", f"used ({view.currency})"), Column("left", f"left ({view.currency})")
    return [*columns, *spent, Column("share_used", "share used", "bar")]
