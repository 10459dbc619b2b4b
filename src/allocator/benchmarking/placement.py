"""Where a plan puts money and people's time: by segment and channel, in money."""

from __future__ import annotations

import numpy as np

from allocator.evaluation import Evaluator, Trajectory
from allocator.evaluation.arrays import Floats
from allocator.evaluation.instance import Instance


def placement(evaluator: Evaluator, trajectory: Trajectory) -> tuple[tuple[str, float], ...]:
    """Segments and channels with what is given to each over all periods, undiscounted.

    Efforts count their cost and set-ups and, for every hour of their people, what an hour costs by wages and
    productive hours; units of fixed resources count at their cost. Channels count their spend, or its hours.
    """
    instance = evaluator.instance
    rate = _hourly(instance)
    priced = instance.levers.hours @ rate
    units = instance.levers.hours.sum(axis=2)
    each = np.divide(priced, units, out=np.zeros_like(priced), where=units > 0.0)
    people = (trajectory.effort.hours * each[:, :, None]).sum(axis=(0, 2))
    by_segment = trajectory.cash.segments.sum(axis=1) + people
    fed = instance.channels.input_hours @ rate
    by_channel = trajectory.cash.channel.sum(axis=1) + fed * trajectory.channels.spend.sum(axis=1)
    names = (*instance.segments, *instance.channels.names)
    return tuple(zip(names, [*by_segment.tolist(), *by_channel.tolist()], strict=True))


def _hourly(instance: Instance) -> Floats:
    """[R] money for an hour of each resource's people, or for a unit."""
    resources = instance.resources
    wages = np.divide(resources.wage, resources.hours, out=np.zeros_like(resources.wage), where=resources.hours > 0.0)
    return np.asarray(wages + resources.unit_cost)
