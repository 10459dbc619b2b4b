"""Supporting lines of a response curve's concave and convex envelopes on an interval.

A curve is concave, convex, or one and then the other with a single inflection, or linear between points.
Below the point where the line from the far end touches it, the concave envelope of an S-curve is that
line; beyond, it is the curve itself.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from allocator.domain.curves import Adbudg, Curve, Exponential, Points
from allocator.response.scalar import slope_at, value_at

Side = Literal["above", "below"]


_REACH = 1e-12
"""Width at which an interval around a root is small enough, as a part of the first."""
_STEPS = 200
"""Most steps towards a root; about ten are usual."""


class Line(NamedTuple):
    """intercept + slope x stock."""

    intercept: float
    slope: float

    def at(self, stock: float) -> float:
        """Value of the line."""
        return self.intercept + self.slope * stock


class Envelope:
    """Envelopes of ``curve`` on [low, high], in units of stock."""

    def __init__(self, curve: Curve, low: float, high: float) -> None:
        self.curve = curve
        self.low = low
        self.high = high
        self._touches: dict[float, float] = {}

    def value(self, stock: float) -> float:
        """The curve itself."""
        return value_at(self.curve, stock)

    def line(self, stock: float, side: Side) -> Line:
        """A line that lies above (below) the curve on the whole interval, touching the envelope at ``stock``."""
        stock = min(max(stock, self.low), self.high)
        if self.high <= self.low:
            return Line(self.value(self.low), 0.0)
        if isinstance(self.curve, Points):
            return self._hull(stock, side)
        sign = 1.0 if side == "above" else -1.0
        return self._smooth(stock, sign)

    def stretch(self, stock: float) -> tuple[float, float]:
        """Ends of the stretch around ``stock`` on which the concave envelope is one straight line."""
        line = self.line(stock, "above")
        points = np.linspace(self.low, self.high, 257)
        near = [point for point in points.tolist() if line.at(point) - self.value(point) <= 1e-9 * abs(line.at(point))]
        touch = self._touches.get(1.0)
        near += [point for point in (self.low, self.high, touch) if point is not None]
        touching = [p for p in near if abs(line.at(p) - self.value(p)) <= 1e-6 * max(abs(line.at(p)), 1e-300)]
        below = [point for point in touching if point <= stock]
        above = [point for point in touching if point >= stock]
        return max(below, default=self.low), min(above, default=self.high)

    def first_points(self) -> list[float]:
        """Where a first set of lines above the curve should touch."""
        span = self.high - self.low
        return [self.low + span * share for share in (0.0, 0.1, 0.25, 0.5, 1.0)]

    def _slope(self, stock: float) -> float:
        """Derivative, taken a little to the right of 0 where an S-curve starts infinitely steep."""
        return slope_at(self.curve, max(stock, 1e-9 * self.high))

    def _tangent(self, stock: float) -> Line:
        nearly = max(stock, 1e-9 * self.high)
        slope = self._slope(nearly)
        return Line(self.value(nearly) - slope * nearly, slope)

    def _chord(self, left: float, right: float) -> Line:
        slope = (self.value(right) - self.value(left)) / (right - left)
        return Line(self.value(left) - slope * left, slope)

    def _smooth(self, stock: float, sign: float) -> Line:
        """Line above ``sign`` x curve, given back for the curve."""
        inflection = _inflection(self.curve)
        concave_first = sign * _first_bend(self.curve) < 0.0
        inside = self.low < inflection < self.high
        if not inside:
            bend = _first_bend(self.curve) if self.high <= inflection else -_first_bend(self.curve)
            return self._tangent(stock) if sign * bend <= 0.0 else self._chord(self.low, self.high)
        if sign not in self._touches:
            self._touches[sign] = self._touch(inflection, sign, concave_first)
        touch = self._touches[sign]
        far = self.high if concave_first else self.low
        if (stock < touch) if concave_first else (stock > touch):
            return self._tangent(stock)
        if touch == (self.low if concave_first else self.high):
            return self._chord(self.low, self.high)
        line = self._tangent(touch)
        gap = self.value(far) - line.at(far)
        return Line(line.intercept + sign * max(0.0, sign * gap), line.slope)

    def _touch(self, inflection: float, sign: float, concave_first: bool) -> float:
        """Where the tangent through the far end touches the concave part, on the safe side of the root."""
        far, near = (self.high, self.low) if concave_first else (self.low, self.high)

        def excess(stock: float) -> float:
            return sign * (self._tangent(stock).at(far) - self.value(far))

        if excess(near) < 0.0:
            return near
        if excess(inflection) >= 0.0:
            return inflection
        return _root(excess, inflection, near)

    def _hull(self, stock: float, side: Side) -> Line:
        assert isinstance(self.curve, Points)
        knots = [self.low, *(e for e in self.curve.efforts if self.low < e < self.high), self.high]
        sign = 1.0 if side == "above" else -1.0
        hull: list[tuple[float, float]] = []
        for knot in knots:
            point = (knot, self.value(knot))
            while len(hull) > 1 and sign * _turn(hull[-2], hull[-1], point) >= 0.0:
                hull.pop()
            hull.append(point)
        for (left, _), (right, _) in pairwise(hull):
            if stock <= right:
                return self._chord(left, right)
        return self._chord(hull[-2][0], hull[-1][0])


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _root(function: Callable[[float], float], negative: float, positive: float) -> float:
    """Where a function changes sign between two points, on the side where it is not negative.

    Regula falsi in its Illinois form. SciPy's root finders would do, but to import them takes longer than to find all
    the roots of a scenario.
    """
    least, most = function(negative), function(positive)
    reach, moved = _REACH * abs(positive - negative), 0.0
    for _ in range(_STEPS):
        if abs(positive - negative) <= reach or most == 0.0:
            break
        middle = (negative * most - positive * least) / (most - least)
        value = function(middle)
        if value < 0.0:
            most = 0.5 * most if moved == -1.0 else most
            negative, least, moved = middle, value, -1.0
        else:
            least = 0.5 * least if moved == 1.0 else least
            positive, most, moved = middle, value, 1.0
    return positive


def _inflection(curve: Curve) -> float:
    """Where the curve's bend changes sign; 0 where it never does."""
    if isinstance(curve, Adbudg) and curve.shape > 1.0:
        return float(curve.half * ((curve.shape - 1.0) / (curve.shape + 1.0)) ** (1.0 / curve.shape))
    return 0.0


def _first_bend(curve: Curve) -> float:
    """Sign of the second derivative before the inflection; after it the sign is the opposite."""
    if isinstance(curve, Adbudg):
        return float(np.sign(curve.high - curve.low))
    if isinstance(curve, Exponential):
        return float(np.sign(curve.high))
    return 0.0
