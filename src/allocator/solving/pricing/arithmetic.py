"""Arithmetic of ranges. Both ends are the same array where a quantity is known exactly."""

from __future__ import annotations

import numpy as np

from allocator.response.arrays import FloatArray

Range = tuple[FloatArray, FloatArray]
NOTHING: Range = np.zeros(1), np.zeros(1)
"""The range that is 0, whatever it is multiplied with."""
ROUNDING = 2e-13
"""Relative slack on bounds for the rounding of the sums they are made of."""


def times(first: Range, second: Range) -> Range:
    """Range of the product of two quantities, where 0 x infinity is 0."""
    with np.errstate(invalid="ignore", over="ignore"):
        if first[0] is first[1] and second[0] is second[1]:
            product = first[0] * second[0]
            product[np.isnan(product)] = 0.0
            return product, product
        products = [first[0] * second[0], first[0] * second[1], first[1] * second[0], first[1] * second[1]]
        low = np.minimum(np.minimum(products[0], products[1]), np.minimum(products[2], products[3]))
        if np.isnan(low.sum()):
            for product in products:
                product[np.isnan(product)] = 0.0
            low = np.minimum(np.minimum(products[0], products[1]), np.minimum(products[2], products[3]))
    high = np.maximum(np.maximum(products[0], products[1]), np.maximum(products[2], products[3]))
    return low, high


def multiple(factor: FloatArray, values: FloatArray) -> FloatArray:
    """``factor`` times values that may be infinite, where 0 x infinity is 0."""
    with np.errstate(invalid="ignore"):
        return np.where(factor == 0.0, 0.0, factor * values)


def middle(found: Range) -> FloatArray:
    """Middle of a range; infinite ends are taken as very large."""
    return np.asarray((np.clip(found[0], -1e100, 1e100) + np.clip(found[1], -1e100, 1e100)) / 2.0)


def column(found: Range) -> Range:
    """With one more axis, the last."""
    low = found[0][..., None]
    return low, low if found[0] is found[1] else found[1][..., None]


def row(found: Range) -> Range:
    """With one more axis, after the first."""
    low = found[0][:, None]
    return low, low if found[0] is found[1] else found[1][:, None]
