"""What every section of the page reads: the result, its tables and how to name things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from allocator.reporting import numbers
from allocator.reporting.figures import MOST_SERIES

if TYPE_CHECKING:
    from allocator.domain.result import Result
    from allocator.domain.scenario import Scenario


@dataclass(frozen=True)
class View:
    """The result as the page reads it; ``tables`` are those written to files, ``facts`` is summary.json."""

    result: Result
    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]

    @property
    def scenario(self) -> Scenario:
        """The question that was asked."""
        return self.result.scenario

    @property
    def currency(self) -> str:
        """The currency, or the word `money` where the model states none."""
        return self.scenario.model.currency or "money"

    @property
    def period(self) -> str:
        """`month`, `quarter` or `year`."""
        return self.scenario.model.period

    @property
    def periods(self) -> list[int]:
        """Periods 1..T."""
        return list(range(1, self.scenario.horizon + 1))

    @cached_property
    def own(self) -> list[str]:
        """Our segments, in the model's order."""
        return [segment.name for segment in self.scenario.model.segments if segment.ours]

    def money(self, value: float, digits: int = 4) -> str:
        """Money for a sentence."""
        return numbers.money(value, self.scenario.model.currency, digits)

    def when(self, period: int) -> str:
        """A period by its name: `quarter 3`."""
        return f"{self.period} {period}"

    def by_period(self, table: pd.DataFrame, key: str, value: str) -> pd.DataFrame:
        """Sum ``value`` by ``key`` (index, in order of appearance) and period 1..T (columns), 0 where no row."""
        return by_period(table, key, value, self.periods)


def by_period(table: pd.DataFrame, key: str, value: str, periods: Sequence[int]) -> pd.DataFrame:
    """Sum ``value`` by ``key`` (index, in order of appearance) and period (columns), 0 where no row."""
    table = table[table["period"].isin(periods) & table[key].notna()]
    rows, names = pd.factorize(table[key])
    columns = pd.Index(periods, name="period")
    wide = np.zeros((len(names), len(columns)))
    amounts = pd.to_numeric(table[value]).to_numpy(dtype=float, na_value=0.0)
    np.add.at(wide, (rows, columns.get_indexer(pd.Index(table["period"].astype(int)))), np.nan_to_num(amounts))
    return pd.DataFrame(wide, index=pd.Index(names, name=key), columns=columns)


def largest(wide: pd.DataFrame, others: str) -> dict[str, list[float]]:
    """Rows of ``wide`` as series, the largest by sum first, the many small ones added up as ``others``."""
    ordered = wide.loc[wide.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    ordered = ordered[(ordered != 0.0).any(axis=1)]
    kept = ordered if len(ordered) <= MOST_SERIES else ordered.head(MOST_SERIES - 1)
    series = {str(name): values.tolist() for name, values in zip(kept.index, kept.to_numpy(), strict=True)}
    if len(kept) < len(ordered):
        rest = ordered.iloc[len(kept) :]
        series[f"{len(rest)} {others}"] = rest.sum().tolist()
    return series
