"""Programmes: when each starts and works, and which never start."""

from __future__ import annotations

from allocator.reporting.blocks import Blocks, Chart, Prose, Section
from allocator.reporting.figures import timeline
from allocator.reporting.numbers import listed
from allocator.reporting.view import View


def section(view: View) -> Section | None:
    """A timeline of what starts, and a sentence for what does not."""
    table = view.tables["programmes"]
    blocks = Blocks()
    if table.empty:
        return None
    started = table[table["start"].notna()].sort_values("start", kind="stable")
    programmes = view.scenario.model.programmes
    spans = [
        (str(name), int(start), int(start) + programmes[name].lead)
        for name, start in zip(started["programme"], started["start"], strict=True)
    ]
    if spans:
        blocks.add(
            Chart("Programmes over time", timeline(spans, view.scenario.horizon, view.period), 80 + 34 * len(spans))
        )
    never = [str(name) for name in table.loc[table["start"].isna(), "programme"]]
    if never:
        blocks.add(Prose((f"Not started in this plan: {listed(never)}.",)))
    return blocks.section("programmes", "Programmes")
