"""Limits that bind, and what one more unit of each is worth."""

from __future__ import annotations

import pandas as pd

from allocator.domain.resources import Labour
from allocator.reporting.view import View

_COLUMNS = ["what", "name", "period", "segment", "limit", "unit", "price", "one_percent"]
_NUMERIC = ("price", "amount", "at_least", "hours_available", "limit")
_WHAT = {"min": "rule (at least)", "max": "rule (at most)"}
_NEGLIGIBLE = 1e-9


def priced_limits(view: View) -> pd.DataFrame:
    """Every budget, resource and rule with a price, the most valuable percent of a limit first.

    Columns: what, name, period (missing: whole horizon), segment, limit, unit, price (money today per
    unit more of the limit; negative where raising it costs equity), one_percent (money today for one
    percent more of the limit, the measure that makes hours, money and customers comparable).
    """
    found = pd.concat([_budgets(view), _resources(view), _rules(view)], ignore_index=True)
    if found.empty:
        return pd.DataFrame(columns=_COLUMNS)
    found["one_percent"] = found["price"] * found["limit"].abs() / 100
    least = _NEGLIGIBLE * abs(view.result.customer_equity)
    kept = found[found["price"].abs() * found["limit"].abs().clip(lower=1.0) > least]
    return kept.sort_values("one_percent", key=abs, ascending=False, kind="stable", ignore_index=True)


def _budgets(view: View) -> pd.DataFrame:
    rows = _priced(view.tables["budgets"])
    ceiling, floor = rows["amount"], rows["at_least"] if "at_least" in rows else rows["amount"]
    limit = ceiling.where(rows["price"] >= 0.0, floor.fillna(ceiling)).fillna(floor)
    return rows.assign(what="budget", segment="", limit=limit, unit=view.currency)[_COLUMNS[:-1]]


def _resources(view: View) -> pd.DataFrame:
    rows = _priced(view.tables["resources"]).rename(columns={"resource": "name", "hours_available": "limit"})
    labour = {name for name, resource in view.scenario.model.resources.items() if isinstance(resource, Labour)}
    unit = rows["name"].isin(labour).map({True: "hour", False: "unit"})
    return rows.assign(what="resource", segment="", unit=unit)[_COLUMNS[:-1]]


def _rules(view: View) -> pd.DataFrame:
    rows = _priced(view.tables["rules"]).rename(columns={"rule": "name"})
    what = rows["sense"].map(_WHAT) if "sense" in rows else "rule"
    segment = rows["segment"].fillna("") if "segment" in rows else ""
    return rows.assign(what=what, segment=segment, unit="")[_COLUMNS[:-1]]


def _priced(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a price, numbers as such."""
    numeric = {name: pd.to_numeric(table[name]) for name in _NUMERIC if name in table}
    return table.assign(**numeric)[numeric["price"].notna()]
