"""What channels that share one budget choose at a price of it (the budget's Lagrange multiplier).

    maximise    sum of worth x g(x) - cost x - fixed on          g convex up to its inflection, concave after it
    subject to  sum of take x + fee on <= budget
                on 0 or 1, where a channel has a switch; x = 0 where off, within [low, high] where on
                sum of on over those counted <= most

At a price of the budget every channel decides for itself (Everett 1963): on the concave part of its curve where the
slope is what the spend costs, or at its least spend, or off; of those counted the best ones are on. What they reach,
their spend at its price taken off and the budget at its price added, is a bound on all plans, whatever the price is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allocator.domain.curves import Curve
from allocator.formulation.instance import Floats
from allocator.response.curves import CurveSet, inflection

Bools = NDArray[np.bool_]

_STEPS = 40
"""Most steps of Newton's method; a few are usual."""
_NEAR = 1e-8
"""A step so small, relative to the spend, is the last: after it the distance is about its square."""
_FINE = 1e-13
"""Part of a budget that is rounding."""
_LEAP = 4.0
"""Factor by which a price is moved that is too low by an unknown measure."""
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class OneBudget:
    """The problem; every array is by channel [N], and of channels that are on but for ``switched``, ``counted``."""

    curves: Sequence[Curve]
    worth: Floats
    """Above 0."""
    cost: Floats
    fixed: Floats
    take: Floats
    """At least 0, as is ``fee``."""
    fee: Floats
    low: Floats
    high: Floats
    switched: Bools
    counted: Bools
    """Switched channels of which ``most`` may be on."""
    most: float
    budget: float


@dataclass(frozen=True, slots=True)
class Ranges:
    """A part of the problem: spends of channels that are on, and which may be on, and off [N]."""

    low: Floats
    high: Floats
    may_on: Bools
    may_off: Bools


@dataclass(frozen=True, slots=True)
class Choice:
    """What channels choose at a price: the bound, what they use of the budget, spends [N], which are on, which of these
    are on the concave part of their curve; and whether or not that is chosen, the best spends there, and what being on
    brings more than being off [N]."""

    price: float
    bound: float
    used: float
    spend: Floats
    on: Bools
    curved: Bools
    peak: Floats
    gain: Floats

    def like(self, other: Choice) -> bool:
        """Whether every channel chooses the same part."""
        return bool((self.on == other.on).all() and (self.curved == other.curved).all())


@dataclass(frozen=True, slots=True)
class Allocation:
    """A plan: what is reached, spends and which channels are on [N], and the price at which the budget is spent."""

    objective: float
    spend: Floats
    on: Bools
    price: float


class _Peaks(NamedTuple):
    """Peaks [N]: spends there, what is reached and cannot be exceeded, how slopes fall, and whether they are inside the
    ranges."""

    spend: Floats
    top: Floats
    most: Floats
    falls: Floats
    inside: Bools


class Multiplier:
    """Choices at prices."""

    def __init__(self, problem: OneBudget) -> None:
        self.problem = problem
        self._curves = CurveSet(problem.curves)
        self._turn = np.array([inflection(curve) for curve in problem.curves])
        self._every = np.arange(len(problem.curves))
        self._idle = problem.worth * self._curves.value(self._every, np.zeros(len(self._every)))

    def whole(self) -> Ranges:
        """All there is to choose from."""
        given = self.problem
        return Ranges(given.low, given.high, np.ones(len(given.low), dtype=bool), given.switched)

    def possible(self, ranges: Ranges) -> bool:
        """Whether the budget and the count leave room for what must be."""
        given, must = self.problem, ~ranges.may_off
        least = float((given.take * ranges.low + given.fee)[must].sum())
        return least <= given.budget and int((must & given.counted).sum()) <= given.most

    def typical(self) -> float:
        """About what a unit of budget brings where all is spent."""
        given = self.problem
        gain = given.worth * (self._curves.value(self._every, given.high) - self._curves.value(self._every, given.low))
        return float(max(gain.sum() / max(float(given.take @ given.high), _TINY), _TINY))

    def choose(self, ranges: Ranges, price: float, near: Floats) -> Choice:
        """The best choices at a price; ``near`` are spends [N] to look for peaks from."""
        given, low = self.problem, ranges.low
        rate = (given.cost + price * given.take) / given.worth
        bottom = self._curves.value(self._every, low) - rate * low
        peaks = self._peaks(ranges, rate, bottom, near)
        curved = (peaks.top >= bottom) | (self._turn <= low)
        gain = given.worth * np.maximum(bottom, peaks.most) - given.fixed - price * given.fee - self._idle
        on = self._on(ranges, gain)
        spend = np.where(on, np.where(curved, peaks.spend, low), 0.0)
        used = float(given.take @ spend + given.fee[on].sum())
        bound = float(price * given.budget + self._idle.sum() + gain[on].sum())
        return Choice(price, bound, used, spend, on, on & curved, peaks.spend, gain)

    def _on(self, ranges: Ranges, gain: Floats) -> Bools:
        """Which channels are on, each bringing so much more than off [N]."""
        given = self.problem
        on = ~ranges.may_off | (ranges.may_on & (gain > 0.0))
        free = np.flatnonzero(on & given.counted & ranges.may_off)
        room = given.most - int((on & given.counted).sum()) + len(free)
        if room < len(free):
            on[free[np.argsort(-gain[free], kind="stable")[int(max(room, 0)) :]]] = False
        return on

    def _peaks(self, ranges: Ranges, rate: Floats, bottom: Floats, near: Floats) -> _Peaks:
        """Where curves less their spends at a ``rate`` peak on the concave part of their ranges; roughly where they
        cannot reach ``bottom`` there.

        Newton's method on the logarithms of slope and spend: in these the slope is a concave function, so that from
        anywhere the first step leads to the right of the root, and from there all steps lead down to it.
        """
        start, high = np.clip(self._turn, ranges.low, ranges.high), ranges.high
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            goal, least, most = _log(rate), _log(start), _log(high)
            at = np.clip(_log(near), least, most)
            for _ in range(_STEPS):
                peak = np.where(at <= least, start, np.where(at >= most, high, np.exp(at)))
                value, slope, falls = self._bent(peak)
                # A concave curve lies below its tangent.
                reach = np.where(slope > rate, high - peak, start - peak)
                top = value - rate * peak
                bound = top + np.where(reach == 0.0, 0.0, (slope - rate) * reach)
                after = np.clip(at + (goal - np.log(slope)) / falls, least, most)
                after = np.where(np.isnan(after), least, after)
                moved, at = np.abs(after - at) > _NEAR, after
                if not (moved & (bound >= bottom)).any():
                    break
            # What is reached, and what is not exceeded, are those of a hair beside.
            peak = np.where(at <= least, start, np.where(at >= most, high, np.exp(at)))
        return _Peaks(peak, top, np.where(np.isnan(bound), np.inf, bound), falls, (least < at) & (at < most))

    def _bent(self, spend: Floats) -> tuple[Floats, Floats, Floats]:
        """Values and slopes at spends, and how the logarithm of the slope changes with that of the spend: it falls on
        concave parts."""
        value, slope, bend = self._curves.bent(self._every, spend)
        return value, slope, np.minimum(spend * bend / slope, -0.0)

    def fill(self, ranges: Ranges, choice: Choice) -> Allocation | None:
        """A plan with the parts of a choice, in which the concave parts share the rest of the budget as best they can;
        None where the budget is too small for them."""
        given, curved = self.problem, choice.curved
        spend = np.where(choice.on, ranges.low, 0.0)
        start = np.clip(self._turn, ranges.low, ranges.high)
        rest = given.budget - float(given.take @ np.where(curved, 0.0, spend) + given.fee[choice.on].sum())
        least = float((given.take * start)[curved].sum())
        if least > rest:
            return None
        found, price = self._shared(ranges, choice, rest)
        used = float(given.take[curved] @ found[curved])
        # The search ends a hair beside the root.
        found = found if used <= rest else start + (found - start) * (rest - least) / (used - least)
        spend[curved] = found[curved]
        gain = given.worth * self._curves.value(self._every, spend) - given.cost * spend - given.fixed
        return Allocation(float(np.where(choice.on, gain, self._idle).sum()), spend, choice.on, price)

    def _shared(self, ranges: Ranges, choice: Choice, rest: float) -> tuple[Floats, float]:
        """Spends [N] at which concave parts that are chosen cost the same at the margin and use the ``rest``, and the
        price at which they do: Newton's method between a price that is too low and one that is too high."""
        given, price, near = self.problem, choice.price, choice.peak
        bottom, low, high = np.where(choice.curved, -np.inf, np.inf), -1.0, np.inf
        for _ in range(_STEPS):
            rate = (given.cost + price * given.take) / given.worth
            peaks = self._peaks(ranges, rate, bottom, near)
            left = rest - float(given.take[choice.curved] @ peaks.spend[choice.curved])
            if abs(left) <= _FINE * rest or (left > 0.0 and price == 0.0):
                break
            low, high = (price, high) if left < 0.0 else (low, price)
            with np.errstate(divide="ignore", invalid="ignore"):
                response = given.take / (given.worth * rate * peaks.falls)
            response = np.where(choice.curved & peaks.inside, response, 0.0)
            more, before = float(given.take @ (peaks.spend * response)), price
            price = max(0.0, price + left / more if more < 0.0 else -np.inf * left)
            if not low < price < high:
                price = 0.5 * (low + high) if high < np.inf else _LEAP * max(low, _TINY)
            near = peaks.spend * np.exp(np.clip(response * (price - before), -1.0, 1.0))
        return peaks.spend, price


def _log(amount: Floats) -> Floats:
    """Logarithm, of next to nothing where there is nothing."""
    return np.asarray(np.log(np.maximum(amount, _TINY)))
