"""Receivables: revenue of our customers that is not collected yet."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.rules import Receivables
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: Receivables, view: View) -> Iterator[Reading]:
    """Sum of customers x revenue x collection_days / days in a period, over our segments that state both."""
    segments, days = view.instance.model.segments, view.instance.scenario.calendar.days
    owed = [(s.revenue or 0.0) * (s.collection_days or 0.0) / days if s.ours else 0.0 for s in segments]
    amounts = np.array(owed)[:, None] * view.trajectory.customers
    for subject in view.subjects(rule):
        yield from bounds(rule, subject.at(amounts), subject=subject, scale=float(amounts.max(initial=0.0)))
