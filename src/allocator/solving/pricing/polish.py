"""Climb from a treatment to the nearest local best: Newton steps on the continuous efforts."""

from __future__ import annotations

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.response.intervals import BoxEvaluator
from allocator.solving.pricing.bounds import Range, SmoothBounds, middle
from allocator.solving.pricing.objective import INSET, Incumbents, ReducedCost

STEPS = 8
SHARES = (1.0, 0.4, 0.1)
"""Shares of a Newton step that are tried."""


def polish(
    reduced_cost: ReducedCost, evaluator: BoxEvaluator, best: Incumbents, cells: IntArray, enough: FloatArray
) -> None:
    """Improve the best treatments of some cells, until a step gains no more than ``enough`` [C].

    Efforts stay between the kinks and thresholds around them.
    """
    space = reduced_cost.space
    low, high = _piece(reduced_cost, best.efforts[cells], cells)
    for _ in range(STEPS):
        if not cells.size:
            return
        variant, efforts = best.variant[cells], best.efforts[cells]
        boxes = reduced_cost.boxes(cells, variant, efforts, efforts)
        bounds = SmoothBounds(space.table, evaluator, boxes, reduced_cost.smooth_prices(cells, variant))
        limit = space.contacts_max[reduced_cost.prices.segment[cells]] - efforts @ space.contacts
        step = _newton(middle(bounds.gradient()), middle(bounds.hessian()), efforts, (low, high))
        step = _within_contacts(step, limit, space.contacts)
        tried = [np.clip(efforts + share * step, low, high) for share in SHARES]
        treatments, fits = reduced_cost.allowed(
            np.tile(cells, len(SHARES)), np.concatenate(tried), np.zeros((len(SHARES) * len(cells), step.shape[1]))
        )
        places, kinds = np.tile(cells, len(SHARES))[fits], np.tile(variant, len(SHARES))[fits]
        before = best.value[cells]
        best.offer(places, kinds, treatments[fits], reduced_cost.value(places, kinds, treatments[fits]))
        going = best.value[cells] > before + np.maximum(enough[cells], 1e-13 * np.abs(before))
        cells, low, high = cells[going], low[going], high[going]


def _piece(reduced_cost: ReducedCost, efforts: FloatArray, cells: IntArray) -> Range:
    """The interval [K, L] around each effort on which everything is smooth; levels stay where they are."""
    space, segment = reduced_cost.space, reduced_cost.prices.segment[cells]
    low, high = np.zeros_like(efforts), space.max_effort[:, segment].T.copy()
    for row, (place, effort) in enumerate(zip(segment, efforts, strict=True)):
        for lever, stops in enumerate(space.stops[place]):
            below, above = stops[stops <= effort[lever]], stops[stops > effort[lever]]
            low[row, lever] = below[-1] if below.size else 0.0
            high[row, lever] = above[0] * (1.0 - INSET) if above.size else high[row, lever]
    fixed = ~space.continuous | (efforts == 0.0) & space.steps_at_zero
    return np.where(fixed, efforts, np.minimum(low, efforts)), np.where(fixed, efforts, np.maximum(high, efforts))


def _newton(gradient: FloatArray, hessian: FloatArray, efforts: FloatArray, piece: Range) -> FloatArray:
    """[K, L] step to the peak of the quadratic, with every curvature taken as downward, over free levers."""
    low, high = piece
    free = (low < high) & ~((efforts <= low) & (gradient <= 0.0)) & ~((efforts >= high) & (gradient >= 0.0))
    scale = np.where(free, np.maximum(high - low, 1e-300), 1.0)
    slope = np.where(free, gradient * scale, 0.0)
    both: BoolArray = free[:, :, None] & free[:, None, :]
    bent = np.where(both, hessian * scale[:, :, None] * scale[:, None, :], 0.0)
    bent = np.clip(bent, -1e100, 1e100)
    values, vectors = np.linalg.eigh(bent)
    floor = 1e-9 * np.abs(slope).max(axis=1, keepdims=True) + 1e-200
    along = np.einsum("klm,kl->km", vectors, slope) / np.maximum(np.abs(values), floor)
    return np.asarray(np.clip(np.einsum("klm,km->kl", vectors, along), -1.0, 1.0) * scale * free)


def _within_contacts(step: FloatArray, room: FloatArray, contacts: FloatArray) -> FloatArray:
    """Shorten steps that ask for more contacts than there is room for; without room, exchange contacts."""
    asked = step @ contacts
    size = float(contacts @ contacts)
    over = asked > np.maximum(room, 0.0)
    if not over.any() or size == 0.0:
        return step
    excess = np.where(over, asked - np.maximum(room, 0.0), 0.0)
    moved = (step != 0.0) * contacts
    norm = (moved * moved).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        correction = np.where((norm > 0.0)[:, None], moved * (excess / norm)[:, None], 0.0)
    return np.asarray(step - correction)
