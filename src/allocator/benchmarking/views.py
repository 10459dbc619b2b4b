"""Planned by product against planned by customer: two plans for one scenario, seen both ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from allocator.benchmarking.entries import Entry, named, reference
from allocator.benchmarking.records import Scorecard

BY_PRODUCT = "product_centric"
"""The policy that plans by today's sales."""
OLD_VIEW = ("sales", "product_margin", "market_share")
"""Measures of the scorecard that look at products; the others look at customers."""
_VIEWS = ["scenario", "view", "measure", "by_product", "by_customer", "difference", "change"]
_PLACEMENTS = ["scenario", "name", "by_product", "by_customer", "difference"]


def views(groups: Sequence[Sequence[Entry]]) -> pd.DataFrame:
    """Both scorecards of both plans; see :class:`allocator.benchmarking.Benchmark`."""
    return pd.DataFrame([row for old, new in _pairs(groups) for row in _measures(old, new)], columns=_VIEWS)


def placements(groups: Sequence[Sequence[Entry]]) -> pd.DataFrame:
    """Where both plans put money and people's time, the largest difference first; likewise."""
    rows = [row for old, new in _pairs(groups) for row in _places(old, new)]
    return pd.DataFrame(rows, columns=_PLACEMENTS)


def _pairs(groups: Sequence[Sequence[Entry]]) -> Iterator[tuple[Entry, Entry]]:
    """Plans by product and by customer of each scenario that has both."""
    for group in groups:
        old, new = named(group, BY_PRODUCT), reference(group)
        if old is not None and new is not None and old is not new:
            yield old, new


def _measures(old: Entry, new: Entry) -> Iterator[dict[str, Any]]:
    for measure in Scorecard.model_fields:
        before, after = getattr(old.planned.scorecard, measure, None), getattr(new.planned.scorecard, measure, None)
        if before is not None and after is not None:
            view = "product" if measure in OLD_VIEW else "customer"
            yield {"scenario": old.scenario.name, "view": view, "measure": measure, **_change(before, after)}


def _places(old: Entry, new: Entry) -> list[dict[str, Any]]:
    before, after = dict(old.planned.placed), dict(new.planned.placed)
    rows = [
        {"scenario": old.scenario.name, "name": name, **_change(before[name], after[name])}
        for name in before
        if before[name] > 0.0 or after[name] > 0.0
    ]
    return sorted(rows, key=lambda row: -abs(row["difference"]))


def _change(before: float, after: float) -> dict[str, float]:
    change = after / before - 1.0 if before > 0.0 else float("nan")
    return {"by_product": before, "by_customer": after, "difference": after - before, "change": change}


def moved_share(placed: pd.DataFrame) -> float:
    """Share of one scenario's money and time that the plan by customer puts elsewhere than the plan by product."""
    old, new = float(placed["by_product"].sum()), float(placed["by_customer"].sum())
    if old <= 0.0 or new <= 0.0:
        return float("nan")
    return float((placed["by_product"] / old - placed["by_customer"] / new).abs().sum() / 2.0)
