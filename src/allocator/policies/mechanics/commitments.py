"""Heads and programmes: decided before effort is allotted, with the capacity they give and the cash they take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation import programmes, staffing
from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.policies.mechanics.setting import Setting


@dataclass(frozen=True, slots=True)
class Commitments:
    """What is decided up front."""

    heads: Floats
    """[R,T]"""
    start: Ints
    """[G] period in which a programme starts, counted from 0; -1 for never."""
    extra_hours: bool
    """Whether overtime and partner hours may be used."""


class Ground:
    """What follows from commitments, period by period.

    capacity: hours and units.
    saves, boosts: [T,L] factors on hours and curves of the levers.
    locked: [I,T] whether an item lacks a programme, does not reach its segment, or nobody serves it there.
    committed: [M,T] cash that heads and programmes take from each money limit.
    """

    def __init__(self, setting: Setting, commitments: Commitments) -> None:
        instance = setting.instance
        self.commitments = commitments
        active = programmes.working(instance, commitments.start)
        self.capacity = staffing.capacity(instance, commitments.heads, active)
        self.saves = _product(instance.programmes.saves, active)
        self.boosts = _product(instance.programmes.boosts, active)
        self.locked = self._locked(setting, active)
        started = programmes.cash(instance, commitments.start)
        self.programme_cash: Floats = started.sum(axis=0)
        """[T]"""
        self.committed = self._committed(setting, started)

    def _locked(self, setting: Setting, active: Bools) -> Bools:
        instance = setting.instance
        levers = programmes.locked(instance.programmes.unlocks_lever, active)
        channels = programmes.locked(instance.programmes.unlocks_channel, active)
        out = ~instance.levers.reaches | instance.levers.unserved
        by_lever = (levers[:, None, :] | out[:, :, None]).reshape(setting.levers * setting.segments, setting.horizon)
        return np.concatenate([by_lever, channels.reshape(setting.channels, setting.horizon)])

    def _committed(self, setting: Setting, started: Floats) -> Floats:
        resources = setting.instance.resources
        staff = (
            resources.wage[:, None] * self.capacity.heads
            + resources.hire_cost[:, None] * self.capacity.hires
            + resources.release_cost[:, None] * self.capacity.releases
        )
        rows = [limit.resources @ staff + limit.programmes @ started for limit in setting.money]
        return np.array(rows).reshape(len(setting.money), setting.horizon)


def _product(factors: Floats, active: Bools) -> Floats:
    """[T,L] product of the working programmes' factors [G,L]."""
    return np.asarray(np.where(active.T[:, :, None], factors[None, :, :], 1.0).prod(axis=1))
