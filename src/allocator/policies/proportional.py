"""Shares of effort and money in proportion to a number: equal, customers, revenue, margin, lifetime value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Floats
from allocator.policies.base import NotApplicable
from allocator.policies.mechanics import Period, Setting, best_plan

PerCustomer = Callable[[Setting, int], Floats]
"""What one customer of each segment counts in a period (from 0), [S]."""


def _one(setting: Setting, t: int) -> Floats:
    return np.ones(setting.segments)


def _revenue(setting: Setting, t: int) -> Floats:
    segments = setting.instance.model.segments
    if all(segment.revenue is None for segment in segments if segment.ours):
        raise NotApplicable("no segment of ours has a revenue")
    return np.array([segment.revenue or 0.0 if segment.ours else 0.0 for segment in segments])


def _margin(setting: Setting, t: int) -> Floats:
    return np.where(setting.instance.ours, np.maximum(setting.instance.response.untreated_margin, 0.0), 0.0)


def _lifetime_value(setting: Setting, t: int) -> Floats:
    return np.maximum(setting.value[:, t], 0.0)


@dataclass(frozen=True, slots=True)
class PerCustomerRule:
    """Effort per customer in proportion to what a customer counts, so that a segment's total effort goes by
    customers times that. A channel counts as the new customers it could bring."""

    counts: PerCustomer

    def allot(self, period: Period) -> None:
        """Raise all items in step until hours or money run out."""
        setting = period.setting
        per_customer = self.counts(setting, period.t)
        per_channel = setting.potential * (setting.instance.channels.into @ per_customer)
        period.fill(setting.item_amounts(_scaled(per_customer), _scaled(per_channel)))


@dataclass(frozen=True, slots=True)
class EqualSplit:
    """Every segment gets the same total effort of a lever, every channel the same share of its range."""

    def allot(self, period: Period) -> None:
        """Raise all items in step until hours or money run out."""
        present = period.customers > 0.0
        per_customer = np.divide(1.0, period.customers, out=np.zeros(len(present)), where=present)
        period.fill(period.setting.item_amounts(_scaled(per_customer), np.ones(period.setting.channels)))


def _scaled(numbers: Floats) -> Floats:
    """Numbers divided by the largest, so that levers and channels start on equal terms."""
    largest = float(numbers.max(initial=0.0))
    return numbers / largest if largest > 0.0 else np.zeros_like(numbers)


@dataclass(frozen=True, slots=True)
class Proportional:
    """Effort and money to segments in proportion to their customers, revenue, margin or lifetime value."""

    name: str
    title: str
    counts: PerCustomer

    def plan(self, scenario: Scenario) -> Plan:
        """Plan in proportion; NotApplicable where no segment has the number."""
        return best_plan(scenario, lambda _: PerCustomerRule(self.counts))


@dataclass(frozen=True, slots=True)
class Uniform:
    """An equal split: every segment gets as much of a lever as every other, however large it is."""

    name: str = "uniform"
    title: str = "The same for every segment"

    def plan(self, scenario: Scenario) -> Plan:
        """Plan that splits everything equally over segments and channels."""
        return best_plan(scenario, lambda _: EqualSplit())


def by_customers() -> Proportional:
    """In proportion to customers: the same effort for every customer."""
    return Proportional("by_customers", "In proportion to customers", _one)


def by_revenue() -> Proportional:
    """In proportion to today's revenue."""
    return Proportional("by_revenue", "In proportion to revenue", _revenue)


def by_margin() -> Proportional:
    """In proportion to today's margin."""
    return Proportional("by_margin", "In proportion to margin", _margin)


def by_lifetime_value() -> Proportional:
    """In proportion to customer lifetime value with no lever applied."""
    return Proportional("by_clv", "In proportion to CLV", _lifetime_value)
