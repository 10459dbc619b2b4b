"""Period by period: allot, see where the customers go, allot again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from allocator.domain.plan import ChannelSpend, Heads, Plan, ProgrammeStart, Treatment
from allocator.evaluation.arrays import Bools, Floats
from allocator.policies.mechanics.commitments import Commitments, Ground
from allocator.policies.mechanics.customer_limits import CustomerLimit, customer_limits
from allocator.policies.mechanics.mixing import DUST, mix, portions
from allocator.policies.mechanics.period import Period
from allocator.policies.mechanics.setting import Setting
from allocator.policies.mechanics.usage import Standing

HALVINGS = 20
"""Of the range in which efforts are cut below a ceiling on customers."""


class Rule(Protocol):
    """Who comes first, or how much goes to whom."""

    def allot(self, period: Period) -> None:
        """Raise the period's amounts as the rule says."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Amounts of all items in all periods, and what was decided up front."""

    setting: Setting
    commitments: Commitments
    amounts: Floats
    """[T,I] shares of the items' ranges."""
    hours: Floats
    """[R,T] hours and units used."""

    def plan(self) -> Plan:
        """The draft as a plan."""
        setting, names = self.setting, self.setting.instance
        treatments: list[Treatment] = []
        spend: list[ChannelSpend] = []
        for t in range(setting.horizon):
            treatments.extend(_treatments(setting, self.amounts[t], t))
            money = self.amounts[t, setting.levers * setting.segments :] * names.channels.max
            for c in np.flatnonzero(money > DUST * names.channels.max):
                spend.append(ChannelSpend(channel=names.channels.names[c], period=t + 1, spend=float(money[c])))
        heads = tuple(
            Heads(resource=names.resources.names[r], period=t + 1, headcount=float(self.commitments.heads[r, t]))
            for r in np.flatnonzero(names.resources.labour)
            for t in range(setting.horizon)
        )
        starts = tuple(
            ProgrammeStart(programme=names.programmes.names[g], start=int(self.commitments.start[g]) + 1)
            for g in np.flatnonzero(self.commitments.start >= 0)
        )
        return Plan(treatments=tuple(treatments), spend=tuple(spend), heads=heads, programmes=starts)


def _treatments(setting: Setting, amounts: Floats, t: int) -> list[Treatment]:
    parts = portions(setting, mix(setting, amounts, t))
    dust = DUST * setting.instance.levers.max
    names = setting.instance.levers.names
    treatments = []
    for segment, portion, efforts in zip(parts.segment, parts.portion, parts.efforts, strict=True):
        given = tuple((names[lever], float(efforts[lever])) for lever in np.flatnonzero(efforts > dust))
        if given:
            name = setting.instance.segments[segment]
            treatments.append(Treatment(segment=name, period=t + 1, share=float(portion), efforts=given))
    return treatments


def walk(setting: Setting, commitments: Commitments, rule: Rule) -> Draft:
    """Allot every period as ``rule`` says, following the customers that result."""
    ground = Ground(setting, commitments)
    ceilings = [limit for limit in customer_limits(setting) if limit.sign > 0.0]
    customers, stock = setting.instance.customers.copy(), np.zeros(setting.channels)
    spent = np.zeros(len(setting.money))
    amounts = np.zeros((setting.horizon, setting.items))
    hours = np.zeros((len(setting.instance.resources.names), setting.horizon))
    for t in range(setting.horizon):
        standing = Standing(customers, stock, *_money(setting, ground, spent, t))
        period = _filled(Period(setting, ground, t, standing), rule)
        most = _below(ceilings, period)
        if most is not None:
            period = _filled(Period(setting, ground, t, standing), rule, most)
        amounts[t] = period.amount
        load = period.usage.load(period.amount, period.used & (period.amount > 0.0))
        hours[:, t] = load[: len(hours)]
        spent += load[len(hours) : len(hours) + len(spent)] * [t in limit.periods for limit in setting.money]
        customers, stock = follow(period, period.amount), period.usage.stock(period.amount)
    return Draft(setting, commitments, amounts, hours)


def _money(setting: Setting, ground: Ground, spent: Floats, t: int) -> tuple[Floats, Floats]:
    """Most and least money [M] in period t beyond heads and programmes; no limit outside a limit's periods.

    What is left of a limit over several periods, less all that heads and programmes take from it, is
    spread evenly over the periods to come.
    """
    most, least = np.full(len(setting.money), np.inf), np.zeros(len(setting.money))
    for index, limit in enumerate(setting.money):
        if t not in limit.periods:
            continue
        together = [t] if limit.per_period else list(limit.periods)
        gone = float(ground.committed[index, together].sum()) + (0.0 if limit.per_period else spent[index])
        ahead = sum(period >= t for period in together)
        most[index] = max((limit.amount - gone) / ahead, 0.0)
        least[index] = max((limit.least - gone) / ahead, 0.0)
    return most, least


def _filled(period: Period, rule: Rule, most: Floats | None = None) -> Period:
    """The period as the rule fills it, each item up to ``most`` [I]."""
    if most is not None:
        period.most = np.minimum(period.most, most)
    period.floors()
    rule.allot(period)
    return period


def _below(ceilings: Sequence[CustomerLimit], period: Period) -> Floats | None:
    """[I] most of each item with which the next period keeps the ceilings on customers; None where it does anyway.

    All that feeds the segments under a ceiling is cut alike, down to what other rules ask for.
    """
    setting = period.setting
    least = np.minimum(setting.bounds.least[:, period.t], period.amount)
    amount, most = period.amount.copy(), np.ones(setting.items)
    for limit in ceilings:
        if limit.period != period.t + 1 or not _exceeds(limit, follow(period, amount)):
            continue
        items = _feeding(setting, limit.weights > 0.0)
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            tried = np.where(items, least + middle * (amount - least), amount)
            low, high = (low, middle) if _exceeds(limit, follow(period, tried)) else (middle, high)
        amount = np.where(items, least + low * (amount - least), amount)
        most = np.where(items, np.minimum(most, amount), most)
    return most if (most < 1.0).any() else None


def _feeding(setting: Setting, segments: Bools) -> Bools:
    """[I] efforts on those from whom customers come into the ``segments`` [S], and channels that bring them there."""
    channels = setting.instance.channels
    feeds = np.append(segments, False)[setting.instance.destinations].any(axis=1)
    return np.concatenate([np.tile(feeds, setting.levers), channels.into @ segments > 0.0])


def _exceeds(limit: CustomerLimit, customers: Floats) -> bool:
    return float(limit.weights @ customers) > limit.amount


def follow(period: Period, amount: Floats) -> Floats:
    """[S] customers one period later, with the amounts [I]."""
    setting, ground, t = period.setting, period.ground, period.t
    instance = setting.instance
    parts = portions(setting, mix(setting, amount, t))
    boosts = np.broadcast_to(ground.boosts[t], parts.efforts.shape)
    each = np.full(len(parts.segment), t + 1)
    moves = instance.response.coefficients(parts.segment, each, parts.efforts, boosts).probability
    moved = (period.customers[parts.segment] * parts.portion)[:, None] * moves
    after = np.bincount(instance.destinations[parts.segment].ravel(), moved.ravel(), setting.segments + 1)[:-1]
    return np.asarray(after + period.usage.arrivals(amount) @ instance.channels.into, dtype=np.float64)
