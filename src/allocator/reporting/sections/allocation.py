"""Who gets what: effort per customer by segment and period, and the treatments of the first period."""

from __future__ import annotations

from allocator.reporting.blocks import Blocks, Column, Grid, Section, Table
from allocator.reporting.tables import EFFORT
from allocator.reporting.view import View

LEAD = (
    "Effort per customer, averaged over all customers of the segment. The deeper the colour, the more effort; "
    "each lever has its own scale. Segments that a lever leaves alone are not listed."
)


def section(view: View) -> Section | None:
    """One heat map a lever, then who starts with which treatment."""
    blocks = Blocks()
    table = view.tables["allocation"]
    if not table.empty:
        blocks.grids(grid for lever in view.scenario.model.levers if (grid := _grid(view, lever)) is not None)
    first = _first_period(view)
    if first is not None:
        blocks.add(first)
    return blocks.section("allocation", "Who gets what", LEAD)


def _grid(view: View, lever: str) -> Grid | None:
    table = view.tables["allocation"]
    wide = view.by_period(table[table["lever"] == lever], "segment", "effort_per_customer")
    wide = wide[(wide > 0.0).any(axis=1)]
    if wide.empty:
        return None
    return Grid.of(wide, title=lever, corner="segment", period=view.period, source="allocation.csv")


def _first_period(view: View) -> Table | None:
    table = view.tables["treatments"]
    if table.empty:
        return None
    used = [column for column in table.columns if column.startswith(EFFORT) and (table[column] > 0.0).any()]
    treated = table[(table["period"] == 1) & (table["customers"] > 0.0) & (table[used] > 0.0).any(axis=1)]
    if treated.empty:
        return None
    columns = [Column("segment", "segment", "text"), Column("customers", "customers")]
    columns += [Column(column, column.removeprefix(EFFORT)) for column in used]
    if (treated["programmes"].fillna("") != "").any():
        columns.append(Column("programmes", "with programmes", "text"))
    title = f"Treatments in {view.when(1)}: effort per customer"
    return Table.of(treated.fillna({"programmes": ""}), columns, title=title, source="treatments.csv")
