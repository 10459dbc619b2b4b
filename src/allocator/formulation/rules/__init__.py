"""The registry of rules: adding one means its file, a line here and its type in ``allocator.domain.rules``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allocator.domain import rules as kinds
from allocator.formulation.ledger import Ledger
from allocator.formulation.rules import (
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
from allocator.formulation.rules.subject import Posted

WRITERS: dict[type[kinds.BaseRule], Callable[[Posted, Any], None]] = {
    kinds.Active: active.write,
    kinds.Change: change.write,
    kinds.Concentration: concentration.write,
    kinds.Coverage: coverage.write,
    kinds.CustomerValue: customer_value.write,
    kinds.Customers: customers.write,
    kinds.Effort: effort.write,
    kinds.Equity: equity.write,
    kinds.EquityShare: equity_share.write,
    kinds.Headcount: headcount.write,
    kinds.Receivables: receivables.write,
    kinds.SpendRule: spend.write,
    kinds.Uniform: uniform.write,
}


def constrain(ledger: Ledger) -> None:
    """Write every rule of the scenario."""
    for number, rule in enumerate(ledger.instance.scenario.rules):
        WRITERS[type(rule)](Posted(ledger, number, rule), rule)
