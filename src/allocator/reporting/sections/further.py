"""Further tables that a run may carry: the worth of other limits, near-best ranges, treatments by shock scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from allocator.reporting.blocks import Blocks, Column, Section, Table
from allocator.reporting.tables import EFFORT
from allocator.reporting.view import View
from allocator.reporting.words import by_reason

Shown = tuple[pd.DataFrame, list[Column]]
"""Rows and columns of a table of the page."""
_TITLES = {
    "relaxation": "What other limits would be worth, solved again for each",
    "treatments_scenarios": "Treatments by shock scenario in the first period: effort per customer",
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
            shown, columns = _SHOWN.get(name, _as_it_is)(view, table)
            title = _TITLES.get(name, name.replace("_", " "))
            blocks.add(Table.of(shown, columns, title=title, source=f"{name}.csv"))
    return blocks.section("further", "Further analyses")


def _relaxation(view: View, table: pd.DataFrame) -> Shown:
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


def _treatments(view: View, table: pd.DataFrame) -> Shown:
    """Who is treated in the first period, scenario by scenario."""
    efforts = [column for column in table.columns if column.startswith(EFFORT) and (table[column] > 0.0).any()]
    first = table[(table["period"] == 1) & (table["customers"] > 0.0) & (table[efforts] > 0.0).any(axis=1)]
    columns = [Column("scenario", "scenario", "text"), Column("segment", "segment", "text")]
    columns += [Column("customers", "customers"), *(Column(name, name.removeprefix(EFFORT)) for name in efforts)]
    if (first["programmes"].fillna("") != "").any():
        columns.append(Column("programmes", "with programmes", "text"))
    return first.fillna({"programmes": ""}), columns


def _as_it_is(view: View, table: pd.DataFrame) -> Shown:
    return table, [
        Column(
            str(column),
            view.period if column == "period" else str(column).replace("_", " "),
            "mixed" if pd.api.types.is_numeric_dtype(table[column]) else "text",
        )
        for column in table.columns
    ]


_SHOWN: Mapping[str, Callable[[View, pd.DataFrame], Shown]] = {
    "relaxation": _relaxation,
    "treatments_scenarios": _treatments,
}
