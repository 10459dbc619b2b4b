"""What items take of hours, money and contacts in one period, and what there is of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation import staffing
from allocator.evaluation.arrays import Bools, Floats
from allocator.policies.mechanics.commitments import Ground
from allocator.policies.mechanics.setting import Setting

SLACK = 1e-9
"""Relative overuse that counts as none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a period starts."""

    customers: Floats
    """[S]"""
    stock: Floats
    """[C] of the channels, from the period before."""
    money_most: Floats
    """[M] what may be spent on levers, channels, bought hours and units within each money limit."""
    money_least: Floats
    """[M] what must be."""


class Usage:
    """Limits of one period: the resources, the money limits, and the contacts of each segment, in this order.

    room: [limits] what there is.
    burden: [limits,I] what an item takes over its whole range, where that is in proportion: uses per new
        customer, set-ups and bought hours apart. Contacts count per customer, on average.
    entry: [M,I] money for a set-up, or the fixed cost of a channel.
    touches: [limits,I] whether an item takes anything of a limit.
    """

    def __init__(self, setting: Setting, ground: Ground, t: int, standing: Standing) -> None:
        self._setting, self._t = setting, t
        self._resources, self._money = len(setting.instance.resources.names), len(setting.money)
        self._lever_items = setting.levers * setting.segments
        self._carried = setting.instance.channels.carryover * standing.stock
        self._capacity = ground.capacity.at(t)
        given = ground.capacity.most if ground.commitments.extra_hours else ground.capacity.regular
        contacts_max = setting.instance.contacts_max
        self.room = np.concatenate([np.maximum(given[:, t], 0.0), standing.money_most, contacts_max])
        self._tolerance = SLACK * np.maximum(np.abs(self.room), 1.0)
        hours = self._hours_per_range(ground, standing.customers)
        money, self.entry = self._money_per_range(standing.customers)
        self.burden = np.concatenate([hours, money, self._contacts_per_range()])
        self._uses = setting.instance.channels.uses.T
        self._pays = np.array([limit.resources for limit in setting.money], dtype=np.float64)
        self._pays = self._pays.reshape(self._money, self._resources)
        self.touches = self._touched()
        terms = setting.instance.resources
        self._buys = bool((terms.overtime_cost + terms.partner_cost + terms.unit_cost).any())

    @property
    def money(self) -> Floats:
        """[M,I] rows of ``burden`` that are money."""
        return np.asarray(self.burden[self._resources : self._resources + self._money])

    def load(self, amount: Floats, used: Bools) -> Floats:
        """[limits] what the amounts [I] take, with the entry money of the ``used`` items [I]."""
        load = np.asarray(self.burden @ amount)
        if self._uses.any():
            load[: self._resources] += self._uses @ self.arrivals(amount)
        money = slice(self._resources, self._resources + self._money)
        load[money] += self.entry @ used
        if self._buys:
            load[money] += self._pays @ self._paid(load[: self._resources])
        return load

    def excess(self, amount: Floats, used: Bools) -> Floats:
        """[limits] overuse beyond the tolerance; at most 0 where the amounts [I] fit."""
        return np.asarray(self.load(amount, used) - self.room - self._tolerance)

    def fits(self, amount: Floats, used: Bools) -> bool:
        """Whether nothing is overused."""
        return float(self.excess(amount, used).max(initial=0.0)) <= 0.0

    def entries_fit(self, amount: Floats, used: Bools, entered: list[int]) -> bool:
        """Whether the amounts fit and leave for effort what the items just ``entered`` cost for entering."""
        excess = self.excess(amount, used)
        excess[self._resources : self._resources + self._money] += self.entry[:, entered].sum(axis=1)
        return float(excess.max(initial=0.0)) <= 0.0

    def arrivals(self, amount: Floats) -> Floats:
        """[C] new customers of the channels at the amounts [I]."""
        channels = self._setting.instance.channels
        return np.asarray(channels.curves.value(np.arange(self._setting.channels), self.stock(amount)), dtype=float)

    def stock(self, amount: Floats) -> Floats:
        """[C] stocks of the channels at the amounts [I]."""
        return self._carried + amount[self._lever_items :] * self._setting.instance.channels.max

    def _paid(self, hours: Floats) -> Floats:
        """[R] money for overtime, partner hours and units."""
        resources = self._setting.instance.resources
        bought = staffing.dispatch(self._setting.instance, self._capacity, hours[:, None])
        extra = resources.overtime_cost * bought.overtime[:, 0] + resources.partner_cost * bought.partner[:, 0]
        return np.asarray(extra + resources.unit_cost * hours)

    def _hours_per_range(self, ground: Ground, customers: Floats) -> Floats:
        levers, channels = self._setting.instance.levers, self._setting.instance.channels
        per_effort = levers.hours * (ground.saves[self._t] * levers.max)[:, None, None]
        by_lever = (per_effort * customers[None, :, None]).reshape(self._lever_items, self._resources)
        return np.concatenate([by_lever, channels.input_hours * channels.max[:, None]]).T

    def _money_per_range(self, customers: Floats) -> tuple[Floats, Floats]:
        """[M,I] money that counts towards each limit: over an item's whole range, and for using it."""
        levers, channels = self._setting.instance.levers, self._setting.instance.channels
        limits = self._setting.money
        cost = (levers.cost * levers.max)[:, None] * customers[None, :]
        setup = np.repeat(levers.setup[:, None], self._setting.segments, axis=1)
        spend = np.where(channels.money, channels.max, 0.0)
        linear = [np.concatenate([(m.levers * cost).ravel(), m.channels * spend]) for m in limits]
        entry = [np.concatenate([(m.levers * setup).ravel(), m.channels * channels.fixed]) for m in limits]
        shape = (self._money, self._setting.items)
        return np.array(linear).reshape(shape), np.array(entry).reshape(shape)

    def _contacts_per_range(self) -> Floats:
        """[S,I] contacts per customer."""
        levers, segments = self._setting.instance.levers, self._setting.segments
        contacts = np.zeros((segments, self._setting.items))
        items = np.arange(self._lever_items)
        contacts[items % max(segments, 1), items] = np.repeat(levers.contacts * levers.max, segments)
        return contacts

    def _touched(self) -> Bools:
        touches = self.burden > 0.0
        touches[: self._resources, self._lever_items :] |= self._uses > 0.0
        money = slice(self._resources, self._resources + self._money)
        touches[money] |= self.entry > 0.0
        touches[money] |= self._pays @ touches[: self._resources] > 0.0
        return touches
