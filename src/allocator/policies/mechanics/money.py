"""Limits on money: budgets and `spend` rules, and which cash counts towards each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from allocator.domain.resources import Labour
from allocator.domain.rules import SpendRule
from allocator.domain.scenario import Budget
from allocator.domain.selection import Where, matches, where_within
from allocator.evaluation.arrays import Bools
from allocator.evaluation.instance import Instance


@dataclass(frozen=True, slots=True)
class MoneyLimit:
    """At most ``amount`` and at least ``least`` money, in the periods together or in each of them, on the
    cash that counts."""

    amount: float
    """Infinite where there is only a floor."""
    least: float
    periods: tuple[int, ...]
    """Counted from 0."""
    per_period: bool
    levers: Bools
    """[L,S] whether a lever's cost and set-up in a segment count."""
    channels: Bools
    """[C]"""
    resources: Bools
    """[R] wages, hiring, release, overtime, partner and cost per unit."""
    programmes: Bools
    """[G]"""


def money_limits(instance: Instance) -> tuple[MoneyLimit, ...]:
    """Limits on money of the scenario, budgets first."""
    limits = [_budget(instance, budget) for budget in instance.scenario.budgets]
    for rule in instance.scenario.rules:
        if isinstance(rule, SpendRule) and (rule.max is not None or rule.min is not None):
            limits.extend(_spend(instance, rule))
    return tuple(limits)


def _periods(instance: Instance, periods: tuple[int, ...] | None) -> tuple[int, ...]:
    chosen = range(1, instance.horizon + 1) if periods is None else periods
    return tuple(period - 1 for period in chosen if period <= instance.horizon)


def _budget(instance: Instance, budget: Budget) -> MoneyLimit:
    model = instance.model
    named = any(names is not None for names in (budget.levers, budget.channels, budget.resources, budget.programmes))

    def counts(name: str, function: str, names: tuple[str, ...] | None) -> bool:
        if budget.function is not None and function not in budget.function:
            return False
        return not named or (names is not None and name in names)

    tagged = instance.selected(budget.where)
    levers = [counts(name, lever.function, budget.levers) for name, lever in model.levers.items()]
    channels = [
        counts(name, channel.function, budget.channels) and where_within(budget.where, channel.where)
        for name, channel in model.channels.items()
    ]
    resources = [
        counts(name, resource.function, budget.resources) and _located(budget.where, resource.unit)
        for name, resource in model.resources.items()
    ]
    programmes = [
        counts(name, programme.function, budget.programmes) and not budget.where
        for name, programme in model.programmes.items()
    ]
    return MoneyLimit(
        amount=math.inf if budget.amount is None else budget.amount,
        least=budget.at_least or 0.0,
        periods=_periods(instance, budget.periods),
        per_period=budget.per == "period",
        levers=np.array(levers, dtype=bool)[:, None] & tagged[None, :],
        channels=np.array(channels, dtype=bool),
        resources=np.array(resources, dtype=bool),
        programmes=np.array(programmes, dtype=bool),
    )


def _located(where: Where, unit: str) -> bool:
    return not where or (set(where) == {"unit"} and matches(where, {"unit": unit}))


def _spend(instance: Instance, rule: SpendRule) -> Iterator[MoneyLimit]:
    """A `spend` rule: cash on the selected segments; without `where`, all cash."""
    model = instance.model
    everything = not rule.where and rule.each is None
    selected = instance.selected(rule.where)
    groups = (
        [selected] if rule.each is None else [np.eye(len(selected), dtype=bool)[s] for s in np.flatnonzero(selected)]
    )
    inside = [rule.each is None and where_within(rule.where, channel.where) for channel in model.channels.values()]
    for group in groups:
        yield MoneyLimit(
            amount=math.inf if rule.max is None else rule.max,
            least=rule.min or 0.0,
            periods=_periods(instance, rule.periods),
            per_period=True,
            levers=np.repeat(group[None, :], len(model.levers), axis=0),
            channels=np.array(inside, dtype=bool),
            resources=np.full(len(model.resources), everything),
            programmes=np.full(len(model.programmes), everything),
        )


def labour(instance: Instance) -> dict[int, Labour]:
    """Labour resources by position."""
    resources = enumerate(instance.model.resources.values())
    return {position: resource for position, resource in resources if isinstance(resource, Labour)}
