"""What using a programme adds to the reduced cost over boxes of effort: which are worth their price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray
from allocator.solving.pricing.arithmetic import Range, times
from allocator.solving.pricing.bounds import SmoothBounds
from allocator.solving.pricing.boxes import BoxSet, Steps
from allocator.solving.pricing.cells import CellPrices
from allocator.solving.pricing.space import Factors, TreatmentSpace


@dataclass(frozen=True, slots=True)
class Choice:
    """Undecided programmes over K boxes.

    low, high: [K, G] between what a programme's use adds, whatever else is used; 0 where it is decided.
    taken: [K, G] programmes at the point that bounds are taken around.
    loss: [K, G] what leaving that choice open adds to bounds around the point.
    need: [K] what the needs of those taken add at most, of which ``most`` is not aware.
    """

    low: FloatArray
    high: FloatArray
    taken: BoolArray
    loss: FloatArray
    need: FloatArray


def choose(
    space: TreatmentSpace, prices: CellPrices, boxes: BoxSet, bounds: SmoothBounds, factors: Factors, steps: Steps
) -> Choice:
    """Take, of the undecided programmes, those that make the bound around a point least."""
    undecided = boxes.undecided
    if not undecided.any():
        nothing = np.zeros(undecided.shape)
        return Choice(nothing, nothing, boxes.used, nothing, np.zeros(len(boxes)))
    low, high = gains(space, prices.load[boxes.cell], (boxes.low, boxes.high), bounds.lift(), factors.saves)
    low = np.where(undecided, low + steps.need_low, 0.0)
    high = np.where(undecided, high + steps.need_high, 0.0)
    taken = space.compatible(boxes.used, undecided & (high > -low))
    added = taken & undecided
    loss = np.where(undecided, np.where(taken, np.maximum(0.0, -low), np.maximum(0.0, high)), 0.0)
    need = np.where(added, steps.need_high, 0.0).sum(axis=1)
    return Choice(low, high, taken, loss, need)


def gains(space: TreatmentSpace, load: FloatArray, efforts: Range, lift: Range, saves: Range) -> Range:
    """[K, G] what the use of a programme adds through curves and hours, before the price of needing it.

    ``lift`` [K, L] is the range of the gain per unit of the logarithm of a lever's boost over all boosts
    that are possible with and without it: a boost b makes it (b - 1) times that at least or at most.
    """
    hours = times((load * efforts[0], load * efforts[1]), saves)
    rise, fall = space.programme_boosts - 1.0, space.programme_saves - 1.0
    low, high = _weighed(lift, rise)
    low_hours, high_hours = _weighed(hours, fall)
    return low + low_hours, high + high_hours


def _weighed(found: Range, weight: FloatArray) -> Range:
    """Range [K, G] of sums over levers of ranges [K, L] times weights [G, L]."""
    up, down = np.maximum(weight, 0.0).T, np.minimum(weight, 0.0).T
    return found[0] @ up + found[1] @ down, found[1] @ up + found[0] @ down


def settle(space: TreatmentSpace, boxes: BoxSet, choice: Choice) -> None:
    """Decide programmes whose use can only lose, or, where they clash with none that is open, only gain."""
    free = ~(boxes.undecided @ space.clashes)
    gaining = boxes.undecided & (choice.low >= 0.0) & free
    losing = boxes.undecided & (choice.high <= 0.0) & ~gaining
    boxes.used = boxes.used | gaining
    boxes.undecided = boxes.undecided & ~gaining & ~losing
