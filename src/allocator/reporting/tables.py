"""The tables of a results folder: the columns of the file format first, in its order, prices joined on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from allocator.domain.errors import InternalError

if TYPE_CHECKING:
    from allocator.domain.evaluation import Evaluation
    from allocator.domain.result import Result

COLUMNS: dict[str, tuple[str, ...]] = {
    "treatments": ("segment", "period", "treatment", "customers"),
    "allocation": (
        "segment",
        "period",
        "lever",
        "effort_total",
        "effort_per_customer",
        "share_treated",
        "hours",
        "cost",
    ),
    "customers": ("segment", "period", "customers", "acquired"),
    "resources": (
        "resource",
        "period",
        "headcount",
        "hires",
        "releases",
        "hours_available",
        "hours_used",
        "overtime",
        "partner",
        "cost",
        "price",
    ),
    "channels": ("channel", "period", "spend", "stock", "new_customers"),
    "programmes": ("programme", "start"),
    "budgets": ("name", "period", "amount", "used", "price"),
    "rules": ("rule", "period", "limit", "value", "binding", "price"),
    "equity": ("segment", "customers_now", "clv", "equity", "share"),
    "risk": ("scenario", "probability", "equity"),
    "cash": ("period", "kind", "name", "function", "segment", "amount"),
    "margin": ("segment", "period", "owner", "margin"),
}
"""Columns of each file, in order; whatever else a table carries follows them."""

EFFORT = "effort:"
"""Prefix of the columns of treatments.csv that hold the effort of a lever."""

_WHOLE = ("period", "start", "headcount", "hires", "releases")


def output_tables(result: Result) -> dict[str, pd.DataFrame]:
    """Every table of the run by file name: those of the file format, cash and margin, and the further ones.

    Raises
    ------
    InternalError
        If a table lacks a column, or a further table has the name of a table of the format.
    """
    given = result.evaluation.tables
    tables = {name: getattr(given, name) for name in COLUMNS}
    prices = result.prices
    tables["resources"] = _with_price(tables["resources"], prices.resources, ["resource", "period"])
    tables["budgets"] = _with_price(tables["budgets"], prices.budgets, ["name", "period"])
    tables["rules"] = _with_price(tables["rules"], prices.rules, ["rule", "period", "segment", "sense"])
    levers = [EFFORT + lever for lever in result.scenario.model.levers]
    ordered = {
        name: _in_order(name, table, (*COLUMNS[name], *levers, "programmes") if name == "treatments" else COLUMNS[name])
        for name, table in tables.items()
    }
    for name, table in result.further.items():
        if name in ordered or not name.replace("_", "").replace("-", "").isalnum():
            raise InternalError(f"a further table cannot be called `{name}`")
        ordered[name] = _whole_numbers(table)
    return ordered


def evaluation_tables(evaluation: Evaluation) -> dict[str, pd.DataFrame]:
    """The tables of a plan that was evaluated, by file name, without the prices that only a solver knows."""
    found = {}
    for name, columns in COLUMNS.items():
        own = tuple(column for column in columns if column != "price")
        found[name] = _in_order(name, getattr(evaluation.tables, name), own)
    return found


def _with_price(table: pd.DataFrame, prices: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Join ``prices`` on ``keys``; a row without a price stays without one.

    Two limits may share a name, so rows alike in ``keys`` are matched in their order.
    """
    if table.empty or prices.empty:
        return table.assign(price=pd.Series(float("nan"), index=table.index, dtype=float))
    left, right = _keyed(table, keys), _keyed(prices, keys)
    price = pd.Series(prices["price"].to_numpy(dtype=float), index=pd.MultiIndex.from_frame(right))
    return table.assign(price=price.reindex(pd.MultiIndex.from_frame(left)).to_numpy())


def _keyed(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The ``keys`` as comparable texts, a missing one as the empty text, and which of its like a row is."""
    frame = _whole_numbers(table[keys]).astype(object)
    frame = frame.where(frame.notna(), "").astype(str)
    return frame.assign(turn=frame.groupby(keys, sort=False).cumcount().to_numpy())


def _in_order(name: str, table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    if table.empty:
        return pd.DataFrame(columns=[*columns, *(column for column in table.columns if column not in columns)])
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise InternalError(f"table `{name}` lacks {', '.join(missing)}")
    further = [column for column in table.columns if column not in columns]
    return _whole_numbers(table[[*columns, *further]])


def _whole_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Periods and heads as whole numbers (they may be missing), where all of a column's are whole."""
    whole = {}
    for column in _WHOLE:
        if column in table.columns:
            values = pd.to_numeric(table[column], errors="coerce")
            if (values.dropna() % 1 == 0).all():
                whole[column] = values.astype("Int64")
    return table.assign(**whole)
