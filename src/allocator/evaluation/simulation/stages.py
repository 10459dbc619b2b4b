"""What each period of a plan holds for those who live through it: constants of the simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.evaluation.evaluator import Evaluator
from allocator.evaluation.instance import Instance
from allocator.evaluation.plan_arrays import PlanArrays
from allocator.evaluation.staffing import Capacity
from allocator.evaluation.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Stage:
    """One period: its K treatments and, after them, no effort for each of the S segments; J = K + S in all."""

    segment: Ints
    """[J]"""
    lower: Floats
    """[K] share of the segment treated by the treatments before this one."""
    upper: Floats
    """[K] the same with this one."""
    efforts: Floats
    """[J,L]"""
    boosts: Floats
    """[J,L] factors of the programmes used."""
    hours: Floats
    """[J,R] per customer; 0 without effort."""
    cost: Floats
    """[J] lever cost per customer."""
    treated: Bools
    """[J] whether there is any effort."""
    probability: Floats
    """[J,D+1] chance of each destination, and of leaving last."""
    margin: Floats
    """[J] money per customer to us; 0 where the customer is not ours."""


@dataclass(frozen=True, slots=True)
class Journey:
    """A plan ready for simulation."""

    instance: Instance
    stages: tuple[Stage, ...]
    capacity: Capacity
    spend: Floats
    """[C,T] as the plan asks, without that on locked channels."""
    fixed_cost: Floats
    """[T] wages, hiring, release and programmes."""


def journey(evaluator: Evaluator, plan: PlanArrays) -> Journey:
    """Prepare a plan; what it cannot do is left out as in ``evaluate``, capacity is left to the simulation."""
    instance = evaluator.instance
    trajectory = evaluator.run(plan, repair=False)
    cash = trajectory.cash
    people = (cash.wages + cash.hiring + cash.release).sum(axis=0)
    return Journey(
        instance=instance,
        stages=tuple(_stage(instance, trajectory, period) for period in range(instance.horizon)),
        capacity=trajectory.capacity,
        spend=trajectory.channels.spend,
        fixed_cost=np.asarray(people + cash.programme.sum(axis=0), dtype=float),
    )


def _stage(instance: Instance, trajectory: Trajectory, period: int) -> Stage:
    treatments, levers, size = trajectory.treatments, instance.levers, len(instance.segments)
    here = treatments.of(period)
    chosen = treatments.segment[here]
    segment = np.concatenate([chosen, np.arange(size)])
    efforts = np.concatenate([treatments.efforts[here], np.zeros((size, len(levers.names)))])
    uses = treatments.uses[here]
    boosts = np.ones_like(efforts)
    for programme in np.flatnonzero(uses.any(axis=0)):
        boosts[: chosen.size][uses[:, programme]] *= instance.programmes.boosts[programme]
    probability = np.concatenate([treatments.probability[here], instance.baseline.probability[period]])
    margin = np.concatenate([treatments.margin[here], instance.baseline.margin[:, period]])
    upper = _running_shares(chosen, treatments.share[here])
    return Stage(
        segment=segment,
        lower=upper - treatments.share[here],
        upper=upper,
        efforts=efforts,
        boosts=boosts,
        hours=np.concatenate([treatments.hours[here], np.zeros((size, treatments.hours.shape[1]))]),
        cost=efforts @ levers.cost,
        treated=np.asarray((efforts > 0.0).any(axis=1), dtype=bool),
        probability=with_leaving(probability),
        margin=np.where(instance.ours[segment], margin, 0.0),
    )


def _running_shares(segment: Ints, share: Floats) -> Floats:
    """Sum of the shares of a segment's treatments up to and with each, [K]; treatments come by segment."""
    total = np.cumsum(share)
    starts = np.flatnonzero(np.diff(segment, prepend=-1))
    before = (total - share)[starts]
    sizes = np.diff(np.append(starts, segment.size))
    return np.asarray(total - np.repeat(before, sizes), dtype=float)


def with_leaving(probability: Floats) -> Floats:
    """Add the chance of leaving as the last column, so that rows sum to 1 within rounding."""
    leaving = np.maximum(1.0 - probability.sum(axis=-1, keepdims=True), 0.0)
    complete = np.concatenate([probability, leaving], axis=-1)
    return np.asarray(complete / complete.sum(axis=-1, keepdims=True), dtype=float)
