"""Spend: cash on the selected segments, and what part of all cash of the period that is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.rules import SpendRule
from allocator.domain.selection import where_within
from allocator.evaluation.arrays import Floats
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: SpendRule, view: View) -> Iterator[Reading]:
    """Lever cost and set-up of the selected segments, and channels that lie within `where`, per period."""
    cash = view.trajectory.cash
    elsewhere = _elsewhere(rule, view)
    for subject in view.subjects(rule):
        spent = subject.at(cash.segments) + float(elsewhere[subject.period])
        everything = float(cash.total[subject.period])
        yield from bounds(rule, spent, subject=subject, scale=view.money)
        keys = ("min_share", "max_share")
        yield from bounds(rule, spent, subject=subject, keys=keys, base=everything, scale=view.money)


def _elsewhere(rule: SpendRule, view: View) -> Floats:
    """Cash that no segment bears and the rule counts, [T]: all without `where`, none for a segment alone."""
    cash = view.trajectory.cash
    if rule.each is not None:
        return np.zeros(view.instance.horizon)
    if not rule.where:
        return np.asarray(cash.total - cash.segments.sum(axis=0), dtype=float)
    within = [where_within(rule.where, channel.where) for channel in view.instance.model.channels.values()]
    return np.asarray(np.array(within, dtype=float) @ cash.channel, dtype=float)
