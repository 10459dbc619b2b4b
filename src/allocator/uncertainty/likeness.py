"""How unlike shock scenarios are, and which of those known is the nearest to another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from allocator.domain.scenario import Scenario
from allocator.uncertainty.shocks import Array, ShockSet

_LITTLE = 1e-6
"""Least share of the largest stake that a segment counts with."""


def stake(scenario: Scenario) -> Array:
    """Money a period at stake in each segment, [S]: what our customers there earn today."""
    return np.array([abs(s.customers * s.margin) if s.ours else 0.0 for s in scenario.model.segments])


def coordinates(shocks: ShockSet, stake: Array, *, persistent: bool) -> Array:
    """[W, D] whose city-block distance says how unlike two scenarios are.

    That is by how much the money of their groups of segments differs, summed over groups and periods, and their
    odds of staying, weighed alike.

    Parameters
    ----------
    shocks
        The scenarios.
    stake
        [S] money a period at stake in each segment, >= 0; all zero counts as equal stakes.
    persistent
        Whether the first period says all there is to say.
    """
    labels = list(dict.fromkeys(shocks.groups))
    member = np.array([[label == group for label in labels] for group in shocks.groups], dtype=np.float64)
    shares = member * (stake if stake.any() else np.ones_like(stake))[:, None]
    periods = slice(0, 1) if persistent else slice(None)
    both = np.concatenate([shocks.factor[:, :, periods], shocks.odds[:, :, periods]], axis=2)
    return np.asarray(np.einsum("wst,sg->wgt", both, shares / shares.sum()).reshape(len(shocks.names), -1))


def nearest(known: ShockSet, others: ShockSet, scenario: Scenario) -> NDArray[np.int64]:
    """Position of the known shock scenario that each of the others is least unlike; of equals the first.

    Segments with next to nothing at stake count a little, so that none but the same shock scenario is at distance 0.
    """
    money = stake(scenario)
    money = np.maximum(money, _LITTLE * money.max())
    persistent = known.persistent and others.persistent
    here, there = (coordinates(shocks, money, persistent=persistent) for shocks in (known, others))
    return np.asarray(cdist(there, here, metric="cityblock").argmin(axis=1), dtype=np.int64)
