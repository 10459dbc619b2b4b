"""Change: total effort stays within a share of the current plan's, per segment and period."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.rules import Change
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View


def read(rule: Change, view: View) -> Iterator[Reading]:
    """Effort of each lever in each selected segment beside the current plan's, above and below."""
    if rule.max is None:
        return
    before, after = view.current_efforts(), view.trajectory.effort.total
    names = view.instance.levers.names
    levers = range(len(names)) if rule.lever is None else [view.lever(rule.lever)]
    label = rule.name or rule.rule
    for lever in levers:
        name = f"{label} ({names[lever]})" if rule.lever is None else label
        scale = view.crowd * float(view.instance.levers.max[lever])
        places = view.instance.selected(rule.where) & view.instance.levers.reaches[lever]
        for period in view.periods(rule):
            for position in np.flatnonzero(places):
                for sense, factor in (("min", max(1.0 - rule.max, 0.0)), ("max", 1.0 + rule.max)):
                    yield Reading(
                        kind=rule.rule,
                        name=name,
                        sense="min" if sense == "min" else "max",
                        limit=factor * float(before[lever, position, period]),
                        amount=float(after[lever, position, period]),
                        scale=scale,
                        period=period + 1,
                        segment=view.instance.segments[position],
                    )
