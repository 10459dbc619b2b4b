"""Prices: what one more unit of a limit is worth, from the duals at the plan's integers."""

from __future__ import annotations

import pandas as pd

from allocator.domain.result import Prices
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Key, Limit
from allocator.solving.highs import LpAnswer
from allocator.solving.master import Master
from allocator.solving.values import Values

_RULE_COLUMNS = ["rule", "period", "segment", "sense", "price"]


def local_prices(ledger: Ledger, master: Master, answer: LpAnswer) -> Prices:
    """Prices of all limits at a solution with its integers held.

    A price is the gain in the objective per unit more of the limit as the planner states it: for a share,
    per 1 (that is per 100 percentage points) of the share, so its dual times the quantity it is a share of.
    """
    resources: list[tuple[object, ...]] = []
    budgets: list[tuple[object, ...]] = []
    rules: list[tuple[object, ...]] = []
    values = Values(ledger, master, answer.value)
    for (family, key), limit in ledger.limits.items():
        price = price_of(master, (family, key), limit, values, answer)
        if family == "capacity":
            resources.append((limit.name, limit.period, price))
        elif family == "budget":
            budgets.append((limit.name, limit.period, limit.sense, price))
        elif limit.path[0] == "scenario":
            rules.append((limit.label, limit.period, limit.segment, limit.sense, price))
    alike = bool(ledger.instance.branches)
    return Prices(
        resources=_table(resources, ["resource", "period", "price"], alike),
        budgets=_table(budgets, ["name", "period", "sense", "price"], alike),
        rules=_table(rules, _RULE_COLUMNS, alike),
        local=len(master.integer_columns) > 0,
    )


def _table(rows: list[tuple[object, ...]], columns: list[str], alike: bool) -> pd.DataFrame:
    """A table of prices; where a limit has a row in every shock scenario, moving it moves them all (``alike``)."""
    table = pd.DataFrame(rows, columns=columns)
    if not alike:
        return table
    total = table.groupby(columns[:-1], sort=False, dropna=False)["price"].sum().reset_index()
    return total[columns]


def price_of(master: Master, place: tuple[str, Key], limit: Limit, values: Values, answer: LpAnswer) -> float:
    """Gain in the objective, in money, per natural unit more of a limit; 0 where it is no row."""
    row = master.program.rows.get(place)
    if row is None:
        return 0.0
    dual = float(answer.dual[row] * master.program.row_factor[row] * master.program.money)
    return dual if limit.basis is None else dual * values.of(limit.basis)
