"""Rules, one a file; adding one means its file and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from allocator.domain import rules as kinds
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules import (
    active,
    change,
    concentration,
    coverage,
    customer_value,
    customers,
    effort,
    equity,
    equity_share,
    headcount,
    receivables,
    spend,
    uniform,
)
from allocator.evaluation.rules.view import View

READERS: dict[type[kinds.BaseRule], Callable[[Any, View], Iterator[Reading]]] = {
    kinds.Active: active.read,
    kinds.Change: change.read,
    kinds.Concentration: concentration.read,
    kinds.Coverage: coverage.read,
    kinds.CustomerValue: customer_value.read,
    kinds.Customers: customers.read,
    kinds.Effort: effort.read,
    kinds.Equity: equity.read,
    kinds.EquityShare: equity_share.read,
    kinds.Headcount: headcount.read,
    kinds.Receivables: receivables.read,
    kinds.SpendRule: spend.read,
    kinds.Uniform: uniform.read,
}


def readings(view: View) -> Iterator[Reading]:
    """Every rule of the scenario beside what the plan does."""
    for rule in view.instance.scenario.rules:
        yield from READERS[type(rule)](rule, view)
