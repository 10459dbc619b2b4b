"""Active: how many segments use a lever, or how many channels are used."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.rules import Active
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: Active, view: View) -> Iterator[Reading]:
    """Segments where anyone gets effort, or channels with spend, per period."""
    trajectory = view.trajectory
    named = np.isin(view.instance.channels.names, rule.channels or ())
    for subject in view.subjects(rule):
        if rule.lever is not None:
            count = subject.at((trajectory.effort.treated[view.lever(rule.lever)] > 0.0).astype(float))
        else:
            count = float((trajectory.channels.spend[named, subject.period] > 0.0).sum())
        yield from bounds(rule, count, subject=subject)
