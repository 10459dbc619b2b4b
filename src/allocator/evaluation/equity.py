"""Customer equity: in total, by segment where it is earned, and by the customers we have today.

All money here is discounted to today and is the mean over the shocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation.arrays import Floats, sums
from allocator.evaluation.instance import Instance
from allocator.evaluation.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Totals:
    """Parts of customer equity, in money of today."""

    margin: float
    cost: float
    terminal: float

    @property
    def equity(self) -> float:
        """Customer equity."""
        return self.margin + self.terminal - self.cost


def earnings(instance: Instance, trajectory: Trajectory) -> Floats:
    """What each segment earns us before shocks, [S,T+1]: discounted margin, and terminal value last."""
    earned = np.empty_like(trajectory.customers)
    earned[:, :-1] = np.where(instance.ours[:, None], trajectory.margin, 0.0)
    earned[:, -1] = instance.terminal * trajectory.customers[:, -1]
    return np.asarray(earned * instance.weights, dtype=float)


def totals(instance: Instance, trajectory: Trajectory) -> Totals:
    """Expected margin, cost and terminal value."""
    earned = earnings(instance, trajectory) * instance.expected_factor
    cost = float(trajectory.cash.total @ instance.weights[:-1])
    return Totals(float(earned[:, :-1].sum()), cost, float(earned[:, -1].sum()))


def by_segment(instance: Instance, trajectory: Trajectory) -> Floats:
    """Equity earned in each segment, [S]: margin and terminal value less lever cost (set-ups are none) there."""
    earned = (earnings(instance, trajectory) * instance.expected_factor).sum(axis=1)
    return np.asarray(earned - trajectory.cash.lever.sum(axis=0) @ instance.weights[:-1], dtype=float)


def lifetime_values(instance: Instance, trajectory: Trajectory) -> Floats:
    """CLV of one customer of each segment at the start of period 1 under the plan, [S].

    Backwards from the terminal value: what a customer is worth is the mean over the treatments of their
    cell of margin, less lever cost and the share of the set-up of those treated, plus what the customer is
    worth wherever the treatment takes them. Costs that no segment bears are left out. Summed over today's
    customers of all owners and the arrivals by channels, this is the equity of all segments.
    """
    treatments, size = trajectory.treatments, len(instance.segments)
    worth = np.append(instance.weights[-1] * instance.expected_factor[:, -1] * instance.terminal, 0.0)
    cost = _cost_per_customer(instance, trajectory)
    for t in reversed(range(instance.horizon)):
        here = treatments.of(t)
        factor = instance.weights[t] * np.where(instance.ours, instance.expected_factor[:, t], 0.0)
        segment = treatments.segment[here]
        treated = factor[segment] * treatments.margin[here] - instance.weights[t] * cost[here]
        treated += (treatments.probability[here] * worth[instance.destinations[segment]]).sum(axis=1)
        idle = factor * instance.baseline.margin[:, t]
        idle += (instance.baseline.probability[t] * worth[instance.destinations]).sum(axis=1)
        value = sums(segment, trajectory.flow.share[here] * treated, size)
        worth = np.append(value + trajectory.flow.rest[:, t] * idle, 0.0)
    return worth[:-1]


def _cost_per_customer(instance: Instance, trajectory: Trajectory) -> Floats:
    """Lever cost and share of set-ups of a customer in each treatment, [K], undiscounted."""
    treatments, levers = trajectory.treatments, instance.levers
    treated = trajectory.effort.treated
    shared = np.zeros_like(treated)
    np.divide(levers.setup[:, None, None], treated, out=shared, where=treated > 0.0)
    setup = shared[:, treatments.segment, treatments.period].T * (treatments.efforts > 0.0)
    return np.asarray(treatments.efforts @ levers.cost + setup.sum(axis=1), dtype=float)
