"""Customers: how many there are in the selected segments; the end of the horizon, T+1, counts as a period."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.domain.rules import Customers
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: Customers, view: View) -> Iterator[Reading]:
    """Customers of the selected segments, per period."""
    for subject in view.subjects(rule, last=view.instance.horizon + 1):
        yield from bounds(rule, subject.at(view.trajectory.customers), subject=subject, scale=view.crowd)
