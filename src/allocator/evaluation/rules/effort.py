"""Effort: how much of a lever the selected customers get on average."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.domain.rules import Effort
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: Effort, view: View) -> Iterator[Reading]:
    """Total effort beside all selected customers, per period."""
    lever = view.lever(rule.lever)
    total, scale = view.trajectory.effort.total[lever], view.crowd * float(view.instance.levers.max[lever])
    for subject in view.subjects(rule):
        everyone = subject.at(view.trajectory.customers)
        yield from bounds(rule, subject.at(total), subject=subject, base=everyone, scale=scale)
