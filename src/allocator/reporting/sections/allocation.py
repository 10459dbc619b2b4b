"""Who gets what: effort per customer by segment and period, and the treatments of the first period."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from allocator.reporting.blocks import Blocks, Column, Grid, Section, Table
from allocator.reporting.tables import EFFORT
from allocator.reporting.view import View

LEAD = (
    "Effort per customer, averaged over all customers of the segment. The deeper the colour, the more effort; "
    "each lever has its own scale. Segments that a lever leaves alone are not listed."
)

ALIKE = 0.02
"""How far, as a part of a lever's largest effort, efforts may be apart that are shown as one."""
NOTE = "Treatments whose efforts are within 2 % of the most there can be are shown as one; treatments.csv has each."


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
    shown = _alike_as_one(view, treated.fillna({"programmes": ""}), used)
    columns = [Column("segment", "segment", "text"), Column("customers", "customers")]
    columns += [Column(column, column.removeprefix(EFFORT)) for column in used]
    if (shown["programmes"] != "").any():
        columns.append(Column("programmes", "with programmes", "text"))
    title = f"Treatments in {view.when(1)}: effort per customer"
    found = Table.of(shown, columns, title=title, source="treatments.csv")
    return found if len(shown) == len(treated) else replace(found, note=f"{NOTE} {found.note}".strip())


def _alike_as_one(view: View, treated: pd.DataFrame, used: list[str]) -> pd.DataFrame:
    """Treatments of a segment with the same programmes whose efforts are nearly the same, as one at their mean."""
    levers = view.scenario.model.levers
    near = ALIKE * np.array([levers[column.removeprefix(EFFORT)].effort.max for column in used])
    who = [column for column in ("scenario", "segment", "programmes") if column in treated]
    efforts = treated[used].to_numpy(dtype=float)
    leaders: dict[tuple[object, ...], list[int]] = {}
    group = np.arange(len(treated))
    for place, key in enumerate(treated[who].astype(str).itertuples(index=False, name=None)):
        others = leaders.setdefault((*key, *(efforts[place] > 0.0).tolist()), [])
        like = [leader for leader in others if (np.abs(efforts[place] - efforts[leader]) <= near).all()]
        group[place] = like[0] if like else place
        others += [] if like else [place]
    customers = treated["customers"].groupby(group).sum()
    shown = treated.iloc[customers.index].copy()
    shown["customers"] = customers.to_numpy()
    weighed = pd.DataFrame(efforts * treated[["customers"]].to_numpy(), columns=used).groupby(group).sum()
    shown[used] = weighed.to_numpy() / shown[["customers"]].to_numpy()
    return shown
