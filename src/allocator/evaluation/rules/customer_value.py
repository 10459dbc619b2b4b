"""Customer value: what all effort is worth to the customers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.rules import CustomerValue
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: CustomerValue, view: View) -> Iterator[Reading]:
    """Worth of the effort in the selected segments, per period."""
    worth = np.tensordot(view.instance.levers.customer_value, view.trajectory.effort.total, axes=1)
    scale = float(np.abs(worth).sum())
    for subject in view.subjects(rule):
        yield from bounds(rule, subject.at(worth), subject=subject, scale=scale)
