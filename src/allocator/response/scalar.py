"""A single value or slope of a response curve, for searches that go point by point."""

from __future__ import annotations

import math
from bisect import bisect_right

from allocator.domain.curves import Adbudg, Curve, Exponential, Linear


def value_at(curve: Curve, effort: float) -> float:
    """g(effort), effort >= 0."""
    if isinstance(curve, Adbudg):
        return curve.low + (curve.high - curve.low) * _saturation(curve, effort)
    if isinstance(curve, Exponential):
        return -curve.high * math.expm1(-curve.rate * effort)
    if isinstance(curve, Linear):
        return curve.slope * effort
    position = bisect_right(curve.efforts, effort)
    if position in (0, len(curve.efforts)):
        return curve.values[0 if position == 0 else -1]
    left, right = curve.efforts[position - 1], curve.efforts[position]
    share = (effort - left) / (right - left)
    return curve.values[position - 1] * (1.0 - share) + curve.values[position] * share


def slope_at(curve: Curve, effort: float) -> float:
    """g'(effort), effort > 0; to the right of a kink of a `points` curve."""
    if isinstance(curve, Adbudg):
        share = _saturation(curve, effort)
        return (curve.high - curve.low) * curve.shape * share * (1.0 - share) / effort
    if isinstance(curve, Exponential):
        return curve.high * curve.rate * math.exp(-curve.rate * effort)
    if isinstance(curve, Linear):
        return curve.slope
    position = bisect_right(curve.efforts, effort)
    if position in (0, len(curve.efforts)):
        return 0.0
    left, right = position - 1, position
    return (curve.values[right] - curve.values[left]) / (curve.efforts[right] - curve.efforts[left])


def _saturation(curve: Adbudg, effort: float) -> float:
    """e^shape / (half^shape + e^shape), by way of the logistic function so that nothing overflows."""
    if effort <= 0.0:
        return 0.0
    exponent = curve.shape * (math.log(curve.half) - math.log(effort))
    return 1.0 / (1.0 + math.exp(exponent)) if exponent < 700.0 else 0.0
