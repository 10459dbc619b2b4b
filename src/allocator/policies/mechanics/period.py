"""One period in which efforts and spends are raised until something runs out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation import staffing
from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.policies.mechanics.commitments import Ground
from allocator.policies.mechanics.mixing import mix
from allocator.policies.mechanics.setting import Setting

SLACK = 1e-9
"""Relative overuse that counts as none."""
HALVINGS = 50


@dataclass(frozen=True, slots=True)
class Money:
    """[M] each: what may and what must be spent in a period on levers, channels, bought hours and units."""

    most: Floats
    least: Floats


class Period:
    """Items, what they use in this period, and what there is of it.

    The limits are, in this order, the resources, the money limits, and the contacts of each segment. A
    rule raises ``amount`` through :meth:`fill` and :meth:`raise_item` only, so nothing is ever overused
    that was not overused before.

    Attributes
    ----------
    t
        The period, counted from 0.
    customers
        [S] at the start of the period.
    amount
        [I] share of each item's range.
    used
        [I] whether a set-up, fixed cost or minimum has been paid or needs none.
    most
        [I] largest amount allowed; 0 where the item cannot be used.
    """

    def __init__(
        self, setting: Setting, ground: Ground, t: int, *, customers: Floats, stock: Floats, money: Money
    ) -> None:
        self.setting, self.ground, self.t, self.customers = setting, ground, t, customers
        self._carried = setting.instance.channels.carryover * stock
        self._hours = self._hours_per_range()
        self._linear, self._entry = self._money_per_range()
        self._room = self._rooms(money.most)
        self._touches = self._touched()
        self.most = np.where(ground.locked[:, t], 0.0, setting.bounds.most[:, t])
        self.most[: setting.levers * setting.segments] *= np.tile(customers > 0.0, setting.levers)
        self.least = np.minimum(self._asked(money.least), self.most)
        channels = setting.instance.channels
        self._minimum = setting.item_amounts(np.zeros(setting.segments), channels.min / channels.max)
        capped = [items for items, periods, _ in setting.bounds.active if t in periods]
        self.admits: Bools = (self._entry > 0.0).any(axis=0) | (self._minimum > 0.0)
        for items in capped:
            self.admits |= items
        self.used: Bools = ~self.admits
        self.amount = np.zeros(setting.items)

    @property
    def room(self) -> Floats:
        """[limits] what there is of everything limited: hours, money, contacts."""
        return self._room

    @property
    def burden(self) -> Floats:
        """[limits,I] what an item takes of each limit over its whole range; uses per new customer, set-ups
        and bought hours apart. Contacts count per customer."""
        levers, setting = self.setting.instance.levers, self.setting
        per_range = np.repeat(levers.contacts * levers.max, setting.segments)
        contacts = np.zeros((setting.segments, setting.items))
        lever_items = np.arange(len(per_range))
        contacts[lever_items % setting.segments, lever_items] = per_range
        return np.concatenate([self._hours, self._linear, contacts])

    def load(self, amount: Floats, used: Bools) -> Floats:
        """[limits] what the amounts [I] take."""
        setting, resources = self.setting, self.setting.instance.resources
        hours = self._hours @ amount + setting.instance.channels.uses.T @ self.arrivals(amount)
        bought = staffing.dispatch(setting.instance, self._capacity, hours[:, None])
        extra = resources.overtime_cost * bought.overtime[:, 0] + resources.partner_cost * bought.partner[:, 0]
        paid = extra + resources.unit_cost * hours
        own = np.array([limit.resources @ paid for limit in setting.money])
        money = self._linear @ amount + self._entry @ (used & self.admits) + own
        return np.concatenate([hours, money, self._contacts(amount)])

    def arrivals(self, amount: Floats) -> Floats:
        """[C] new customers of the channels at the amounts [I]."""
        channels = self.setting.instance.channels
        stock = self._carried + self.spend(amount)
        return np.asarray(channels.curves.value(np.arange(self.setting.channels), stock), dtype=np.float64)

    def spend(self, amount: Floats) -> Floats:
        """[C] spend of the channels at the amounts [I]."""
        return amount[self.setting.levers * self.setting.segments :] * self.setting.instance.channels.max

    def stock(self) -> Floats:
        """[C] stocks that the period ends with."""
        return self._carried + self.spend(self.amount)

    def fits(self, amount: Floats, used: Bools) -> bool:
        """Whether the amounts [I] overuse nothing."""
        return not self._exceeded(amount, used).any()

    def floors(self) -> None:
        """Raise what rules ask for, all in step, as far as it goes."""
        self.fill(self.least, self.least)

    def fill(self, rate: Floats, cap: Floats | None = None) -> None:
        """Raise all items along ``rate`` [I] until each is at its most or something it uses runs out.

        Items that meet a limit stop there; the others go on. Items with a set-up, fixed cost or minimum
        are taken in by falling rate as long as these fit and take at most half of what is left.
        """
        cap = self.most if cap is None else np.minimum(cap, self.most)
        self._admit(rate, cap)
        growing = (rate > 0.0) & self.used & (self.amount < cap)
        while growing.any():
            speed = np.where(growing, rate, 0.0)
            step = float(((cap - self.amount)[growing] / rate[growing]).max())
            reached, beyond = self._longest(speed, cap, step)
            self.amount = reached
            if beyond is None:
                return
            blocked = self._exceeded(beyond, self.used)
            stopped = self._touches[blocked].any(axis=0) | (self.amount >= cap)
            growing &= ~(stopped if (stopped & growing).any() else growing)

    def raise_item(self, item: int, target: float) -> bool:
        """Raise one item to ``target`` of its range, or as near as fits; whether it got there."""
        target = min(target, float(self.most[item]))
        used = self.used.copy()
        if not used[item]:
            if not self._open(item) or target < self._minimum[item]:
                return False
            used[item] = True
            start = self.amount.copy()
            start[item] = max(float(self._minimum[item]), float(start[item]))
            if not self.fits(start, used):
                return False
            self.amount, self.used = start, used
        speed = np.zeros_like(self.amount)
        speed[item] = 1.0
        cap = np.where(speed > 0.0, target, self.amount)
        reached, beyond = self._longest(speed, cap, max(target - float(self.amount[item]), 0.0))
        self.amount = reached
        return beyond is None

    def _longest(self, speed: Floats, cap: Floats, step: float) -> tuple[Floats, Floats | None]:
        """Amounts after the longest step up to ``step`` that fits, and just beyond it if it falls short."""

        def after(length: float) -> Floats:
            return np.where(
                speed > 0.0, np.minimum(np.maximum(cap, self.amount), self.amount + length * speed), self.amount
            )

        if self.fits(after(step), self.used):
            return after(step), None
        low, high = 0.0, step
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self.fits(after(middle), self.used) else (low, middle)
        return after(low), after(high)

    def _exceeded(self, amount: Floats, used: Bools) -> Bools:
        room = self._room
        return np.asarray(self.load(amount, used) > room + SLACK * np.maximum(np.abs(room), 1.0), dtype=bool)

    def _open(self, item: int) -> bool:
        """Whether the `active` rules allow one more item like this."""
        return all(
            not items[item] or self.t not in periods or int((items & self.used).sum()) < most
            for items, periods, most in self.setting.bounds.active
        )

    def _admit(self, rate: Floats, cap: Floats) -> None:
        """Take in items that need a set-up, fixed cost or minimum, the highest rate first, as many as fit."""
        waiting = np.flatnonzero((rate > 0.0) & ~self.used & (cap > 0.0) & (cap >= self._minimum))
        order = waiting[np.argsort(-rate[waiting], kind="stable")]
        chosen = self._within_active(order)
        low, high = 0, len(chosen)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._entry_fits(chosen[:middle]) else (low, middle - 1)
        for item in chosen[:low]:
            self.used[item] = True
            self.amount[item] = max(self.amount[item], self._minimum[item])

    def _within_active(self, order: Ints) -> list[int]:
        chosen: list[int] = []
        before = self.used.copy()
        for item in map(int, order):
            if self._open(item):
                chosen.append(item)
                self.used[item] = True
        self.used = before
        return chosen

    def _entry_fits(self, items: list[int]) -> bool:
        amount, used = self.amount.copy(), self.used.copy()
        amount[items] = np.maximum(amount[items], self._minimum[items])
        used[items] = True
        load = self.load(amount, used)
        money = slice(len(self._hours), len(self._hours) + len(self._entry))
        load[money] += self._entry[:, items].sum(axis=1)
        return bool(np.all(load <= self._room + SLACK * np.maximum(np.abs(self._room), 1.0)))

    def _contacts(self, amount: Floats) -> Floats:
        levers = self.setting.instance.levers
        if not np.isfinite(self.setting.instance.contacts_max).any():
            return np.zeros(self.setting.segments)
        return np.asarray(levers.contacts @ mix(self.setting, amount, self.t).largest, dtype=np.float64)

    def _hours_per_range(self) -> Floats:
        """[R,I] hours and units that an item takes over its whole range, uses per new customer apart."""
        levers, channels = self.setting.instance.levers, self.setting.instance.channels
        per_effort = levers.hours * (self.ground.saves[self.t] * levers.max)[:, None, None]
        shape = (self.setting.levers * self.setting.segments, levers.hours.shape[2])
        by_lever = (per_effort * self.customers[None, :, None]).reshape(shape)
        return np.concatenate([by_lever, channels.input_hours * channels.max[:, None]]).T

    def _money_per_range(self) -> tuple[Floats, Floats]:
        """[M,I] cash that counts towards each money limit: over an item's whole range, and for using it."""
        levers, channels = self.setting.instance.levers, self.setting.instance.channels
        cost = (levers.cost * levers.max)[:, None] * self.customers[None, :]
        setup = np.repeat(levers.setup[:, None], self.setting.segments, axis=1)
        spend = np.where(channels.money, channels.max, 0.0)
        linear = [np.concatenate([(m.levers * cost).ravel(), m.channels * spend]) for m in self.setting.money]
        entry = [np.concatenate([(m.levers * setup).ravel(), m.channels * channels.fixed]) for m in self.setting.money]
        shape = (len(self.setting.money), self.setting.items)
        return np.array(linear).reshape(shape), np.array(entry).reshape(shape)

    def _asked(self, least: Floats) -> Floats:
        """[I] amounts that rules and money floors ask for; a floor is met by one share of all ranges it counts."""
        asked = self.setting.bounds.least[:, self.t].copy()
        for row, money in zip(self._linear * (self.most > 0.0), least, strict=True):
            if money > 0.0 and row.any():
                asked = np.maximum(asked, np.where(row > 0.0, money / float(row.sum()), 0.0))
        return asked

    def _rooms(self, allowance: Floats) -> Floats:
        now, given = slice(self.t, self.t + 1), self.ground.capacity
        self._capacity = staffing.Capacity(
            heads=given.heads[:, now],
            hires=given.hires[:, now],
            releases=given.releases[:, now],
            regular=given.regular[:, now],
            overtime_max=given.overtime_max[:, now],
            partner_max=given.partner_max[:, now],
            most=given.most[:, now],
        )
        hours = given.most if self.ground.commitments.extra_hours else given.regular
        return np.concatenate([np.maximum(hours[:, self.t], 0.0), allowance, self.setting.instance.contacts_max])

    def _touched(self) -> Bools:
        """[limits,I] whether raising an item takes from a limit."""
        setting = self.setting
        uses = np.zeros_like(self._hours)
        uses[:, setting.levers * setting.segments :] = setting.instance.channels.uses.T
        hours = (self._hours > 0.0) | (uses > 0.0)
        paid = [(hours & limit.resources[:, None]).any(axis=0) for limit in setting.money]
        money = (self._linear > 0.0) | (self._entry > 0.0) | np.array(paid, dtype=bool).reshape(self._linear.shape)
        contacts = [setting.item_amounts(row, np.zeros(setting.channels)) > 0.0 for row in np.eye(setting.segments)]
        return np.concatenate([hours, money, np.array(contacts)])
