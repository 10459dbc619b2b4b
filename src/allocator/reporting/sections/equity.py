"""Where customer equity comes from: margin, cost and what is left at the end; and by segment."""

from __future__ import annotations

from allocator.reporting.blocks import Blocks, Chart, Column, Prose, Section, Table
from allocator.reporting.figures import waterfall
from allocator.reporting.view import View

LEAD = "All money in today's value."
_OTHERS = " Segments that are not ours are worth what may still come of their customers."

_BROUGHT = " The table is of today's customers; those whom channels bring are not in it, and count in the rules."


def section(view: View) -> Section | None:
    """From margin to equity, current against new customers, and lifetime value by segment."""
    evaluation = view.result.evaluation
    blocks = Blocks()
    steps = (
        ("margin in the plan", evaluation.margin),
        ("value left at its end", evaluation.terminal_value),
        ("cost", -evaluation.cost),
    )
    blocks.add(Chart("From margin to customer equity", waterfall(steps, "customer equity", view.currency), 300))
    now, new = evaluation.equity_current_customers, evaluation.equity_new_customers
    blocks.add(
        Prose(
            (
                f"Customers we have now earn {view.money(now)}; customers won later earn {view.money(new)}, "
                "both before costs that no segment bears, such as wages.",
            )
        )
    )
    table = view.tables["equity"]
    if not table.empty:
        ordered = table.sort_values("equity", ascending=False, kind="stable")
        columns = [
            Column("segment", "segment", "text"),
            Column("customers_now", "customers now"),
            Column("clv", f"CLV per customer ({view.currency})"),
            Column("equity", f"equity ({view.currency})"),
            Column("share", "share of equity", "bar"),
        ]
        title = "Customer lifetime value and equity by segment"
        blocks.add(Table.of(ordered, columns, title=title, source="equity.csv"))
    lead = LEAD + (_OTHERS if len(view.own) < len(table) else "")
    lead += _BROUGHT if (view.tables["channels"]["new_customers"] > 0.0).any() else ""
    return blocks.section("equity", "Where customer equity comes from", lead)
