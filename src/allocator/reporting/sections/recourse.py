"""Recourse: what is decided now, what adapts, and what deciding well or knowing more is worth."""

from __future__ import annotations

import pandas as pd

from allocator.domain.result import Figure, RecourseValue
from allocator.reporting.blocks import Blocks, Column, Prose, Section, Table
from allocator.reporting.view import View

_ROWS = {
    "mean_value": "had one planned for the mean of the shocks",
    "stochastic_solution": "value of the stochastic solution: planning for all of them is worth",
    "wait_and_see": "if the shock scenario were known beforehand",
    "perfect_information": "value of perfect information: knowing it is worth",
}


def section(view: View) -> Section | None:
    """How to read the plan, and the two values with what they are proven to lie between."""
    value = view.result.recourse
    if value is None:
        return None
    blocks = Blocks()
    blocks.add(Prose(tuple(_sentences(view, value))))
    figures: dict[str, Figure | None] = {name: getattr(value, name) for name in _ROWS}
    known = [(words, figures[name]) for name, words in _ROWS.items()]
    rows = [(words, figure.value, figure.low, figure.high) for words, figure in known if figure is not None]
    unit = f"objective ({view.currency})"
    columns = [Column("what", "", "text"), Column("value", unit), Column("low", "at least"), Column("high", "at most")]
    if rows:
        blocks.add(Table.of(pd.DataFrame(rows, columns=["what", "value", "low", "high"]), columns))
    return blocks.section("recourse", "Recourse")


def _sentences(view: View, value: RecourseValue) -> list[str]:
    found = [
        f"Heads, programmes and channel spend are decided now; treatments adapt in each of {value.scenarios:,} shock "
        "scenarios (treatments_scenarios.csv), with overtime and partner hours as these need them.",
        "Customers, efforts, hours and money of this page are means over the shock scenarios. Budgets and rules hold "
        "in every one of them and are shown where they are tightest; rules on customer equity hold in the mean.",
        f"Solved as {value.method}." if value.method == "decomposition" else "Solved as one program.",
    ]
    if value.stochastic_solution is not None:
        words = _between(view, value.stochastic_solution)
        found.append(f"Planning for all shock scenarios rather than for their mean is worth {words}.")
    if value.perfect_information is not None:
        words = _between(view, value.perfect_information)
        found.append(f"Knowing the shock scenario before deciding would be worth {words}.")
    return [*found, *(f"Not worked out - {note}." for note in value.notes)]


def _between(view: View, figure: Figure) -> str:
    """A figure as far as it is proven: its two ends, where these are not one."""
    low, high = view.money(figure.low), view.money(figure.high)
    return low if low == high else f"between {low} and {high}"
