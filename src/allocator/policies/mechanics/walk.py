"""Period by period: allot, see where the customers go, allot again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from allocator.domain.plan import ChannelSpend, Heads, Plan, ProgrammeStart, Treatment
from allocator.evaluation.arrays import Floats
from allocator.policies.mechanics.commitments import Commitments, Ground
from allocator.policies.mechanics.mixing import DUST, mix, portions
from allocator.policies.mechanics.period import Period
from allocator.policies.mechanics.setting import Setting
from allocator.policies.mechanics.usage import Standing


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
    customers, stock = setting.instance.customers.copy(), np.zeros(setting.channels)
    spent = np.zeros(len(setting.money))
    amounts = np.zeros((setting.horizon, setting.items))
    hours = np.zeros((len(setting.instance.resources.names), setting.horizon))
    for t in range(setting.horizon):
        period = Period(setting, ground, t, Standing(customers, stock, *_money(setting, ground, spent, t)))
        period.floors()
        rule.allot(period)
        amounts[t] = period.amount
        load = period.usage.load(period.amount, period.used & (period.amount > 0.0))
        hours[:, t] = load[: len(hours)]
        spent += load[len(hours) : len(hours) + len(spent)] * [t in limit.periods for limit in setting.money]
        customers, stock = follow(setting, ground, t, customers, period), period.usage.stock(period.amount)
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


def follow(setting: Setting, ground: Ground, t: int, customers: Floats, period: Period) -> Floats:
    """[S] customers one period later."""
    instance = setting.instance
    parts = portions(setting, mix(setting, period.amount, t))
    boosts = np.broadcast_to(ground.boosts[t], parts.efforts.shape)
    each = np.full(len(parts.segment), t + 1)
    moves = instance.response.coefficients(parts.segment, each, parts.efforts, boosts).probability
    moved = (customers[parts.segment] * parts.portion)[:, None] * moves
    after = np.bincount(instance.destinations[parts.segment].ravel(), moved.ravel(), setting.segments + 1)[:-1]
    return np.asarray(after + period.usage.arrivals(period.amount) @ instance.channels.into, dtype=np.float64)
