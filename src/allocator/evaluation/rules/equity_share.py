"""Equity share: our part of what the customers of all owners are worth to their owners, before cost.

A rival's customers count at the rival's margins while they are the rival's, and at the end everyone counts
with what they are worth to the rival: V = m + beta P V with m = 0 where the owner is not the rival. Owner
`market` is left out. Our own part is the mean over the shocks; other owners' part does not vary.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.model import MARKET, OWN
from allocator.domain.rules import EquityShare
from allocator.evaluation.arrays import Floats
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: EquityShare, view: View) -> Iterator[Reading]:
    """Our worth beside that of all owners."""
    owners = {segment.owner for segment in view.instance.model.segments} - {MARKET}
    worth = {owner: _worth(owner, view) for owner in sorted(owners)}
    everyone = sum(worth.values(), np.zeros(len(view.instance.segments)))
    ours = worth.get(OWN, np.zeros_like(everyone))
    for segments, alone in view.groups(rule):
        base = float(everyone[segments].sum())
        yield from bounds(rule, float(ours[segments].sum()), alone=alone, base=base, scale=abs(base))


def _worth(owner: str, view: View) -> Floats:
    """Discounted margin of an owner's customers and their terminal value to the owner, by segment, [S]."""
    instance, trajectory = view.instance, view.trajectory
    factor = instance.expected_factor if owner == OWN else np.ones_like(instance.expected_factor)
    held = np.array([segment.owner == owner for segment in instance.model.segments])
    margin = np.where(held[:, None], trajectory.margin, 0.0) * factor[:, :-1] @ instance.weights[:-1]
    value = instance.response.terminal_values(instance.scenario, owner) * factor[:, -1] * instance.weights[-1]
    return np.asarray(margin + value * trajectory.customers[:, -1], dtype=float)
