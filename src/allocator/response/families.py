"""Curves of one kind evaluated together: value, slope, and rigorous ranges of both over an interval of effort.

Every function is vectorised and safe for any effort >= 0: huge efforts and tiny half points neither
overflow nor give NaN. At a kink of a `points` curve the slope is the one to the right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from allocator.domain.base import Frozen
from allocator.domain.curves import Adbudg, Curve, Exponential, Linear, Points
from allocator.response.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Ranges:
    """What a curve's value and slope lie between on an interval; the interval's interior for slopes."""

    low: FloatArray
    high: FloatArray
    slope_low: FloatArray
    slope_high: FloatArray


class Family(Protocol):
    """Curves of one kind; ``index`` [K] says which curve each effort [K] is for."""

    def value(self, index: IntArray, efforts: FloatArray) -> FloatArray:
        """Value [K]."""

    def evaluate(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Value and slope, each [K]."""

    def ranges(self, index: IntArray, low: FloatArray, high: FloatArray) -> Ranges:
        """Ranges over [low, high]."""

    def bends(self, index: IntArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Least and greatest second derivative over [low, high]."""

    def bent(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Value, slope and second derivative, each [K]."""


class _Bent:
    """The second derivative from its range at a point."""

    def bent(self: Family, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        return *self.evaluate(index, efforts), self.bends(index, efforts, efforts)[0]


class _Smooth(_Bent):
    """Monotone curves whose slope, in magnitude, rises to one peak [U] and then falls."""

    peak: FloatArray

    def value(self, index: IntArray, efforts: FloatArray) -> FloatArray:
        raise NotImplementedError

    def evaluate(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
        raise NotImplementedError

    def ranges(self, index: IntArray, low: FloatArray, high: FloatArray) -> Ranges:
        efforts = np.concatenate([low, high, np.clip(self.peak[index], low, high)])
        value, slope = (found.reshape(3, -1) for found in self.evaluate(np.tile(index, 3), efforts))
        return Ranges(value[:2].min(axis=0), value[:2].max(axis=0), slope.min(axis=0), slope.max(axis=0))


def _logistic(log_odds: FloatArray) -> FloatArray:
    """odds / (1 + odds)."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


class _Adbudgs(_Smooth):
    def __init__(self, curves: Sequence[Adbudg]) -> None:
        self.low = np.array([curve.low for curve in curves])
        self.span = np.array([curve.high - curve.low for curve in curves])
        self.half = np.array([curve.half for curve in curves])
        self.shape = np.array([curve.shape for curve in curves])
        self.log_half = np.log(self.half)
        self.peak = np.array([inflection(curve) for curve in curves])

    @cached_property
    def slope_at_zero(self) -> FloatArray:
        """[U] g'(0)."""
        with np.errstate(over="ignore"):
            at_half = np.where(self.shape == 1.0, 1.0 / self.half, 0.0)
        steepness = np.where(self.shape < 1.0, np.inf, at_half)
        found = np.zeros(len(self.span))
        np.multiply(self.span, steepness, out=found, where=self.span != 0.0)
        return found

    def _log_odds(self, index: IntArray, efforts: FloatArray) -> FloatArray:
        """Logarithm of (e / half)^shape; the curve is low + span * odds / (1 + odds)."""
        with np.errstate(divide="ignore"):
            return np.asarray(self.shape[index] * (np.log(efforts) - self.log_half[index]))

    def value(self, index: IntArray, efforts: FloatArray) -> FloatArray:
        return np.asarray(self.low[index] + self.span[index] * _logistic(self._log_odds(index, efforts)))

    def _reached(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Share of the span that is reached, and the slope."""
        shape, span = self.shape[index], self.span[index]
        log_odds = self._log_odds(index, efforts)
        reached, missing = _logistic(log_odds), _logistic(-log_odds)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            slope = reached / efforts * shape * missing * span
        slope = np.where((missing == 0.0) | (span == 0.0), 0.0, slope)
        return reached, np.where(efforts == 0.0, self.slope_at_zero[index], slope)

    def evaluate(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
        reached, slope = self._reached(index, efforts)
        return self.low[index] + self.span[index] * reached, slope

    def bends(self, index: IntArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Exact: the ends, and where the third derivative is 0 inside."""
        if low is high:
            bend = self.bent(index, low)[2]
            return bend, bend
        efforts = np.concatenate([low, high, *(np.clip(turn[index], low, high) for turn in self.turns)])
        found = self.bent(np.tile(index, 4), efforts)[2].reshape(4, -1)
        return found.min(axis=0), found.max(axis=0)

    def bent(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """g'' = g' (shape - 1 - 2 shape s) / e, with s the share of the span that is reached."""
        shape = self.shape[index]
        reached, slope = self._reached(index, efforts)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            bend = slope / efforts * (shape - 1.0 - 2.0 * shape * reached)
        bend = np.where(efforts == 0.0, self.bend_at_zero[index], np.where(slope == 0.0, 0.0, bend))
        return self.low[index] + self.span[index] * reached, slope, bend

    @cached_property
    def bend_at_zero(self) -> FloatArray:
        """g''(0): 0 above shape 2, finite at 1 and 2, else infinite."""
        bend = np.select(
            [self.shape > 2.0, self.shape == 2.0, self.shape > 1.0, self.shape == 1.0],
            [0.0, 2.0, np.inf, -2.0],
            -np.inf,
        )
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = bend * self.span / self.half**2
        return np.where(self.span == 0.0, 0.0, found)

    @cached_property
    def turns(self) -> tuple[FloatArray, FloatArray]:
        """Efforts at which g'' is greatest and least: the odds r there solve
        (n + 1)(n + 2) r^2 - 4 (n^2 - 1) r + (n - 1)(n - 2) = 0, n being the shape."""
        n = self.shape
        root = n * np.sqrt(3.0 * np.maximum(n**2 - 1.0, 0.0))
        efforts = []
        for sign in (-1.0, 1.0):
            odds = np.maximum(0.0, (2.0 * (n**2 - 1.0) + sign * root) / ((n + 1.0) * (n + 2.0)))
            efforts.append(np.where(n > 1.0, self.half * odds ** (1.0 / n), 0.0))
        return efforts[0], efforts[1]


class _Exponentials(_Smooth):
    def __init__(self, curves: Sequence[Exponential]) -> None:
        self.high = np.array([curve.high for curve in curves])
        self.rate = np.array([curve.rate for curve in curves])
        self.peak = np.zeros(len(curves))

    def value(self, index: IntArray, efforts: FloatArray) -> FloatArray:
        return np.asarray(-self.high[index] * np.expm1(-self.rate[index] * efforts))

    def evaluate(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
        high, rate = self.high[index], self.rate[index]
        missing = np.expm1(-rate * efforts)
        return -high * missing, high * rate * (1.0 + missing)

    def bends(self, index: IntArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        rate = self.rate[index]
        first, last = (-self.high[index] * rate**2 * np.exp(-rate * effort) for effort in (low, high))
        return np.minimum(first, last), np.maximum(first, last)


class _Linears(_Smooth):
    def __init__(self, curves: Sequence[Linear]) -> None:
        self.slope = np.array([curve.slope for curve in curves])
        self.peak = np.zeros(len(curves))

    def value(self, index: IntArray, efforts: FloatArray) -> FloatArray:
        return np.asarray(self.slope[index] * efforts)

    def evaluate(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
        slope = self.slope[index]
        return slope * efforts, slope

    def bends(self, index: IntArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        return np.zeros(len(index)), np.zeros(len(index))


class _PointCurves(_Bent):
    """Knots padded with infinity; piece i ends at knot i, and the last one is level."""

    def __init__(self, curves: Sequence[Points]) -> None:
        most = max(len(curve.efforts) for curve in curves)
        self.knots = np.full((len(curves), most), np.inf)
        self.start = np.zeros((len(curves), most + 1))
        self.base = np.zeros((len(curves), most + 1))
        self.slope = np.zeros((len(curves), most + 1))
        for row, curve in enumerate(curves):
            count = len(curve.efforts)
            self.knots[row, :count] = curve.efforts
            self.start[row, 1 : count + 1] = curve.efforts
            self.base[row, 0] = curve.values[0]
            self.base[row, 1:] = curve.values[-1]
            self.base[row, 1 : count + 1] = curve.values
            self.slope[row, 1:count] = np.diff(curve.values) / np.diff(curve.efforts)

    def value(self, index: IntArray, efforts: FloatArray) -> FloatArray:
        return self.evaluate(index, efforts)[0]

    def evaluate(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
        piece = (efforts[:, None] >= self.knots[index]).sum(axis=1)
        slope = self.slope[index, piece]
        return self.base[index, piece] + slope * (efforts - self.start[index, piece]), slope

    def ranges(self, index: IntArray, low: FloatArray, high: FloatArray) -> Ranges:
        first, slope = self.evaluate(index, low)
        last, _ = self.evaluate(index, high)
        result = Ranges(np.minimum(first, last), np.maximum(first, last), slope.copy(), slope.copy())
        for knot in range(self.knots.shape[1]):
            inside = (self.knots[index, knot] > low) & (self.knots[index, knot] < high)
            value, after = self.base[index, knot + 1], self.slope[index, knot + 1]
            np.minimum(result.low, value, out=result.low, where=inside)
            np.maximum(result.high, value, out=result.high, where=inside)
            np.minimum(result.slope_low, after, out=result.slope_low, where=inside)
            np.maximum(result.slope_high, after, out=result.slope_high, where=inside)
        return result

    def bends(self, index: IntArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """0 between knots, without limit where a knot is inside."""
        knots = self.knots[index]
        kinked = ((knots > low[:, None]) & (knots < high[:, None])).any(axis=1)
        return np.where(kinked, -np.inf, 0.0), np.where(kinked, np.inf, 0.0)


def inflection(curve: Curve) -> float:
    """Effort at which the slope is steepest: half * ((shape - 1) / (shape + 1))^(1 / shape) for S-shaped
    `adbudg`, else 0."""
    if isinstance(curve, Adbudg) and curve.shape > 1.0:
        return float(curve.half * ((curve.shape - 1.0) / (curve.shape + 1.0)) ** (1.0 / curve.shape))
    return 0.0


FAMILIES: dict[type[Frozen], Callable[..., Family]] = {
    Adbudg: _Adbudgs,
    Exponential: _Exponentials,
    Linear: _Linears,
    Points: _PointCurves,
}
"""Kind of curve -> what evaluates those of that kind."""
