"""Channels: from spend to stock to new customers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.evaluation import Violation
from allocator.evaluation import programmes
from allocator.evaluation.arrays import DUST, Bools, Floats
from allocator.evaluation.instance import Instance

RELATIVE = 1e-6


def possible_spend(instance: Instance, spend: Floats, active: Bools) -> tuple[Floats, list[Violation]]:
    """Spend [C,T] without that on locked channels, and what is wrong with the spend asked for.

    Spend below the minimum or above the maximum is carried out as asked, and reported. Spend below a
    millionth of the maximum is dust and counts as none.
    """
    channels = instance.channels
    locked = programmes.locked(instance.programmes.unlocks_channel, active)
    used = spend > DUST * channels.max[:, None]
    broken = list(_broken(instance, "locked", used & locked, spend, np.zeros_like(spend)))
    possible = np.where(used & ~locked, spend, 0.0)
    low, high = (np.broadcast_to(limit[:, None], spend.shape) for limit in (channels.min, channels.max))
    short = (possible > 0.0) & (possible < low * (1.0 - RELATIVE))
    broken.extend(_broken(instance, "channel minimum", short, possible, low))
    broken.extend(_broken(instance, "channel maximum", possible > high * (1.0 + RELATIVE), possible, high))
    return possible, broken


def _broken(instance: Instance, kind: str, hit: Bools, spend: Floats, limits: Floats) -> Iterator[Violation]:
    for channel, period in np.argwhere(hit):
        value, limit = float(spend[channel, period]), float(limits[channel, period])
        yield Violation(kind, instance.channels.names[channel], int(period) + 1, limit, value, abs(value - limit))


class ChannelFlow:
    """Stocks and new customers of all channels, [C,T], which a lack of hours can cut period by period."""

    def __init__(self, instance: Instance, spend: Floats) -> None:
        self._instance = instance
        self.spend = spend.copy()
        self.stock = np.zeros_like(spend)
        self.new = np.zeros_like(spend)
        """New customers of each period; they arrive one period later."""
        self._served = np.ones_like(spend)
        self._follow(0)

    def _follow(self, period: int) -> None:
        """Recompute stocks and new customers from ``period`` on."""
        channels = self._instance.channels
        every = np.arange(len(channels.names))
        for t in range(period, self._instance.horizon if every.size else 0):
            before = self.stock[:, t - 1] if t else 0.0
            self.stock[:, t] = self.spend[:, t] + channels.carryover * before
            self.new[:, t] = channels.curves.value(every, self.stock[:, t]) * self._served[:, t]

    def hours(self, period: int) -> Floats:
        """Hours or units that the channels take in a period, [R]."""
        channels = self._instance.channels
        taken = channels.input_hours.T @ self.spend[:, period] + channels.uses.T @ self.new[:, period]
        return np.asarray(taken, dtype=float)

    def scale(self, resource: int, period: int, factor: float) -> None:
        """Cut what the channels take from a resource by ``factor``.

        Hours put in as spend are cut, to 0 where less than the minimum is left; new customers who need
        hours that are not there do not come.
        """
        channels = self._instance.channels
        fed = channels.input_hours[:, resource] > 0.0
        cut = self.spend[:, period] * factor
        cut = np.where(cut < channels.min * (1.0 - RELATIVE), 0.0, cut)
        self.spend[:, period] = np.where(fed, cut, self.spend[:, period])
        self._served[channels.uses[:, resource] > 0.0, period] *= factor
        self._follow(period)
