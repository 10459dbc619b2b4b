"""Coverage: the share of the selected customers who get at least so much of a lever."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.domain.rules import Coverage
from allocator.evaluation.arrays import sums
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: Coverage, view: View) -> Iterator[Reading]:
    """Customers reached beside all selected customers, per period."""
    treatments, instance = view.trajectory.treatments, view.instance
    enough = treatments.efforts[:, view.lever(rule.lever)] >= rule.min_effort * (1.0 - 1e-9)
    cell = treatments.segment * instance.horizon + treatments.period
    size = (len(instance.segments), instance.horizon)
    reached = sums(cell, view.trajectory.flow.served * enough, size[0] * size[1]).reshape(size)
    for subject in view.subjects(rule):
        everyone = subject.at(view.trajectory.customers)
        keys = ("min_share", "max_share")
        yield from bounds(rule, subject.at(reached), subject=subject, keys=keys, base=everyone, scale=view.crowd)
