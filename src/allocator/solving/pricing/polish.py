"""Climb from a treatment to the nearest local best: Newton steps on the continuous efforts."""

from __future__ import annotations

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.arithmetic import Range
from allocator.solving.pricing.objective import INSET, Incumbents, ReducedCost

STEPS = 8
SHARES = (1.0, 0.4, 0.1)
"""Shares of a Newton step that are tried."""


def polish(reduced_cost: ReducedCost, best: Incumbents, cells: IntArray, enough: FloatArray) -> None:
    """Improve the best treatments of some cells, until a step gains no more than ``enough`` [C].

    Efforts stay between the kinks and thresholds around them.
    """
    space = reduced_cost.space
    low, high = _piece(reduced_cost, best.efforts[cells], cells)
    for _ in range(STEPS):
        if not cells.size:
            return
        variant, efforts = best.variant[cells], best.efforts[cells]
        room = space.contacts_max[reduced_cost.prices.segment[cells]] - efforts @ space.contacts
        slope, bend = reduced_cost.derivatives(cells, variant, efforts)
        step = _newton(
            slope, bend, _free(slope, efforts, low, high), np.maximum(high - low, 1e-300), (space.contacts, room)
        )
        tried = [np.clip(efforts + share * step, low, high) for share in SHARES]
        before, asked = best.value[cells], np.concatenate(tried)
        places, kinds = np.tile(cells, len(SHARES)), np.tile(variant, len(SHARES))
        best.consider(reduced_cost, places, kinds, asked, np.zeros_like(asked))
        going = best.value[cells] > before + np.maximum(enough[cells], 1e-13 * np.abs(before))
        cells, low, high = cells[going], low[going], high[going]


def _piece(reduced_cost: ReducedCost, efforts: FloatArray, cells: IntArray) -> Range:
    """The interval [K, L] around each effort on which everything is smooth; levels stay where they are."""
    space, segment = reduced_cost.space, reduced_cost.prices.segment[cells]
    low, high = np.zeros_like(efforts), space.max_effort[:, segment].T.copy()
    stops = space.stop_table[segment]
    if stops.shape[2]:
        at_most = stops <= efforts[:, :, None]
        low = np.where(at_most, stops, 0.0).max(axis=2)
        beyond = np.where(stops > efforts[:, :, None], stops, np.inf).min(axis=2) * (1.0 - INSET)
        high = np.minimum(high, beyond)
    fixed = ~space.continuous | (efforts == 0.0) & space.steps_at_zero
    return np.where(fixed, efforts, np.minimum(low, efforts)), np.where(fixed, efforts, np.maximum(high, efforts))


def _free(slope: FloatArray, efforts: FloatArray, low: FloatArray, high: FloatArray) -> BoolArray:
    """[K, L] which efforts may move: not those held at an end of their interval."""
    held = ((efforts <= low) & (slope <= 0.0)) | ((efforts >= high) & (slope >= 0.0))
    return np.asarray((low < high) & ~held)


def _newton(
    slope: FloatArray, bend: FloatArray, free: BoolArray, scale: FloatArray, limit: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """[K, L] step to the peak of the quadratic, with every curvature taken as downward, over free levers.

    ``limit`` is contacts per unit of effort [L] and the contacts left [K]: where the step asks for more, it
    leads to the peak among those that use them up.
    """
    contacts, room = limit
    both = free[:, :, None] & free[:, None, :]
    bent = np.where(both, bend * scale[:, :, None] * scale[:, None, :], 0.0)
    values, vectors = np.linalg.eigh(np.clip(bent, -1e100, 1e100))
    pull, weight = np.where(free, slope * scale, 0.0), np.where(free, contacts * scale, 0.0)
    floor = 1e-9 * np.abs(pull).max(axis=1, keepdims=True) + 1e-200
    inverse = 1.0 / np.maximum(np.abs(values), floor)

    def solve(right: FloatArray) -> FloatArray:
        along = np.einsum("klm,kl->km", vectors, right) * inverse
        return np.asarray(np.einsum("klm,km->kl", vectors, along))

    step, across = solve(pull), solve(weight)
    excess = (weight * step).sum(axis=1) - np.maximum(room, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        toll = np.where(excess > 0.0, excess / (weight * across).sum(axis=1), 0.0)
    step = step - np.where(np.isfinite(toll), toll, 0.0)[:, None] * across
    return np.asarray(np.clip(step, -1.0, 1.0) * scale * free)
