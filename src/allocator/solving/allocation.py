"""Channels that share one budget, solved by branch and bound on the budget's price.

The price at which the bound of :mod:`multiplier` is least lies between one at which too much is spent and one at which
the budget does, where the tangents of the bound at the two meet. Where the choices on both sides differ, no price
spends just the budget; either choice, its concave parts spending the rest at a price of their own, is a plan. A channel
whose choices differ is what is branched on: on or off, or the lower or the upper part of its range.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocator.formulation.instance import Floats
from allocator.solving.deadline import Deadline
from allocator.solving.multiplier import Allocation, Choice, Multiplier, Ranges

_STEPS = 60
"""Most prices looked at in a node; ten are usual."""
_SHARP, _SHARE = 1e-10, 0.01
"""How near the least bound of a node is found, relative to it; as a part of the gap asked for, if that is more."""
_FAR, _NEAR, _LEAP = 2.0, 1.02, 4.0
"""First factors by which a price is moved until it spends the budget, or no longer does, from a guess and from a node's
to that of its parts; and the largest."""
_INNER = 0.1
"""Part of a range that a cut leaves on either side at least."""


@dataclass(frozen=True, slots=True)
class _Node:
    """Ranges, and what is chosen on both sides of the best price: too much, and what the budget does for."""

    ranges: Ranges
    over: Choice
    under: Choice

    @property
    def bound(self) -> float:
        """What no plan in these ranges exceeds."""
        return min(self.over.bound, self.under.bound)


class BranchAndBound:
    """Finds the best allocation and proves it."""

    def __init__(self, multiplier: Multiplier) -> None:
        self.multiplier = multiplier
        self.best: Allocation | None = None
        self._budget = multiplier.problem.budget
        self._gap = self._constant = self._sharp = 0.0

    def run(self, gap: float, deadline: Deadline, *, constant: float, most_nodes: int) -> float:
        """Improve ``best`` until it is within ``gap`` of the bound, relative to it with a ``constant`` added, or so
        many nodes have been looked into; returns the bound, minus infinity where there is no plan."""
        multiplier, numbers, looked, closed = self.multiplier, itertools.count(), 0, -np.inf
        self._gap, self._constant, self._sharp = gap, constant, max(_SHARP, _SHARE * gap)
        heap: list[tuple[float, int, _Node]] = []
        fresh = [self._node(multiplier.whole(), multiplier.typical(), multiplier.problem.high, _FAR)]
        while True:
            for node in fresh:
                if node is not None:
                    heapq.heappush(heap, (-node.bound, next(numbers), node))
            if not heap:
                return closed
            bound, _, node = heap[0]
            if -bound <= max(closed, self._enough) or looked >= most_nodes or deadline.passed:
                return max(closed, -bound)
            heapq.heappop(heap)
            looked += 1
            if node.over.like(node.under):
                # Nothing to branch on: what is missing is rounding.
                closed = max(closed, node.bound)
            price, near = node.under.price, node.under.peak
            fresh = [self._node(ranges, price, near, _NEAR) for ranges in self._parts(node)]

    @property
    def _enough(self) -> float:
        """A bound no higher than this needs no better plan."""
        return -np.inf if self.best is None else self._reached + self._gap * abs(self._reached + self._constant)

    @property
    def _reached(self) -> float:
        return -np.inf if self.best is None else self.best.objective

    def _node(self, ranges: Ranges, price: float, near: Floats, growth: float) -> _Node | None:
        """Choices at the best price, both made a plan; None where there is none. The search starts from a price and
        from peaks [N] ``near`` those there, and ends where the node is no longer of use."""
        multiplier = self.multiplier
        if not multiplier.possible(ranges):
            return None
        over, under = self._sides(ranges, multiplier.choose(ranges, price, near), growth)
        for _ in range(_STEPS):
            bound, (price, least) = min(over.bound, under.bound), self._meet(over, under)
            if bound > self._enough and over.like(under):
                plan = self._fill(ranges, under)
                price = plan.price if plan is not None and over.price < plan.price < under.price else price
            if bound <= self._enough or bound - least <= self._sharp * abs(least):
                break
            if not over.price < price < under.price:
                break
            choice = multiplier.choose(ranges, price, under.peak)
            over, under = (choice, under) if choice.used > self._budget else (over, choice)
        for side in () if over.like(under) else (under, over):
            if min(over.bound, under.bound) > self._enough:
                self._fill(ranges, side)
        return _Node(ranges, over, under)

    def _fill(self, ranges: Ranges, choice: Choice) -> Allocation | None:
        """A plan with the parts of a choice; it is kept if it is the best."""
        plan = self.multiplier.fill(ranges, choice)
        if plan is not None and plan.objective > self._reached:
            self.best = plan
        return plan

    def _sides(self, ranges: Ranges, first: Choice, growth: float) -> tuple[Choice, Choice]:
        """Choices that use too much, and that the budget does for, starting from those at some price; twice the same
        where the budget does for all, no price is high enough, or these are of no use."""
        before = first
        for _ in range(_STEPS):
            dear = before.used > self._budget
            price = before.price * growth if dear else before.price / growth
            after = self.multiplier.choose(ranges, price, before.peak)
            if after.bound <= self._enough:
                return after, after
            if (after.used > self._budget) != dear:
                return (before, after) if dear else (after, before)
            before, growth = after, min(growth**2, _LEAP)
        if before.used <= self._budget:
            before = self.multiplier.choose(ranges, 0.0, before.peak)
        return before, before

    def _meet(self, over: Choice, under: Choice) -> tuple[float, float]:
        """Where the tangents of the bound meet: its slope is the budget less what is used."""
        down, up = self._budget - over.used, self._budget - under.used
        if up <= down:
            return under.price, min(over.bound, under.bound)
        price = (over.bound - under.bound + up * under.price - down * over.price) / (up - down)
        return price, over.bound + down * (price - over.price)

    def _parts(self, node: _Node) -> Iterator[Ranges]:
        """The two parts of a node, by the channel whose choices differ most."""
        over, under, ranges, given = node.over, node.under, node.ranges, self.multiplier.problem
        if over.like(under):
            return
        differ = (over.on != under.on) | (over.curved != under.curved)
        uses = given.take * np.abs(over.spend - under.spend) + given.fee * (over.on != under.on)
        channel = int(np.argmax(np.where(differ, uses, -1.0)))
        if over.on[channel] != under.on[channel]:
            for name in ("may_on", "may_off"):
                allowed = getattr(ranges, name).copy()
                allowed[channel] = False
                yield replace(ranges, **{name: allowed})
            return
        part = (self._budget - under.used) / max(over.used - under.used, 1e-300)
        low, high = sorted((float(over.spend[channel]), float(under.spend[channel])))
        cut = low + min(max(part, _INNER), 1.0 - _INNER) * (high - low)
        for name in ("high", "low"):
            bounds = getattr(ranges, name).copy()
            bounds[channel] = cut
            yield replace(ranges, **{name: bounds})
