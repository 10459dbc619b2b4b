"""Money spent, item by item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation import programmes
from allocator.evaluation.arrays import DUST, Bools, Floats, Ints, sums
from allocator.evaluation.channels import ChannelFlow
from allocator.evaluation.instance import Instance
from allocator.evaluation.staffing import Capacity, Dispatch
from allocator.evaluation.treatments import Treatments


@dataclass(frozen=True, slots=True)
class Effort:
    """What the levers do in each segment and period."""

    total: Floats
    """[L,S,T] effort over all customers."""
    treated: Floats
    """[L,S,T] customers with effort above 0; 0 where they are a negligible share of the cell."""
    hours: Floats
    """[L,S,T] hours and units of all pools."""


@dataclass(frozen=True, slots=True)
class Cash:
    """Undiscounted money, > 0 for spending."""

    lever: Floats
    """[L,S,T]"""
    setup: Floats
    """[L,S,T]"""
    channel: Floats
    """[C,T] spend in money, and the fixed cost of use."""
    wages: Floats
    """[R,T], as are hiring, release, overtime, partner and fixed."""
    hiring: Floats
    release: Floats
    overtime: Floats
    partner: Floats
    fixed: Floats
    """Cost per unit of fixed resources."""
    programme: Floats
    """[G,T]"""

    def of_resources(self) -> dict[str, Floats]:
        """The kinds of cash that resources cost, each [R,T]."""
        kinds = ("wages", "hiring", "release", "overtime", "partner", "fixed")
        return {kind: getattr(self, kind) for kind in kinds}

    @property
    def segments(self) -> Floats:
        """Lever cost and set-up of each segment, [S,T]."""
        return np.asarray((self.lever + self.setup).sum(axis=0), dtype=float)

    @property
    def total(self) -> Floats:
        """All money spent in each period, [T]."""
        resources = sum(item.sum(axis=0) for item in self.of_resources().values())
        others = self.channel.sum(axis=0) + self.programme.sum(axis=0)
        return np.asarray(self.segments.sum(axis=0) + others + resources, dtype=float)


def efforts(instance: Instance, treatments: Treatments, served: Floats, share: Floats) -> Effort:
    """Effort of each lever, from the customers ``served`` [K] and the shares [K] of their cells."""
    shape = (len(instance.levers.names), len(instance.segments), instance.horizon)
    cell = treatments.segment * instance.horizon + treatments.period
    total, treated, hours = np.zeros(shape), np.zeros(shape), np.zeros(shape)

    def by_cell(amount: Floats) -> Floats:
        return sums(cell, amount, shape[1] * shape[2]).reshape(shape[1:])

    for lever in range(shape[0]):
        effort = treatments.efforts[:, lever]
        present = by_cell(np.where(effort > 0.0, share, 0.0)) > DUST
        total[lever] = by_cell(served * effort)
        treated[lever] = np.where(present, by_cell(np.where(effort > 0.0, served, 0.0)), 0.0)
        per_unit = instance.levers.hours[lever].sum(axis=1)
        hours[lever] = by_cell(served * treatments.load[:, lever]) * per_unit[:, None]
    return Effort(total, treated, hours)


def spent(
    instance: Instance, start: Ints, effort: Effort, *, channels: ChannelFlow, given: Capacity, hours: Dispatch
) -> Cash:
    """All cash items of a plan that has been followed through."""
    levers, terms, resources = instance.levers, instance.channels, instance.resources
    used: Bools = channels.spend > 0.0
    return Cash(
        lever=levers.cost[:, None, None] * effort.total,
        setup=levers.setup[:, None, None] * (effort.treated > 0.0),
        channel=np.where(terms.money[:, None], channels.spend, 0.0) + terms.fixed[:, None] * used,
        wages=resources.wage[:, None] * given.heads,
        hiring=resources.hire_cost[:, None] * given.hires,
        release=resources.release_cost[:, None] * given.releases,
        overtime=resources.overtime_cost[:, None] * hours.overtime,
        partner=resources.partner_cost[:, None] * hours.partner,
        fixed=resources.unit_cost[:, None] * hours.used,
        programme=programmes.cash(instance, start),
    )
