"""Whole customers assigned to treatments, within the hours that are there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation.arrays import Floats, Ints
from allocator.evaluation.flows import over
from allocator.evaluation.instance import Instance
from allocator.evaluation.simulation.stages import Stage


def assign(stage: Stage, customers: Ints, draws: Floats) -> Ints:
    """Split the ``customers`` [B,S] of each segment over its treatments and no effort, [B,J].

    The shares' whole numbers are found by one uniform draw [B,S] per cell (systematic sampling): nobody is
    treated twice, and the expected number of each treatment is exactly its share.
    """
    chosen = stage.segment[: stage.upper.size]
    present, offset = customers[:, chosen], draws[:, chosen]
    treated = np.floor(stage.upper * present + offset) - np.floor(stage.lower * present + offset)
    counts = treated.astype(np.int64)
    idle = customers.copy()
    for k, segment in enumerate(chosen.tolist()):
        idle[:, segment] -= counts[:, k]
    return np.concatenate([counts, np.maximum(idle, 0)], axis=1)


@dataclass(slots=True)
class Demand:
    """What uses resources in one period of B replications; :meth:`fit` cuts it to what is there."""

    instance: Instance
    stage: Stage
    counts: Ints
    """[B,J] customers by treatment."""
    spend: Floats
    """[B,C] of the channels."""
    arrivals: Ints
    """[B,C,S] new customers of the period."""

    def hours(self) -> Floats:
        """Hours or units asked for, [B,R]."""
        channels = self.instance.channels
        taken = self.counts @ self.stage.hours + self.spend @ channels.input_hours
        return np.asarray(taken + np.einsum("bcs,csr->br", self.arrivals, channels.uses_at), dtype=float)

    def fit(self, most: Floats) -> None:
        """Cut use of the worst over-used resource, again and again, until all fits in ``most`` [R].

        Users are cut alike, in whole customers; who is cut gets no effort, new customers do not come.
        """
        for _ in range(2 * most.size + 1):
            used = self.hours()
            exceeded = over(used, most)
            rows = np.flatnonzero(exceeded.any(axis=1))
            if rows.size == 0:
                return
            ratio = np.where(exceeded[rows], used[rows] / np.maximum(most, 1e-300), 0.0)
            worst = ratio.argmax(axis=1)
            factor = np.maximum(most[worst], 0.0) / used[rows, worst]
            self._cut(rows, worst, factor)

    def _cut(self, rows: Ints, resource: Ints, factor: Floats) -> None:
        """Cut the users of ``resource`` [rows] by ``factor`` [rows]."""
        channels, size = self.instance.channels, len(self.instance.segments)
        users = self.stage.hours.T[resource] > 0.0
        kept = np.where(users, np.floor(self.counts[rows] * factor[:, None] + 1e-9), self.counts[rows])
        cut = self.counts[rows] - kept.astype(np.int64)
        self.counts[rows] -= cut
        for k, segment in enumerate(self.stage.segment[:-size].tolist()):
            self.counts[rows, self.stage.upper.size + segment] += cut[:, k]
        fed = channels.input_hours.T[resource] > 0.0
        spend = self.spend[rows] * factor[:, None]
        spend = np.where(spend < channels.min * (1.0 - 1e-6), 0.0, spend)
        self.spend[rows] = np.where(fed, spend, self.spend[rows])
        served = np.moveaxis(channels.uses_at, 2, 0)[resource] > 0.0
        come = np.floor(self.arrivals[rows] * factor[:, None, None] + 1e-9).astype(np.int64)
        self.arrivals[rows] = np.where(served, come, self.arrivals[rows])
