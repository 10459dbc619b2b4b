"""The planner's rules, with the slack each leaves."""

from __future__ import annotations

from allocator.reporting.blocks import Blocks, Column, Section, Table
from allocator.reporting.view import View

LEAD = "Slack is how far the plan stays from the limit; a rule that binds has none and holds the plan back."
_SENSES = {"min": "at least", "max": "at most"}


def section(view: View) -> Section | None:
    """All rules, those that bind first."""
    table = view.tables["rules"]
    blocks = Blocks()
    if table.empty:
        return None
    shown = table.assign(
        sense=table["sense"].map(_SENSES),
        segment=table["segment"].fillna("").replace("", "all selected"),
        binding=table["binding"].astype(bool),
    ).sort_values("binding", ascending=False, kind="stable")
    columns = [Column("rule", "rule", "text"), Column("period", view.period), Column("segment", "segment", "text")]
    columns += [Column("sense", "must be", "text"), Column("limit", "limit", "mixed"), Column("value", "is", "mixed")]
    columns += [Column("slack", "slack", "mixed"), Column("binding", "binds", "text")]
    if table["price"].notna().any():
        columns.append(Column("price", f"worth of one more ({view.currency})", "mixed"))
    blocks.add(Table.of(shown, columns, source="rules.csv"))
    return blocks.section("rules", "Rules", LEAD)
