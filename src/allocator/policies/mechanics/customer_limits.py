"""Rules on how many customers there are: `customers` and `receivables`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from allocator.domain.rules import BaseRule, Customers, Receivables
from allocator.evaluation.arrays import Bools, Floats
from allocator.policies.mechanics.setting import Setting


@dataclass(frozen=True, slots=True)
class CustomerLimit:
    """A weighted sum of customers stays at or below ``amount`` (sign 1), or at or above it (sign -1)."""

    weights: Floats
    """[S]"""
    period: int
    """Counted from 0; T is the end of the horizon."""
    amount: float
    sign: float


def customer_limits(setting: Setting) -> Iterator[CustomerLimit]:
    """Every limit on numbers of customers in the scenario's rules."""
    for rule in setting.scenario.rules:
        if isinstance(rule, Customers):
            yield from _customers(setting, rule)
        elif isinstance(rule, Receivables) and rule.max is not None:
            owed = _owed(setting)
            for chosen, period in _subjects(setting, rule, setting.horizon):
                yield CustomerLimit(owed * chosen, period, rule.max, 1.0)


def _customers(setting: Setting, rule: Customers) -> Iterator[CustomerLimit]:
    for chosen, period in _subjects(setting, rule, setting.horizon + 1):
        if rule.min is not None:
            yield CustomerLimit(chosen.astype(np.float64), period, rule.min, -1.0)
        if rule.max is not None:
            yield CustomerLimit(chosen.astype(np.float64), period, rule.max, 1.0)


def _owed(setting: Setting) -> Floats:
    """[S] money that a customer of ours owes on average: revenue x collection days / days in a period."""
    days = setting.scenario.calendar.days
    rows = setting.instance.model.segments
    return np.array([(s.revenue or 0.0) * (s.collection_days or 0.0) / days if s.ours else 0.0 for s in rows])


def _subjects(setting: Setting, rule: BaseRule, last: int) -> Iterator[tuple[Bools, int]]:
    """Segments, together or each alone, and period (from 0) that a rule holds in, up to period ``last``."""
    selected = setting.instance.selected(rule.where)
    groups = [selected] if rule.each is None else [row for row in np.diag(selected) if row.any()]
    for period in rule.periods or range(1, setting.horizon + 1):
        if period <= last:
            yield from ((group, period - 1) for group in groups)
