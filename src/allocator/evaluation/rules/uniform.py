"""Uniform: everyone in a segment and period gets the same treatment, or the same effort of one lever."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.rules import Uniform
from allocator.evaluation.arrays import DUST, Floats
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View

SAME = 1e-9
"""Efforts nearer to each other than this, relative to the lever's maximum, are the same."""


def read(rule: Uniform, view: View) -> Iterator[Reading]:
    """Number of different treatments in each selected segment and period; at most 1 is asked."""
    kinds = _kinds(rule, view)
    chosen, treatments = view.instance.selected(rule.where), view.trajectory.treatments
    for period in view.periods(rule):
        here = treatments.of(period)
        for position in np.flatnonzero(chosen):
            if view.trajectory.customers[position, period] <= 0.0:
                continue
            given = (treatments.segment[here] == position) & (view.trajectory.flow.share[here] > DUST)
            different = {tuple(row) for row in kinds[here][given].tolist()}
            if view.trajectory.flow.rest[position, period] > DUST:
                different.add((0.0,) * kinds.shape[1])
            yield Reading(
                kind=rule.rule,
                name=rule.name or rule.rule,
                sense="max",
                limit=1.0,
                amount=float(len(different)),
                period=period + 1,
                segment=view.instance.segments[position],
            )


def _kinds(rule: Uniform, view: View) -> Floats:
    """What tells treatments apart, [K, columns]: efforts in steps of SAME, and the programmes used."""
    treatments = view.trajectory.treatments
    steps = np.round(treatments.efforts / (SAME * view.instance.levers.max))
    if rule.lever is not None:
        return np.asarray(steps[:, [view.lever(rule.lever)]], dtype=float)
    return np.concatenate([steps, treatments.uses.astype(float)], axis=1)
