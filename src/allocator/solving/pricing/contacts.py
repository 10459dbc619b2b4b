"""The limit on a segment's contacts, as a price on each."""

from __future__ import annotations

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.arithmetic import Range, middle
from allocator.solving.pricing.space import CONTACT_SLACK, TreatmentSpace


def toll(space: TreatmentSpace, segment: IntArray, efforts: Range, gradient: Range) -> tuple[FloatArray, BoolArray]:
    """Price per contact [K] >= 0 to charge where a box of ``efforts`` [K, L] goes beyond contacts_max, and which boxes
    do.

    Any price gives a valid bound; a good one is the worth per contact of the lever that the limit cuts
    off when levers are filled in order of worth per contact.
    """
    (low, high), contacts = efforts, space.contacts
    limit = space.contacts_max[segment]
    tight = high @ contacts > limit
    found = np.zeros(len(segment))
    rows = np.flatnonzero(tight)
    if rows.size:
        slope = middle((gradient[0][rows], gradient[1][rows]))
        worth = np.where(contacts > 0.0, slope / np.where(contacts > 0.0, contacts, 1.0), -np.inf)
        order = np.argsort(-worth, axis=1)
        asked = np.take_along_axis((high[rows] - low[rows]) * contacts, order, axis=1).cumsum(axis=1)
        cut = (asked < (limit[rows] - low[rows] @ contacts)[:, None]).sum(axis=1)
        cut = np.minimum(cut, len(contacts) - 1)
        found[rows] = np.maximum(0.0, np.take_along_axis(worth, order, axis=1)[np.arange(len(rows)), cut])
    return found, tight


def spared(space: TreatmentSpace, segment: IntArray, price: FloatArray, efforts: FloatArray) -> FloatArray:
    """What a ``price`` [K] per contact gives back for contacts left free at ``efforts`` [K, L]; 0 where there is no
    limit."""
    limit = space.contacts_max[segment] * (1.0 + CONTACT_SLACK)
    charged = price > 0.0
    return np.where(charged, price * (np.where(charged, limit, 0.0) - efforts @ space.contacts), 0.0)
