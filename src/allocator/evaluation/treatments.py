"""Treatments of a plan: what they may do, what they need, and what they change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from allocator.domain.evaluation import Violation
from allocator.evaluation import programmes
from allocator.evaluation.arrays import Bools, Floats, Ints, sums
from allocator.evaluation.instance import Instance
from allocator.evaluation.plan_arrays import PlanArrays

RELATIVE = 1e-6
"""Relative slack given to efforts, shares and contacts."""


@dataclass(frozen=True, slots=True)
class Treatments:
    """K treatments as they can be carried out, with their consequences per customer."""

    segment: Ints
    period: Ints
    share: Floats
    """[K] asked for; at most 1 over the treatments of a segment and period."""
    efforts: Floats
    """[K,L]; 0 where the lever does not reach the segment, or is locked."""
    uses: Bools
    """[K,G] boosting or saving programmes that work for the treatment."""
    load: Floats
    """[K,L] effort times what the used programmes save: the effort that takes hours."""
    hours: Floats
    """[K,R] hours or units per customer."""
    probability: Floats
    """[K,D] aligned with ``Instance.destinations``."""
    margin: Floats
    """[K] money per customer, before lever cost, whoever the owner is."""
    first: Ints
    """[T+1] position of each period's first treatment."""

    def of(self, period: int) -> slice:
        """Positions of the treatments of a period."""
        return slice(int(self.first[period]), int(self.first[period + 1]))


def prepare(instance: Instance, plan: PlanArrays, active: Bools) -> tuple[Treatments, list[Violation]]:
    """Treatments that can be carried out while the programmes ``active`` [G,T] work, and what had to go.

    An effort that cannot be made (the lever does not reach the segment, nobody serves it there, or a
    programme that unlocks it is not working) becomes no effort. Efforts beyond a lever's maximum or off
    its levels, and contacts beyond a segment's limit, are carried out as asked, and reported.
    """
    broken = list(_shares(instance, plan))
    efforts = plan.efforts.copy()
    for kind, impossible in _impossible(instance, plan, active):
        hit = impossible & (efforts > 0.0)
        broken.extend(_efforts(instance, plan, kind, hit=hit, efforts=efforts, limits=np.zeros_like(efforts)))
        efforts[hit] = 0.0
    broken.extend(_ranges(instance, plan, efforts))
    broken.extend(_contacts(instance, plan, efforts))
    uses = _uses(instance, plan, efforts, active)
    broken.extend(_not_working(instance, plan, active))
    boosts = _factors(uses, instance.programmes.boosts)
    saves = _factors(uses, instance.programmes.saves)
    load = efforts if saves is None else efforts * saves
    coefficients = instance.response.coefficients(plan.segment, plan.period + 1, efforts, boosts)
    treatments = Treatments(
        segment=plan.segment,
        period=plan.period,
        share=plan.share / _crowding(instance, plan),
        efforts=efforts,
        uses=uses,
        load=load,
        hours=_hours(instance, plan.segment, load),
        probability=coefficients.probability,
        margin=coefficients.margin,
        first=np.searchsorted(plan.period, np.arange(instance.horizon + 1)),
    )
    return treatments, broken


def _cell(instance: Instance, plan: PlanArrays) -> Ints:
    return np.asarray(plan.segment * instance.horizon + plan.period, dtype=np.int64)


def _totals(instance: Instance, plan: PlanArrays) -> Floats:
    """Sum of shares in each cell, [S*T]."""
    return sums(_cell(instance, plan), plan.share, len(instance.segments) * instance.horizon)


def _crowding(instance: Instance, plan: PlanArrays) -> Floats:
    """What the shares of each treatment's cell are divided by so that nobody is treated twice, [K]."""
    return np.asarray(np.maximum(_totals(instance, plan), 1.0)[_cell(instance, plan)], dtype=float)


def _shares(instance: Instance, plan: PlanArrays) -> Iterator[Violation]:
    totals = _totals(instance, plan)
    for cell in np.flatnonzero(totals > 1.0 + RELATIVE):
        segment, period = divmod(int(cell), instance.horizon)
        total = float(totals[cell])
        yield Violation("shares", instance.segments[segment], period + 1, 1.0, total, total - 1.0)


def _impossible(instance: Instance, plan: PlanArrays, active: Bools) -> Iterator[tuple[str, Bools]]:
    levers = instance.levers
    yield "reach", ~levers.reaches[:, plan.segment].T
    yield "unserved", levers.unserved[:, plan.segment].T
    yield "locked", programmes.locked(instance.programmes.unlocks_lever, active)[:, plan.period].T


def _efforts(
    instance: Instance, plan: PlanArrays, kind: str, *, hit: Bools, efforts: Floats, limits: Floats
) -> Iterator[Violation]:
    """One violation per lever, segment and period, with the worst effort."""
    worst: dict[tuple[int, int, int], tuple[float, float]] = {}
    for k, lever in np.argwhere(hit):
        key = (int(lever), int(plan.segment[k]), int(plan.period[k]))
        value, limit = float(efforts[k, lever]), float(limits[k, lever])
        if key not in worst or abs(value - limit) > abs(worst[key][0] - worst[key][1]):
            worst[key] = (value, limit)
    for (lever, segment, period), (value, limit) in worst.items():
        name = f"{instance.levers.names[lever]} in {instance.segments[segment]}"
        yield Violation(kind, name, period + 1, limit, value, abs(value - limit))


def _ranges(instance: Instance, plan: PlanArrays, efforts: Floats) -> Iterator[Violation]:
    levers = instance.levers
    limits = np.broadcast_to(levers.max, efforts.shape)
    beyond = efforts > limits * (1.0 + RELATIVE)
    yield from _efforts(instance, plan, "effort", hit=beyond, efforts=efforts, limits=limits)
    nearest = efforts.copy()
    for lever, levels in enumerate(levers.levels):
        if levels is not None:
            distance = np.abs(efforts[:, lever, None] - levels[None, :])
            nearest[:, lever] = levels[distance.argmin(axis=1)]
    off = (np.abs(efforts - nearest) > RELATIVE * limits) & ~beyond
    yield from _efforts(instance, plan, "level", hit=off, efforts=efforts, limits=nearest)


def _contacts(instance: Instance, plan: PlanArrays, efforts: Floats) -> Iterator[Violation]:
    contacts = efforts @ instance.levers.contacts
    limits = instance.contacts_max[plan.segment]
    worst: dict[tuple[int, int], float] = {}
    for k in np.flatnonzero(contacts > limits + RELATIVE * np.maximum(limits, 1.0)):
        key = (int(plan.segment[k]), int(plan.period[k]))
        worst[key] = max(worst.get(key, 0.0), float(contacts[k]))
    for (segment, period), value in worst.items():
        limit = float(instance.contacts_max[segment])
        yield Violation("contacts", instance.segments[segment], period + 1, limit, value, value - limit)


def _uses(instance: Instance, plan: PlanArrays, efforts: Floats, active: Bools) -> Bools:
    helped = (efforts > 0.0).astype(np.int64) @ instance.programmes.relevant.T.astype(np.int64) > 0
    wanted = np.where(plan.automatic[:, None], helped, plan.uses)
    changes = instance.programmes.relevant.any(axis=1)
    return np.asarray(wanted & active[:, plan.period].T & changes, dtype=bool)


def _not_working(instance: Instance, plan: PlanArrays, active: Bools) -> Iterator[Violation]:
    missing = plan.uses & ~active[:, plan.period].T
    for programme, period in sorted({(int(g), int(plan.period[k])) for k, g in np.argwhere(missing)}):
        yield Violation("programme", instance.programmes.names[programme], period + 1, 0.0, 1.0, 1.0)


def _factors(uses: Bools, factors: Floats) -> Floats | None:
    """Product of the used programmes' factors on each lever, [K,L]; None where nothing is changed."""
    if not uses.any():
        return None
    product = np.ones((uses.shape[0], factors.shape[1]))
    for programme in np.flatnonzero(uses.any(axis=0)):
        product[uses[:, programme]] *= factors[programme]
    return product


def _hours(instance: Instance, segment: Ints, load: Floats) -> Floats:
    hours = np.zeros((segment.size, len(instance.resources.names)))
    for lever, per_effort in enumerate(instance.levers.hours):
        hours += load[:, lever, None] * per_effort[segment]
    return hours
