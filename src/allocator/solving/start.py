"""The first treatments: none, a few simple ones, and those of a plan at hand."""

from __future__ import annotations

import numpy as np

from allocator.domain.plan import Plan, Treatment
from allocator.formulation.instance import Floats, Instance
from allocator.solving.pricing import Pricer
from allocator.solving.pricing.space import TreatmentSpace
from allocator.solving.treatments import Listed, Treatments, nothing

_SHARES = (0.35, 1.0)
"""Shares of a lever's largest effort to begin with."""


def every_treatment(instance: Instance, pricer: Pricer) -> Listed:
    """All treatments of every segment and period, where all efforts are levels."""
    return Listed(tuple(pricer.treatments(s) for s in range(len(instance.segments))), instance.horizon)


def simple_treatments(instance: Instance, space: TreatmentSpace) -> Treatments:
    """No effort, and each lever alone at a few efforts, in every segment and period."""
    chosen = (_simple(instance, space, s) for s in range(len(instance.segments)))
    found = (_in_all_periods(instance, s, *simple) for s, simple in enumerate(chosen))
    return nothing(instance).and_then(*found).different()


def _simple(instance: Instance, space: TreatmentSpace, segment: int) -> tuple[Floats, np.ndarray]:
    rows: list[Floats] = []
    for lever in range(len(instance.levers)):
        largest = float(space.max_effort[lever, segment])
        if space.contacts[lever] > 0.0:
            largest = min(largest, float(space.contacts_max[segment] / space.contacts[lever]))
        for share in _SHARES:
            effort = np.zeros(len(instance.levers))
            effort[lever] = _allowed(space, lever, share * largest)
            if effort[lever] > 0.0:
                rows.append(effort)
    efforts = np.array(rows).reshape(len(rows), len(instance.levers))
    return efforts, np.zeros(len(rows), dtype=np.int64)


def _allowed(space: TreatmentSpace, lever: int, effort: float) -> float:
    """The effort itself, or the largest level that does not exceed it."""
    levels = space.levels[lever]
    if levels is None:
        return effort
    return float(levels[np.searchsorted(levels, effort * (1 + 1e-12), side="right") - 1])


def _in_all_periods(instance: Instance, segment: int, efforts: Floats, variants: np.ndarray) -> Treatments:
    count, periods = len(efforts), instance.horizon
    return Treatments(
        np.full(count * periods, segment),
        np.repeat(np.arange(1, periods + 1), count),
        np.tile(efforts, (periods, 1)),
        np.tile(variants, periods),
    )


def planned_treatments(instance: Instance, space: TreatmentSpace, plan: Plan) -> Treatments:
    """The treatments of a plan that are allowed, each using no programme and every programme that it can use."""
    shares = [(instance, plan)]
    if instance.branches and instance.shocks is not None:
        shares = [
            (branch, plan.within(name)) for branch, name in zip(instance.branches, instance.shocks.names, strict=True)
        ]
    rows = [
        (number * len(branch.segments) + branch.segment_index[t.segment], t.period, _vector(instance, t))
        for number, (branch, part) in enumerate(shares)
        for t in part.treatments
        if t.period <= instance.horizon
    ]
    found = [
        (segment, period, efforts, int(variant))
        for segment, period, efforts in rows
        for variant in sorted({0, _most_used(space, segment)})
    ]
    planned = Treatments(
        np.array([row[0] for row in found], dtype=np.int64),
        np.array([row[1] for row in found], dtype=np.int64),
        np.array([row[2] for row in found], dtype=np.float64).reshape(len(found), len(instance.levers)),
        np.array([row[3] for row in found], dtype=np.int64),
    )
    return planned.take(space.allows(planned.segment, planned.efforts))


def _vector(instance: Instance, treatment: Treatment) -> list[float]:
    """Efforts by lever."""
    efforts = dict(treatment.efforts)
    return [efforts.get(name, 0.0) for name in instance.lever_names]


def _most_used(space: TreatmentSpace, segment: int) -> int:
    """The variant of a segment that uses most programmes."""
    variants = space.variants(segment)
    return int(variants[np.argmax(space.uses[variants].sum(axis=1))])
