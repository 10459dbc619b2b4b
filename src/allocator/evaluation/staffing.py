"""Heads, hours and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from allocator.domain.evaluation import Violation
from allocator.domain.resources import Labour
from allocator.evaluation.arrays import Bools, Floats
from allocator.evaluation.instance import Instance

WHOLE = 1e-6
"""Distance from a whole number up to which heads count as whole."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Hours or units that heads, ramp, programmes and contracts give, [R,T]."""

    heads: Floats
    hires: Floats
    releases: Floats
    regular: Floats
    """Hours at no further cost: regular hours less the hires' ramp, fixed capacity, programmes' `adds`."""
    overtime_max: Floats
    partner_max: Floats
    """Most bought hours, before quality."""
    most: Floats
    """Regular hours, all overtime and all partner hours at their quality."""

    def at(self, period: int) -> Capacity:
        """The capacity of one period, [R,1]."""
        return Capacity(**{field.name: getattr(self, field.name)[:, [period]] for field in fields(self)})


@dataclass(frozen=True, slots=True)
class Dispatch:
    """How the hours asked for are met, [R,T]."""

    used: Floats
    overtime: Floats
    partner: Floats
    """Bought hours, before quality."""
    available: Floats
    """Regular hours, plus the overtime and partner hours (at their quality) that are bought."""


def capacity(instance: Instance, heads: Floats, active: Bools) -> Capacity:
    """Capacity of the heads [R,T] and of the working programmes [G,T]."""
    resources = instance.resources
    before = np.concatenate([resources.headcount[:, None], heads[:, :-1]], axis=1)
    hires, releases = np.maximum(heads - before, 0.0), np.maximum(before - heads, 0.0)
    lacking = np.zeros_like(heads)
    for age in range(min(resources.ramp.shape[1], instance.horizon)):
        lacking[:, age:] += resources.ramp[:, age, None] * hires[:, : instance.horizon - age]
    adds = instance.programmes.adds.T @ active
    regular = resources.hours[:, None] * (heads - lacking) + resources.capacity + adds
    overtime_max = resources.overtime_share[:, None] * resources.hours[:, None] * heads
    partner_max = np.broadcast_to(resources.partner_hours[:, None], heads.shape)
    most = regular + overtime_max + resources.quality[:, None] * partner_max
    return Capacity(heads, hires, releases, regular, overtime_max, partner_max, most)


def dispatch(instance: Instance, given: Capacity, used: Floats) -> Dispatch:
    """Meet the hours ``used`` [R,T]: regular hours first, then overtime and partner by cost per effective hour.

    ``given`` may be the capacity of one period, [R,1], with ``used`` [R,any] in many replications of it.
    """
    resources = instance.resources
    lacking = np.maximum(used - given.regular, 0.0)
    partner_effective = resources.quality[:, None] * given.partner_max
    overtime_first = (resources.overtime_cost <= resources.partner_cost / resources.quality)[:, None]
    overtime = np.where(
        overtime_first,
        np.minimum(lacking, given.overtime_max),
        np.minimum(np.maximum(lacking - partner_effective, 0.0), given.overtime_max),
    )
    bought = np.minimum(np.maximum(lacking - overtime, 0.0), partner_effective)
    available = given.regular + overtime + bought
    return Dispatch(used, overtime, bought / resources.quality[:, None], available)


def violations(instance: Instance, given: Capacity) -> Iterator[Violation]:
    """Fractional heads, and hires and releases beyond what the terms allow."""
    for r, (name, resource) in enumerate(instance.model.resources.items()):
        if not isinstance(resource, Labour):
            continue
        for period in range(instance.horizon):
            heads = float(given.heads[r, period])
            off = abs(heads - round(heads))
            if off > WHOLE:
                yield Violation("headcount", f"{name} (whole heads)", period + 1, round(heads), heads, off)
        most_hires = 0.0 if resource.hire is None else resource.hire.max
        most_releases = 0.0 if resource.release is None else resource.release.max
        yield from _beyond("hires", name, given.hires[r], most_hires)
        yield from _beyond("releases", name, given.releases[r], most_releases)


def _beyond(kind: str, name: str, moves: Floats, most: float | None) -> Iterator[Violation]:
    if most is None:
        return
    for period in np.flatnonzero(moves > most + WHOLE):
        value = float(moves[period])
        yield Violation(kind, name, int(period) + 1, most, value, value - most)
