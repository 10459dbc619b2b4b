"""Prices: what one more unit of a limit is worth, from the duals at the plan's integers."""

from __future__ import annotations

import pandas as pd

from allocator.domain.result import Prices
from allocator.formulation.instance import Floats
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Key
from allocator.solving.master import Master

_RULE_COLUMNS = ["rule", "period", "segment", "sense", "price"]


def local_prices(ledger: Ledger, master: Master, dual: Floats) -> Prices:
    """Prices of all limits at the duals of a solution with its integers held."""
    resources: list[tuple[object, ...]] = []
    budgets: list[tuple[object, ...]] = []
    rules: list[tuple[object, ...]] = []
    for (family, key), limit in ledger.limits.items():
        price = price_of(master, family, key, dual)
        if family == "capacity":
            resources.append((limit.name, limit.period, price))
        elif family == "budget":
            budgets.append((limit.name, limit.period, limit.sense, price))
        elif limit.path[0] == "scenario":
            rules.append((limit.name, limit.period, limit.segment, limit.sense, price))
    return Prices(
        resources=pd.DataFrame(resources, columns=["resource", "period", "price"]),
        budgets=pd.DataFrame(budgets, columns=["name", "period", "sense", "price"]),
        rules=pd.DataFrame(rules, columns=_RULE_COLUMNS),
        local=len(master.integer_columns) > 0,
    )


def price_of(master: Master, family: str, key: Key, dual: Floats) -> float:
    """Gain in the objective, in money, per natural unit more on the right side of a row; 0 where it is no row."""
    row = master.program.rows.get((family, key))
    if row is None:
        return 0.0
    return float(dual[row] * master.program.row_factor[row] * master.program.money)


