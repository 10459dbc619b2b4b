"""Programmes of a plan: from start to working, what they need, what they unlock."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.evaluation import Violation
from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.evaluation.instance import Instance


def working(instance: Instance, start: Ints) -> Bools:
    """Whether each programme works in each period, [G,T]: from ``lead`` periods after its start."""
    periods = np.arange(instance.horizon)
    ready = start + instance.programmes.lead
    return np.asarray((start >= 0)[:, None] & (periods[None, :] >= ready[:, None]), dtype=bool)


def locked(unlocks: Bools, active: Bools) -> Bools:
    """Whether a thing lacks a programme that it needs, [things,T].

    ``unlocks`` is [G,things]; ``active`` is what :func:`working` gives. All programmes that unlock
    a thing must be working.
    """
    return np.asarray(unlocks.T.astype(np.int64) @ (~active).astype(np.int64) > 0, dtype=bool)


def cash(instance: Instance, start: Ints) -> Floats:
    """Money spent on each programme, [G,T]: ``cost`` at the start and ``running`` from then on."""
    periods = np.arange(instance.horizon)
    started = (start >= 0)[:, None] & (periods[None, :] >= start[:, None])
    first = periods[None, :] == start[:, None]
    return np.asarray(
        instance.programmes.cost[:, None] * first + instance.programmes.running[:, None] * started, dtype=float
    )


def violations(instance: Instance, start: Ints) -> Iterator[Violation]:
    """Starts outside their window, without what they require, or beside what they exclude."""
    at = dict(zip(instance.programmes.names, start.tolist(), strict=True))
    lead = dict(zip(instance.programmes.names, instance.programmes.lead.tolist(), strict=True))
    for name, programme in instance.model.programmes.items():
        begin = at[name]
        if begin < 0:
            continue
        if programme.window and not programme.window[0] <= begin + 1 <= programme.window[1]:
            nearest = min(max(begin + 1, programme.window[0]), programme.window[1])
            yield Violation("window", name, begin + 1, nearest, begin + 1, abs(begin + 1 - nearest))
        for needed in programme.requires:
            ready = at[needed] + lead[needed] if at[needed] >= 0 else instance.horizon
            if ready > begin:
                label = f"{name} requires {needed}"
                yield Violation("requires", label, begin + 1, begin + 1, ready + 1, ready - begin)
        for other in programme.excludes:
            if at[other] >= 0:
                yield Violation("excludes", f"{name} excludes {other}", begin + 1, 0.0, 1.0, 1.0)
