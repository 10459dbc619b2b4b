"""The most customers that there can be, whatever the plan."""

from __future__ import annotations

import numpy as np

from allocator.formulation.instance import Floats, Instance
from allocator.solving.pricing import Pricer, reach


def most_brought(instance: Instance) -> Floats:
    """[T, S] the most customers whom channels may win for a segment in a period; they are there in the next."""
    if instance.branches:
        return np.concatenate([most_brought(branch) for branch in instance.branches], axis=1)
    brought = np.zeros((instance.horizon, len(instance.segments)))
    for name, channel in instance.channels.items():
        for segment, share in channel.into.items():
            brought[:, instance.segment_index[segment]] += share * max(0.0, instance.largest_answer[name])
    return brought


def most_reachable(instance: Instance) -> Floats:
    """[S, T+1] the tightest bound on customers in a segment and period."""
    if instance.branches:
        alike = instance.shocks is None or instance.shocks.keep_factor is None
        found = [most_reachable(branch) for branch in instance.branches[: 1 if alike else None]]
        return np.concatenate(found * (len(instance.branches) if alike else 1))
    plain = Pricer(instance.table, instance.model, ())
    return np.asarray(reach(instance.table, plain, instance.customers_now, most_brought(instance)))
