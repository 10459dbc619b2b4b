"""The response curves g(e) of any kinds together, their slopes, and rigorous ranges of both over an interval of
effort. What each kind computes is in ``families``.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np
from numpy.typing import ArrayLike

from allocator.domain.curves import Curve
from allocator.response.arrays import FloatArray, IntArray
from allocator.response.families import FAMILIES, Family, Ranges, inflection

__all__ = ["CurveSet", "Ranges", "inflection", "ranges", "value"]


class CurveSet:
    """Several curves, of any kinds, evaluated together. ``None`` stands for the curve that is 0."""

    def __init__(self, curves: Sequence[Curve | None]) -> None:
        # One curve may stand for many segments.
        different = {id(curve): curve for curve in curves}
        found: dict[int, tuple[int, int]] = {}
        self._families: list[Family] = []
        for kind, family in FAMILIES.items():
            chosen = [(key, curve) for key, curve in different.items() if isinstance(curve, kind)]
            if chosen:
                found |= {key: (len(self._families), slot) for slot, (key, _) in enumerate(chosen)}
                self._families.append(family([curve for _, curve in chosen]))
        places = np.array([found.get(id(curve), (-1, 0)) for curve in curves], dtype=np.int64).reshape(-1, 2)
        self._kind, self._slot = places[:, 0].copy(), places[:, 1].copy()
        self._whole = len(self._families) == 1 and bool((self._kind == 0).all())

    def repeated(self, times: int) -> CurveSet:
        """The same curves so many times, one set after another."""
        found = copy(self)
        found._slot, found._kind = np.tile(self._slot, times), np.tile(self._kind, times)
        return found

    def value(self, index: IntArray, efforts: FloatArray) -> FloatArray:
        """Value of curve ``index`` [K] at ``efforts`` [K]."""
        if self._whole:
            return self._families[0].value(self._slot[index], efforts)
        value = np.zeros(len(efforts))
        kinds = self._kind[index]
        for kind, family in enumerate(self._families):
            rows = np.flatnonzero(kinds == kind)
            value[rows] = family.value(self._slot[index[rows]], efforts[rows])
        return value

    def evaluate(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Value and slope of curve ``index`` [K] at ``efforts`` [K], each [K]."""
        if self._whole:
            return self._families[0].evaluate(self._slot[index], efforts)
        value, slope = np.zeros(len(efforts)), np.zeros(len(efforts))
        kinds = self._kind[index]
        for kind, family in enumerate(self._families):
            rows = np.flatnonzero(kinds == kind)
            value[rows], slope[rows] = family.evaluate(self._slot[index[rows]], efforts[rows])
        return value, slope

    def ranges(self, index: IntArray, low: FloatArray, high: FloatArray) -> Ranges:
        """Ranges of curve ``index`` [K] over the intervals [low, high], each [K]; quicker where the two are one
        array, for points."""
        if low is high:
            value, slope = self.evaluate(index, low)
            return Ranges(value, value, slope, slope)
        if self._whole:
            return self._families[0].ranges(self._slot[index], low, high)
        result = Ranges(*(np.zeros(len(low)) for _ in range(4)))
        kinds = self._kind[index]
        for kind, family in enumerate(self._families):
            rows = np.flatnonzero(kinds == kind)
            first = low[rows]
            part = family.ranges(self._slot[index[rows]], first, high[rows])
            result.low[rows], result.high[rows] = part.low, part.high
            result.slope_low[rows], result.slope_high[rows] = part.slope_low, part.slope_high
        return result

    def bends(self, index: IntArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Least and greatest second derivative of curve ``index`` [K] over [low, high], each [K]; infinite
        where an interval has a kink inside or the second derivative has no limit."""
        least, most = np.zeros(len(low)), np.zeros(len(low))
        kinds = self._kind[index]
        for kind, family in enumerate(self._families):
            rows = np.flatnonzero(kinds == kind)
            first = low[rows]
            last = first if low is high else high[rows]
            least[rows], most[rows] = family.bends(self._slot[index[rows]], first, last)
        return least, most

    def bent(self, index: IntArray, efforts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Value, slope and second derivative of curve ``index`` [K] at ``efforts`` [K], each [K]."""
        if self._whole:
            return self._families[0].bent(self._slot[index], efforts)
        found = np.zeros((3, len(efforts)))
        kinds = self._kind[index]
        for kind, family in enumerate(self._families):
            rows = np.flatnonzero(kinds == kind)
            found[:, rows] = family.bent(self._slot[index[rows]], efforts[rows])
        return found[0], found[1], found[2]


def value(curve: Curve, efforts: ArrayLike) -> FloatArray:
    """g(e) at each effort >= 0, in the shape of ``efforts``."""
    given = np.asarray(efforts, dtype=float)
    return CurveSet([curve]).value(np.zeros(given.size, dtype=np.int64), given.ravel()).reshape(given.shape)


def ranges(curve: Curve, low: ArrayLike, high: ArrayLike) -> Ranges:
    """Ranges of one curve over the intervals [low, high], flattened to one dimension."""
    first, last = np.ravel(np.asarray(low, float)), np.ravel(np.asarray(high, float))
    return CurveSet([curve]).ranges(np.zeros(len(first), dtype=np.int64), first, last)
