"""The best customers first: everything for the top tier, then the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Floats, Ints
from allocator.policies.mechanics import Period, Setting, best_plan


def tiers(setting: Setting) -> Ints:
    """[S] rank of each segment's tier, 0 the best, by margin per customer today.

    Segments of ours without a tier stand for themselves; those of other owners come after all of ours.
    """
    segments = setting.instance.model.segments
    labels = [segment.tier or segment.name if segment.ours else "" for segment in segments]
    worth: dict[str, float] = {"": -np.inf}
    for label in labels:
        inside = [segment for segment, own in zip(segments, labels, strict=True) if own == label]
        customers = sum(segment.customers for segment in inside)
        earned = sum(segment.customers * segment.margin for segment in inside)
        if label:
            worth[label] = earned / customers if customers else max(segment.margin for segment in inside)
    order = sorted(worth, key=lambda label: -worth[label])
    return np.array([order.index(label) for label in labels])


@dataclass(frozen=True, slots=True)
class TiersInTurn:
    """Every lever to its most for the top tier, then with what is left for the next; channels last."""

    rank: Ints

    def allot(self, period: Period) -> None:
        """Fill tier by tier, then the channels."""
        setting = period.setting
        closed = np.zeros(setting.channels)
        for rank in range(int(self.rank.max()) + 1):
            period.fill(setting.item_amounts((self.rank == rank).astype(np.float64), closed))
        period.fill(setting.item_amounts(np.zeros(setting.segments), self._arrivals(setting)))

    def _arrivals(self, setting: Setting) -> Floats:
        """[C] channels by the tier that their new customers come into, the better the sooner."""
        return 1.0 / (1.0 + setting.instance.channels.into @ self.rank.astype(np.float64))


@dataclass(frozen=True, slots=True)
class TopTierFirst:
    """The classic of key account management: the most valuable tier gets all it can take."""

    name: str = "top_tier_first"
    title: str = "Top tier first"

    def plan(self, scenario: Scenario) -> Plan:
        """Plan that serves tier after tier."""
        return best_plan(scenario, lambda setting: TiersInTurn(tiers(setting)))
