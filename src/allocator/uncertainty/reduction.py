"""Fewer scenarios that stand for many: fast forward selection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.distance import cdist

from allocator.uncertainty.likeness import coordinates
from allocator.uncertainty.shocks import Array, ShockSet


def reduce(shocks: ShockSet, stake: Array, keep: int) -> ShockSet:
    """``keep`` of the scenarios with new probabilities, the mean factor of every segment and period kept.

    How unlike two scenarios are :func:`coordinates` says. Kept factors are scaled, segment by segment and period by
    period, so that their mean is what it was; where every kept factor is 0 it cannot be kept.

    Parameters
    ----------
    shocks
        The scenarios to choose from.
    stake
        [S] money a period at stake in each segment, >= 0; all zero counts as equal stakes.
    keep
        How many to keep, >= 1; all stay where there are no more than that.
    """
    if keep >= len(shocks.names):
        return shocks
    points = coordinates(shocks, stake, persistent=shocks.persistent)
    kept, probability = forward_selection(points, shocks.probability, keep)
    factor = shocks.factor[kept]
    mean = np.einsum("w,wst->st", probability, factor)
    scale = np.divide(shocks.mean, mean, out=np.ones_like(mean), where=mean > 0.0)
    return replace(
        shocks,
        names=tuple(shocks.names[position] for position in kept),
        probability=probability,
        factor=factor * scale,
        keep_factor=None if shocks.keep_factor is None else shocks.keep_factor[kept],
    )


def forward_selection(points: Array, probability: Array, keep: int) -> tuple[list[int], Array]:
    """Positions of ``keep`` scenarios and their new probabilities.

    Takes one scenario after another, each time the one that most lowers the probability-weighted
    distance of all scenarios to the nearest kept one (Heitsch and Roemisch 2003, fast forward selection);
    then every scenario gives its probability to the nearest kept one. Nothing is drawn, so the same input
    gives the same answer; of equals the first is taken. Memory and time grow with the square of n.

    Parameters
    ----------
    points
        [n, D] coordinates whose city-block distance says how unlike two scenarios are.
    probability
        [n], sums to 1.
    keep
        How many to keep, 1 <= keep <= n.
    """
    distance = cdist(points, points, metric="cityblock")
    nearest = np.full(len(points), np.inf)
    kept: list[int] = []
    for _ in range(keep):
        left = np.minimum(nearest[:, None], distance)
        total = probability @ left
        total[kept] = np.inf
        best = int(np.argmin(total))
        kept.append(best)
        nearest = np.minimum(nearest, distance[:, best])
    kept.sort()
    owner = np.argmin(distance[:, kept], axis=1)
    gathered = np.zeros(len(kept))
    np.add.at(gathered, owner, probability)
    return kept, gathered
