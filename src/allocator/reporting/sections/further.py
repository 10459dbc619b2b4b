"""Further tables that a run may carry, such as the worth of relaxing limits, or near-best ranges."""

from __future__ import annotations

import pandas as pd

from allocator.reporting.blocks import Blocks, Column, Section, Table
from allocator.reporting.view import View

_TITLES = {
    "relaxation": "What relaxing each limit would be worth",
    "treatments_scenarios": "Treatments by shock scenario",
    "ranges": "How far each limit can move with equity near the best",
}


def section(view: View) -> Section | None:
    """Each further table as it is."""
    blocks = Blocks()
    for name in view.result.further:
        table = view.tables[name]
        if not table.empty:
            title = _TITLES.get(name, name.replace("_", " "))
            blocks.add(Table.of(table, _columns(table), title=title, source=f"{name}.csv"))
    return blocks.section("further", "Further analyses")


def _columns(table: pd.DataFrame) -> list[Column]:
    return [
        Column(
            str(column),
            str(column).replace("_", " "),
            "number" if pd.api.types.is_numeric_dtype(table[column]) else "text",
        )
        for column in table.columns
    ]
