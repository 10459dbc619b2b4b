"""Bounds on a function over a box from its value and gradient at one point and the range of a derivative."""

from __future__ import annotations

import numpy as np

from allocator.response.arrays import FloatArray
from allocator.solving.pricing.arithmetic import ROUNDING

SWEEPS = 3
"""Rounds of coordinate ascent on the concave quadratic; any point found gives a valid bound."""


def mean_value_centre(
    low: FloatArray, high: FloatArray, slope_low: FloatArray, slope_high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Point c [K, L] that makes the mean-value bound least, and what each lever adds to f(c), [K, L] >= 0.

    f(x) <= f(c) + sum_l max(slope_high_l (high_l - c_l), slope_low_l (low_l - c_l)). Where the slope has one
    sign the point is that end, and the lever adds nothing.
    """
    width = high - low
    down, up = np.maximum(-slope_low, 0.0), np.maximum(slope_high, 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.where(down == 0.0, 1.0, up / (up + down))
        loss = np.where((down == 0.0) | (up == 0.0) | (width == 0.0), 0.0, width * (down * (up / (up + down))))
    steep_up, steep_down = np.isinf(up), np.isinf(down)
    share = np.where(steep_up, 1.0, np.where(steep_down, 0.0, share))
    with np.errstate(invalid="ignore"):
        loss = np.where(steep_up & ~steep_down & (width > 0.0), width * down, loss)
        loss = np.where(steep_down & ~steep_up & (width > 0.0), width * up, loss)
    loss = np.where(steep_up & steep_down & (width > 0.0), np.inf, loss)
    return np.clip(low + share * width, low, high), loss


def concave_bound(
    box: tuple[FloatArray, FloatArray],
    centre: FloatArray,
    gradient: FloatArray,
    bends: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """What f can gain at most over f(centre) on the box, [K]; infinite where the Hessian's range
    ``bends`` [K, L, L] is not negative definite throughout.

    f(c + d) <= f(c) + g d + d' M d / 2 + |d|' R |d| / 2 with M, R the middle and radius of the range, and
    |d_l d_k| <= (d_l^2 w_k / w_l + d_k^2 w_l / w_k) / 2, w the widths of the box, moves R to the diagonal.
    A concave quadratic is below its tangent plane anywhere; coordinate ascent finds a good place. What rounding
    hides of curvature and slope over the box is added.
    """
    (low, high), (bend_low, bend_high) = box, bends
    width = high - low
    usable = np.isfinite(bend_low).all(axis=(1, 2)) & np.isfinite(bend_high).all(axis=(1, 2))
    usable &= np.isfinite(gradient).all(axis=1)
    result = np.full(len(low), np.inf)
    rows = np.flatnonzero(usable)
    if not rows.size:
        return result
    width, fixed = width[rows], width[rows] <= 0.0
    scale = np.where(fixed, 1.0, width)
    middle = (bend_low[rows] + bend_high[rows]) / 2.0 * scale[:, :, None] * scale[:, None, :]
    radius = (bend_high[rows] - bend_low[rows]) / 2.0 * scale[:, :, None] * scale[:, None, :]
    free = ~fixed[:, :, None] & ~fixed[:, None, :]
    each = np.arange(low.shape[1])
    bowl = np.where(free, middle, 0.0)
    bowl[:, each, each] += np.where(free, radius, 0.0).sum(axis=2)
    bowl[:, each, each] = np.where(fixed, -1.0, bowl[:, each, each])
    concave = np.linalg.eigvalsh(bowl)[:, -1] < 0.0
    rows, bowl, scale, fixed = rows[concave], bowl[concave], scale[concave], fixed[concave]
    first = np.where(fixed, 0.0, (low[rows] - centre[rows]) / scale)
    last = np.where(fixed, 0.0, (high[rows] - centre[rows]) / scale)
    slope = np.where(fixed, 0.0, gradient[rows] * scale)
    size = np.where(fixed, 0.0, np.abs(bowl).max(axis=2, initial=0.0) + np.abs(slope)).max(axis=1, initial=0.0)
    result[rows] = _peak(bowl, slope, first, last) + ROUNDING * size
    return result


def _peak(bowl: FloatArray, slope: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Upper bound [K] on slope d + d' bowl d / 2 over low <= d <= high, with bowl negative definite."""
    d = np.clip(np.zeros_like(slope), low, high)
    for _ in range(SWEEPS):
        for lever in range(slope.shape[1]):
            pull = slope[:, lever] + np.einsum("kl,kl->k", bowl[:, lever], d)
            d[:, lever] = np.clip(d[:, lever] - pull / bowl[:, lever, lever], low[:, lever], high[:, lever])
    bent = np.einsum("klm,km->kl", bowl, d)
    steepness = slope + bent
    ahead = np.maximum(steepness * (low - d), steepness * (high - d)).sum(axis=1)
    return np.asarray((slope * d).sum(axis=1) + 0.5 * (bent * d).sum(axis=1) + ahead)
