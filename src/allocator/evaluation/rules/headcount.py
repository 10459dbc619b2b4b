"""Headcount: heads in the named resources together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.rules import Headcount
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: Headcount, view: View) -> Iterator[Reading]:
    """Heads, per period."""
    named = np.isin(view.instance.resources.names, rule.resources)
    heads = view.trajectory.capacity.heads[named].sum(axis=0)
    for subject in view.subjects(rule):
        yield from bounds(rule, float(heads[subject.period]), subject=subject)
