"""Tables of a plan that adapts: means over the shock scenarios, and the treatments of each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocator.domain.evaluation import Tables
from allocator.evaluation.arrays import Floats

_AMOUNTS: Mapping[str, tuple[str, ...]] = {
    "allocation": ("effort_total", "effort_per_customer", "share_treated", "hours", "cost"),
    "customers": ("customers", "acquired"),
    "resources": (
        "headcount",
        "hires",
        "releases",
        "hours_available",
        "hours_used",
        "overtime",
        "partner",
        "cost",
    ),
    "channels": ("spend", "stock", "new_customers"),
    "equity": ("clv", "equity"),
    "margin": ("margin",),
}
"""Tables with the same rows in every shock scenario, and their columns that are averaged."""
_PER_CUSTOMER = ["effort_per_customer", "share_treated"]


class MeanTables:
    """Adds up the tables of shock scenarios, each by its probability."""

    def __init__(self) -> None:
        self._sums: dict[str, pd.DataFrame] = {}
        self._treatments: list[tuple[str, float, pd.DataFrame]] = []
        self._cash: list[pd.DataFrame] = []
        self._programmes = pd.DataFrame()

    def add(self, found: Tables, scenario: str, probability: float) -> None:
        """Take in the tables of one shock scenario."""
        self._programmes = found.programmes
        self._treatments.append((scenario, probability, found.treatments))
        self._cash.append(found.cash.assign(amount=probability * found.cash["amount"]))
        for name, amounts in _AMOUNTS.items():
            table: pd.DataFrame = getattr(found, name)
            if name == "allocation":
                table = _times_customers(table, found.customers)
            columns = list(amounts)
            weighted = probability * table[columns]
            if name in self._sums:
                self._sums[name][columns] += weighted
            else:
                self._sums[name] = table.assign(**{column: weighted[column] for column in columns})

    def tables(self, *, budgets: pd.DataFrame, rules: pd.DataFrame, risk: pd.DataFrame) -> Tables:
        """All tables; those of limits and of risk are given."""
        means = dict(self._sums)
        allocation = means["allocation"]
        present = _customers_of(allocation, means["customers"])
        for column in _PER_CUSTOMER:
            amount = allocation[column].to_numpy(dtype=float)
            allocation[column] = np.divide(amount, present, out=np.zeros_like(amount), where=present > 0.0)
        equity = means["equity"]
        total = float(equity["equity"].sum())
        equity["share"] = equity["equity"] / total if total else 0.0
        return Tables(
            treatments=self._mean_treatments(),
            programmes=self._programmes,
            budgets=budgets,
            rules=rules,
            risk=risk,
            cash=_summed(pd.concat(self._cash, ignore_index=True), "amount"),
            **means,
        )

    def adapted(self) -> pd.DataFrame:
        """Treatments by shock scenario: `scenario`, then the columns of the table `treatments`."""
        parts = [table.assign(scenario=scenario) for scenario, _, table in self._treatments]
        whole = pd.concat(parts, ignore_index=True)
        return whole[["scenario", *(column for column in whole.columns if column != "scenario")]]

    def _mean_treatments(self) -> pd.DataFrame:
        """Customers who get each treatment, in the mean."""
        parts = [table.assign(customers=chance * table["customers"]) for _, chance, table in self._treatments]
        order = {segment: number for number, segment in enumerate(self._sums["equity"]["segment"])}
        whole = _summed(pd.concat(parts, ignore_index=True), "customers")
        keys = whole["segment"].map(order)
        chosen = np.lexsort((whole["period"].to_numpy(), keys.to_numpy()))
        return whole.iloc[chosen][list(parts[0].columns)].reset_index(drop=True)


def _summed(table: pd.DataFrame, amount: str) -> pd.DataFrame:
    """Rows alike but for their amount as one, in the order in which they first come."""
    keys = [column for column in table.columns if column != amount]
    found = table.groupby(keys, sort=False, dropna=False)[amount].sum().reset_index()
    return found[list(table.columns)]


def _customers_of(allocation: pd.DataFrame, customers: pd.DataFrame) -> Floats:
    """Customers of the segment and period of each row."""
    known = customers.set_index(["segment", "period"])["customers"]
    places = pd.MultiIndex.from_frame(allocation[["segment", "period"]])
    return known.reindex(places).to_numpy(dtype=float)


def _times_customers(allocation: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """What is per customer, over all customers."""
    present = _customers_of(allocation, customers)
    return allocation.assign(**{column: allocation[column] * present for column in _PER_CUSTOMER})
