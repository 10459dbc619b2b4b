"""Further tables that a run may carry: the worth of other limits, near-best ranges, treatments by shock scenario."""

from __future__ import annotations

import pandas as pd

from allocator.reporting.blocks import Blocks, Column, Section, Table
from allocator.reporting.view import View

_TITLES = {
    "relaxation": "What other limits would be worth, solved again for each",
    "treatments_scenarios": "Treatments by shock scenario",
    "ranges": "How far budgets and heads can move with equity near the best",
}
_GAINS = {"minus_5_percent": "5 % less", "minus_1": "1 less", "plus_1": "1 more", "plus_5_percent": "5 % more"}
"""Column of the gains -> how far the limit is moved."""


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
    shown = table.assign(unit=unit, remark=[_remark(str(note)) for note in table["note"].fillna("")])
    columns = [
        Column("requirement", "limit", "text", remark="remark"),
        Column("limit", "stands at", "mixed"),
        Column("unit", "unit", "text"),
        Column("price", f"worth of one more ({view.currency})", "mixed"),
        Column("holds_from", "holds from", "mixed"),
        Column("holds_to", "holds to", "mixed"),
    ]
    gains = [Column(key, f"gain by {words} ({view.currency})") for key, words in _GAINS.items() if key in table]
    return shown, columns + gains


def _remark(note: str) -> str:
    """The note with each reason once, after the changes that it is the reason of."""
    reasons: dict[str, list[str]] = {}
    for change, _, reason in (part.partition(": ") for part in note.split("; ") if part):
        reasons.setdefault(reason, []).append(_GAINS.get(change.replace(" ", "_"), change))
    return "; ".join(f"{', '.join(changes)}: {reason}" for reason, changes in reasons.items())


def _columns(view: View, table: pd.DataFrame) -> list[Column]:
    return [
        Column(
            str(column),
            view.period if column == "period" else str(column).replace("_", " "),
            "mixed" if pd.api.types.is_numeric_dtype(table[column]) else "text",
        )
        for column in table.columns
    ]
