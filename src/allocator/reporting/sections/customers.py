"""Customers over time by segment."""

from __future__ import annotations

from allocator.reporting.blocks import Blocks, Chart, Section
from allocator.reporting.figures import lines, stacked_areas, stacked_bars
from allocator.reporting.view import View, by_period, largest


def section(view: View) -> Section | None:
    """Our customers stacked, those won by channels, and customers who are elsewhere."""
    table = view.tables["customers"]
    blocks = Blocks()
    if table.empty:
        return None
    periods = [*view.periods, view.scenario.horizon + 1]
    wide = by_period(table, "segment", "customers", periods)
    acquired = by_period(table, "segment", "acquired", periods)
    ours = wide.index.isin(view.own)
    charts = []
    if (wide[ours] > 0.0).any(axis=None):
        series = largest(wide[ours], "more segments")
        charts.append(Chart("Our customers by segment", stacked_areas(periods, series, "customers", view.period)))
    if (acquired[ours] > 0.0).any(axis=None):
        series = largest(acquired[ours], "more segments")
        title = "Customers acquired, in the period they arrive"
        charts.append(Chart(title, stacked_bars(periods, series, "customers", view.period)))
    if (wide[~ours] > 0.0).any(axis=None):
        series = largest(wide[~ours], "more segments")
        charts.append(Chart("Customers of others and of the market", lines(periods, series, "customers", view.period)))
    blocks.charts(charts)
    lead = f"At the start of each {view.period}; {view.when(periods[-1])} is the end of the plan."
    return blocks.section("customers", "Customers over time", lead)
