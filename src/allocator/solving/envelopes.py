"""Supporting lines of the concave and convex envelopes of response curves on intervals, many at once.

A curve is concave, convex, or one and then the other with a single inflection, or linear between points. Below the
point where the line from the far end touches it, the concave envelope of an S-curve is that line; beyond, it is the
curve itself. The convex envelope of a curve is the concave one of its negative.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from allocator.domain.curves import Adbudg, Curve, Exponential, Points
from allocator.formulation.instance import Floats, Ints
from allocator.response.curves import CurveSet, inflection
from allocator.response.scalar import value_at

Bools = NDArray[np.bool_]
Sides = Floats
"""[K] 1 for a line above the curve, -1 for one below."""

_REACH = 1e-12
"""Width at which an interval around a root is small enough, as a part of the first."""
_STEPS = 200
"""Most steps towards a root; about ten are usual."""
_START = 1e-9
"""Part of the range, from 0, on which an S-curve may be infinitely steep: tangents are taken to the right of it."""


class Envelopes:
    """Envelopes of curves on [low, high] [K], in units of stock; ``curve`` [K] are numbers of ``curves``."""

    def __init__(self, curves: Sequence[Curve], curve: Ints, low: Floats, high: Floats) -> None:
        self.curves = curves
        self.curve, self.low, self.high = curve, low, high
        self._set = CurveSet(curves)
        self._inflection = np.array([inflection(one) for one in curves])
        self._bend = np.array([_first_bend(one) for one in curves])
        self._pointed = np.array([isinstance(one, Points) for one in curves], dtype=bool)
        self._touches = {1.0: np.full(len(low), np.nan), -1.0: np.full(len(low), np.nan)}

    def append(self, curve: Ints, low: Floats, high: Floats) -> Ints:
        """Add envelopes; returns their numbers."""
        first, count = len(self.low), len(low)
        self.curve = np.concatenate([self.curve, curve])
        self.low, self.high = np.concatenate([self.low, low]), np.concatenate([self.high, high])
        for side, touches in self._touches.items():
            self._touches[side] = np.concatenate([touches, np.full(count, np.nan)])
        return np.arange(first, first + count)

    def end(self, chosen: Ints, high: Floats) -> None:
        """Let intervals end sooner."""
        self.high[chosen] = high
        for touches in self._touches.values():
            touches[chosen] = np.nan

    def values(self, chosen: Ints, stock: Floats) -> Floats:
        """The curves themselves [K] at stocks [K]; a hair below 0 is 0."""
        return self._set.value(self.curve[chosen], np.maximum(0.0, stock))

    def lines(self, chosen: Ints, stock: Floats, side: Sides) -> tuple[Floats, Floats]:
        """Intercepts and slopes [K] of lines that lie on one side of the curve on the whole interval, touching the
        envelope at ``stock`` [K]."""
        low, high = self.low[chosen], self.high[chosen]
        stock = np.clip(stock, low, high)
        touch, head = self.touches(chosen, side)
        tangent = np.where(head, stock < touch, stock > touch)
        intercept, slope = self.tangents(chosen, np.where(tangent, stock, np.clip(touch, low, high)))
        chord = ~tangent & (touch == np.where(head, low, high)) & ~self._pointed[self.curve[chosen]]
        if chord.any():
            intercept[chord], slope[chord] = self._chords(chosen[chord])
        lifted = ~tangent & ~chord
        if lifted.any():
            far = np.where(head, high, low)[lifted]
            beyond = self.values(chosen[lifted], far) - intercept[lifted] - slope[lifted] * far
            intercept[lifted] += side[lifted] * np.maximum(0.0, side[lifted] * beyond)
        for place in np.flatnonzero(self._pointed[self.curve[chosen]]).tolist():
            (left, first), (right, last) = self._edge(int(chosen[place]), float(stock[place]), float(side[place]))
            slope[place] = (last - first) / (right - left) if right > left else 0.0
            intercept[place] = first - slope[place] * left
        return intercept, slope

    def tangents(self, chosen: Ints, stock: Floats) -> tuple[Floats, Floats]:
        """Lines that touch the curves; level where an interval is a point."""
        nearly = np.maximum(stock, _START * self.high[chosen])
        value, slope = self._set.evaluate(self.curve[chosen], nearly)
        slope = np.where(self.high[chosen] > self.low[chosen], slope, 0.0)
        return value - slope * nearly, slope

    def stretches(self, chosen: Ints, stock: Floats) -> tuple[Floats, Floats]:
        """Ends [K] of the stretch around each stock on which the concave envelope is one straight line."""
        low, high = self.low[chosen], self.high[chosen]
        stock = np.clip(stock, low, high)
        touch, head = self.touches(chosen, np.ones(len(chosen)))
        straight = np.where(head, stock >= touch, stock <= touch)
        left, right = np.where(head, touch, low), np.where(head, high, touch)
        left, right = np.where(straight, left, stock), np.where(straight, right, stock)
        for place in np.flatnonzero(self._pointed[self.curve[chosen]]).tolist():
            edge = self._edge(int(chosen[place]), float(stock[place]), 1.0)
            left[place], right[place] = edge[0][0], edge[1][0]
        return left, right

    def touches(self, chosen: Ints, side: Sides) -> tuple[Floats, Bools]:
        """(where the straight part of an envelope ends [K], whether the curved part is the one before it [K]).

        There is no straight part where that is minus infinity, and no curved part where it is the far end.
        """
        found = np.empty(len(chosen))
        for sign, known in self._touches.items():
            here = side == sign
            missing = np.unique(chosen[here & np.isnan(known[chosen])])
            if len(missing):
                known[missing] = self._touch(missing, sign)
            found[here] = known[chosen[here]]
        return found, self._head(chosen, side)

    def _head(self, chosen: Ints, side: Sides) -> Bools:
        """Whether a curve bends towards the line first, and away from it after its inflection."""
        curve = self.curve[chosen]
        inside = (self.low[chosen] < self._inflection[curve]) & (self._inflection[curve] < self.high[chosen])
        return np.asarray(inside & (side * self._bend[curve] < 0.0))

    def _touch(self, chosen: Ints, sign: float) -> Floats:
        """Where the tangent through the far end touches the curved part, on the safe side of the root."""
        curve, low, high = self.curve[chosen], self.low[chosen], self.high[chosen]
        turn, side = self._inflection[curve], np.full(len(chosen), sign)
        head, inside = self._head(chosen, side), (low < turn) & (turn < high)
        bend = np.where(high <= turn, 1.0, -1.0) * sign * self._bend[curve]
        found = np.where((high <= low) | (bend <= 0.0), -np.inf, high)
        mixed = np.flatnonzero(inside)
        some, turn = chosen[mixed], turn[mixed]
        far, near = np.where(head, high, low)[mixed], np.where(head, low, high)[mixed]
        ends = sign * self.values(some, far)

        def excess(stock: Floats) -> Floats:
            intercept, slope = self.tangents(some, stock)
            return sign * (intercept + slope * far) - ends

        root = _roots(excess, turn, near)
        found[mixed] = np.where(excess(near) < 0.0, near, np.where(excess(turn) >= 0.0, turn, root))
        return found

    def _chords(self, chosen: Ints) -> tuple[Floats, Floats]:
        """Lines from end to end."""
        low, high = self.low[chosen], self.high[chosen]
        first, last = self.values(chosen, low), self.values(chosen, high)
        slope = (last - first) / (high - low)
        return first - slope * low, slope

    def _edge(self, number: int, stock: float, sign: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """The edge of the hull of a `points` curve that is over a stock."""
        curve, low, high = self.curves[self.curve[number]], float(self.low[number]), float(self.high[number])
        assert isinstance(curve, Points)
        hull: list[tuple[float, float]] = []
        for knot in [low, *(effort for effort in curve.efforts if low < effort < high), high]:
            point = (knot, value_at(curve, knot))
            while len(hull) > 1 and sign * _turn(hull[-2], hull[-1], point) > 0.0:
                hull.pop()
            hull.append(point)
        place = bisect_left([right for _, (right, _) in pairwise(hull)], stock)
        return hull[place], hull[place + 1]


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _roots(function: Callable[[Floats], Floats], negative: Floats, positive: Floats) -> Floats:
    """Where functions change sign between two points each, on the side where they are not negative.

    Regula falsi in its Illinois form. SciPy's root finders would do, but to import them takes longer than to find all
    the roots of a scenario.
    """
    least, most = function(negative), function(positive)
    reach, moved = _REACH * np.abs(positive - negative), np.zeros(len(negative))
    for _ in range(_STEPS):
        going = (np.abs(positive - negative) > reach) & (most != 0.0) & (least < 0.0) & (most > 0.0)
        if not going.any():
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = np.where(going, (negative * most - positive * least) / (most - least), positive)
        value = function(middle)
        under, over = going & (value < 0.0), going & (value >= 0.0)
        most, least = (
            np.where(under & (moved < 0.0), 0.5 * most, most),
            np.where(over & (moved > 0.0), 0.5 * least, least),
        )
        negative, least = np.where(under, middle, negative), np.where(under, value, least)
        positive, most = np.where(over, middle, positive), np.where(over, value, most)
        moved = np.where(under, -1.0, 1.0)
    return positive


def _first_bend(curve: Curve) -> float:
    """Sign of the second derivative before the inflection; after it the sign is the opposite."""
    if isinstance(curve, Adbudg):
        return float(np.sign(curve.high - curve.low))
    if isinstance(curve, Exponential):
        return float(np.sign(curve.high))
    return 0.0
