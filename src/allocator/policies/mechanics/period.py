"""One period in which efforts and spends are raised until something runs out."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.policies.mechanics.commitments import Ground
from allocator.policies.mechanics.setting import Setting
from allocator.policies.mechanics.usage import Standing, Usage

PRECISION = 1e-11
"""Of the length of a step, relative to the step that raises everything to its most."""

FLOOR_ROUNDS = 8
"""How often what one item cannot take of a money floor is passed on to the others."""


class Period:
    """Items that a rule raises, through :meth:`fill` and :meth:`raise_item` only; so nothing is overused.

    t: the period, counted from 0.
    customers: [S] at its start.
    amount: [I] share of each item's range.
    used: [I] whether a set-up, fixed cost or minimum has been paid or needs none.
    most: [I] largest amount allowed; 0 where the item cannot be used.
    usage: what items take, and what there is.
    """

    def __init__(self, setting: Setting, ground: Ground, t: int, standing: Standing) -> None:
        self.setting, self.ground, self.t, self.customers = setting, ground, t, standing.customers
        self.usage = Usage(setting, ground, t, standing)
        self.most = np.where(ground.locked[:, t], 0.0, setting.bounds.most[:, t])
        self.most[: setting.levers * setting.segments] *= np.tile(self.customers > 0.0, setting.levers)
        self._money_least = standing.money_least
        channels = setting.instance.channels
        self._minimum = setting.item_amounts(np.zeros(setting.segments), channels.min / channels.max)
        capped = [items for items, periods, _ in setting.bounds.active if t in periods]
        enters = (self.usage.entry > 0.0).any(axis=0) | (self._minimum > 0.0)
        self.used: Bools = ~np.logical_or.reduce([enters, *capped])
        self.amount = np.zeros(setting.items)

    def floors(self) -> None:
        """Raise what rules ask for, all in step, and then what each money floor still lacks, as far as it goes."""
        least = self.setting.bounds.least[:, self.t]
        self.fill(least, least)
        for row, entry, money in zip(self.usage.money, self.usage.entry, self._money_least, strict=True):
            for _ in range(FLOOR_ROUNDS):
                lacking = money - row @ self.amount - entry @ (self.used & (self.amount > 0.0))
                open_ = np.where(self.amount < self.most, row, 0.0)
                if lacking <= 1e-9 * money or not open_.any():
                    break
                self.fill((open_ > 0.0).astype(np.float64), self.amount + (open_ > 0.0) * lacking / open_.sum())

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
            self.amount, beyond = self._longest(speed, cap, step)
            if beyond is None:
                return
            blocked = self.usage.excess(beyond, self.used) > 0.0
            stopped = growing & (self.usage.touches[blocked].any(axis=0) | (self.amount >= cap))
            if not stopped.any():
                return
            growing &= ~stopped

    def raise_item(self, item: int, target: float) -> bool:
        """Raise one item to ``target`` of its range, or as near as fits; whether it got there."""
        target = min(target, float(self.most[item]))
        if not self.used[item] and not self._enter(item, target):
            return False
        speed = np.zeros_like(self.amount)
        speed[item] = 1.0
        cap = np.where(speed > 0.0, target, self.amount)
        self.amount, beyond = self._longest(speed, cap, max(target - float(self.amount[item]), 0.0))
        return beyond is None

    def _enter(self, item: int, target: float) -> bool:
        """Take an item in at its minimum, if that fits and is not above ``target``."""
        amount, used = self.amount.copy(), self.used.copy()
        amount[item], used[item] = max(float(self._minimum[item]), float(amount[item])), True
        if target < self._minimum[item] or not self._open(item) or not self.usage.fits(amount, used):
            return False
        self.amount, self.used = amount, used
        return True

    def _longest(self, speed: Floats, cap: Floats, step: float) -> tuple[Floats, Floats | None]:
        """Amounts after the longest step up to ``step`` that fits, and just beyond it if it falls short."""
        top = np.maximum(cap, self.amount)

        def after(length: float) -> Floats:
            return np.where(speed > 0.0, np.minimum(top, self.amount + length * speed), self.amount)

        def excess(length: float) -> float:
            return float(self.usage.excess(after(length), self.used).max(initial=-1.0))

        if excess(step) <= 0.0:
            return after(step), None
        if excess(0.0) > 0.0:
            return self.amount, after(PRECISION * step)
        reach = PRECISION * step
        root = float(brentq(excess, 0.0, step, xtol=reach))
        return after(max(root - 2.0 * reach, 0.0)), after(min(root + 2.0 * reach, step))

    def _open(self, item: int) -> bool:
        """Whether the `active` rules allow one more item like this."""
        return all(
            not items[item] or self.t not in periods or int((items & self.used).sum()) < most
            for items, periods, most in self.setting.bounds.active
        )

    def _admit(self, rate: Floats, cap: Floats) -> None:
        """Take in items that need a set-up, fixed cost or minimum, the highest rate first, as many as fit."""
        waiting = np.flatnonzero((rate > 0.0) & ~self.used & (cap > 0.0) & (cap >= self._minimum))
        chosen = self._within_active(waiting[np.argsort(-rate[waiting], kind="stable")])
        low, high = 0, len(chosen)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._entries_fit(chosen[:middle]) else (low, middle - 1)
        for item in chosen[:low]:
            self.used[item] = True
            self.amount[item] = max(self.amount[item], self._minimum[item])

    def _within_active(self, order: Ints) -> list[int]:
        """Items of ``order`` that the `active` rules allow, taken one after another."""
        chosen: list[int] = []
        before = self.used.copy()
        for item in map(int, order):
            if self._open(item):
                chosen.append(item)
                self.used[item] = True
        self.used = before
        return chosen

    def _entries_fit(self, items: list[int]) -> bool:
        amount, used = self.amount.copy(), self.used.copy()
        amount[items] = np.maximum(amount[items], self._minimum[items])
        used[items] = True
        return self.usage.entries_fit(amount, used, items)
