"""Prices: what one more unit of a limit is worth, from the duals at the plan's integers."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from allocator.domain.result import Prices
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Key, Limit, own_key
from allocator.solving.answers import LpAnswer
from allocator.solving.master import Master
from allocator.solving.values import Values

_Rows = list[tuple[object, ...]]

_RULE_COLUMNS = ["rule", "period", "segment", "sense", "price"]


def local_prices(ledger: Ledger, master: Master, answer: LpAnswer) -> Prices:
    """Prices of all limits at a solution with its integers held.

    A price is the gain in the objective per unit more of the limit as the planner states it: for a share,
    per 1 (that is per 100 percentage points) of the share, so its dual times the quantity it is a share of.
    """
    values = Values(ledger, master, answer.value)
    total: dict[tuple[str, Key], float] = defaultdict(float)
    for place, limit in ledger.limits.items():
        # Where a limit has a row in every shock scenario, moving it moves them all.
        total[place[0], own_key(place[1])] += price_of(master, place, limit, values, answer)
    limits = {(family, own_key(key)): limit for (family, key), limit in ledger.limits.items()}
    resources: _Rows = []
    budgets: _Rows = []
    rules: _Rows = []
    for place, limit in limits.items():
        if place[0] == "capacity":
            resources.append((limit.name, limit.period, total[place]))
        elif place[0] == "budget":
            budgets.append((limit.name, limit.period, limit.sense, total[place]))
        elif limit.path[0] == "scenario":
            rules.append((limit.label, limit.period, limit.segment, limit.sense, total[place]))
    return _tables(resources, budgets, rules, local=len(master.integer_columns) > 0)


def no_prices() -> Prices:
    """The prices of a plan that was not solved for."""
    return _tables([], [], [], local=False)


def _tables(resources: _Rows, budgets: _Rows, rules: _Rows, *, local: bool) -> Prices:
    return Prices(
        resources=pd.DataFrame(resources, columns=["resource", "period", "price"]),
        budgets=pd.DataFrame(budgets, columns=["name", "period", "sense", "price"]),
        rules=pd.DataFrame(rules, columns=_RULE_COLUMNS),
        local=local,
    )


def price_of(master: Master, place: tuple[str, Key], limit: Limit, values: Values, answer: LpAnswer) -> float:
    """Gain in the objective, in money, per natural unit more of a limit; 0 where it is no row."""
    row = master.program.rows.get(place)
    if row is None:
        return 0.0
    dual = float(answer.dual[row] * master.program.row_factor[row] * master.program.money)
    return dual if limit.basis is None else dual * values.of(limit.basis)
