"""Further tables that a run may carry: the worth of other limits, near-best ranges, treatments by shock scenario."""

from __future__ import annotations

import pandas as pd

from allocator.reporting.blocks import Blocks, Column, Section, Table
from allocator.reporting.view import View
from allocator.reporting.words import by_reason

_TITLES = {
    "relaxation": "What other limits would be worth, solved again for each",
    "treatments_scenarios": "Treatments by shock scenario",
    "ranges": "How far budgets and heads can move with equity near the best",
}
_GAINS = {"minus 5 percent": "5 % less", "minus 1": "1 less", "plus 1": "1 more", "plus 5 percent": "5 % more"}
"""How far a limit is moved, as notes and (with underscores) columns name it -> as the page does."""


def section(view: View) -> Section | None:
    """Each further table, in words where these are known."""
    blocks = Blocks()
    for name in view.result.further:
        table = view.tables[name]
        if not table.empty:
            shown, columns = _relaxation(view, table) if name == "relaxation" else (table, _columns(view, table))
            title = _TITLES.get(name, name.replace("_", " "))
            blocks.add(Table.of(shown, columns, title=title, source=f"{name}.csv"))
    return blocks.section("further", "Further analyses")


def _relaxation(view: View, table: pd.DataFrame) -> tuple[pd.DataFrame, list[Column]]:
    """The numbers of a planner, each in its unit, and what moving each of them brings."""
    unit = table["unit"].replace("money", view.currency)
    shown = table.assign(unit=unit, remark=[by_reason(str(note), _GAINS) for note in table["note"].fillna("")])
    columns = [
        Column("requirement", "limit", "text", remark="remark"),
        Column("limit", "stands at", "mixed"),
        Column("unit", "unit", "text"),
        Column("price", f"worth of one more ({view.currency})", "mixed"),
        Column("holds_from", "holds from", "mixed"),
        Column("holds_to", "holds to", "mixed"),
    ]
    keys = {change.replace(" ", "_"): words for change, words in _GAINS.items()}
    gains = [Column(key, f"gain by {words} ({view.currency})") for key, words in keys.items() if key in table]
    return shown, columns + gains


def _columns(view: View, table: pd.DataFrame) -> list[Column]:
    return [
        Column(
            str(column),
            view.period if column == "period" else str(column).replace("_", " "),
            "mixed" if pd.api.types.is_numeric_dtype(table[column]) else "text",
        )
        for column in table.columns
    ]
