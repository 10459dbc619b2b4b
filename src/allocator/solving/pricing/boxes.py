"""Boxes of effort: their thresholds, their contacts, and how they are cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.cells import CellPrices
from allocator.solving.pricing.space import CONTACT_SLACK, TreatmentSpace

NEAR_ZERO = 0.01
"""Where boxes are cut whose slope is infinite at effort 0, as a share of their width."""


@dataclass(slots=True)
class BoxSet:
    """K boxes [low, high] of efforts of one cell each, with programmes ``used`` and others ``undecided`` [K, G].

    ``above`` [K, L] says that effort ``low`` itself (which is 0 then) is outside, ``below`` that ``high`` is;
    ``upper`` [K] bounds the reduced cost inside.
    """

    cell: IntArray
    used: BoolArray
    undecided: BoolArray
    low: FloatArray
    high: FloatArray
    above: BoolArray
    below: BoolArray
    upper: FloatArray

    def __len__(self) -> int:
        return len(self.cell)

    def take(self, rows: IntArray | BoolArray | slice) -> BoxSet:
        """Only the given boxes, copied."""
        return BoxSet(*(getattr(self, part.name)[rows].copy() for part in fields(self)))

    @staticmethod
    def join(parts: Sequence[BoxSet]) -> BoxSet:
        """All boxes of several sets."""
        return BoxSet(*(np.concatenate([getattr(each, part.name) for each in parts]) for part in fields(BoxSet)))


@dataclass(frozen=True, slots=True)
class Steps:
    """Thresholds and needs over K boxes: ``most`` [K] they can add while no undecided programme is used, and
    ``doubt`` [K, L] by how much each lever's undecided ones swing the sum. Using a programme adds between
    ``need_low`` and ``need_high`` [K, G] to that: nothing where it is needed already."""

    most: FloatArray
    doubt: FloatArray
    need_low: FloatArray
    need_high: FloatArray


class Geometry:
    """Cuts and limits of boxes, from the treatment space."""

    def __init__(self, space: TreatmentSpace) -> None:
        self._space = space
        self._marks = np.array([mark.lever for mark in space.thresholds], dtype=np.int64)
        self._levels = np.array([mark.level for mark in space.thresholds], dtype=float)
        self._fill_stops()

    def _fill_stops(self) -> None:
        space = self._space
        self._stops = space.stop_table
        self._is_step = np.zeros(self._stops.shape, dtype=bool)
        for lever in range(len(space.levels)):
            self._is_step[:, lever] = np.isin(self._stops[:, lever], self._levels[self._marks == lever])
        sizes = [0 if levels is None else len(levels) for levels in space.levels]
        self._grid = np.full((len(sizes), max(sizes, default=0)), np.inf)
        for lever, levels in enumerate(space.levels):
            if levels is not None:
                self._grid[lever, : len(levels)] = levels

    def steps(self, boxes: BoxSet, prices: CellPrices) -> Steps:
        """What thresholds and needs may add over each box."""
        low, high = boxes.low, boxes.high
        some, none = (low > 0.0) | boxes.above, (high == 0.0) & ~boxes.above
        at, until, open_end = low[:, self._marks], high[:, self._marks], boxes.below[:, self._marks]
        positive = self._levels > 0.0
        never = np.where(positive, (until < self._levels) | ((until == self._levels) & open_end), none[:, self._marks])
        sure = np.where(positive, at >= self._levels, some[:, self._marks]) & ~never
        doubt = np.zeros_like(low)
        most = prices.constant[boxes.cell].copy()
        for mark, lever in enumerate(self._marks):
            price = prices.threshold[boxes.cell, mark]
            open_mark = ~sure[:, mark] & ~never[:, mark]
            most += np.where(sure[:, mark], price, np.where(open_mark, np.maximum(price, 0.0), 0.0))
            doubt[:, lever] += np.where(open_mark, np.abs(price), 0.0)
        need_low, need_high = prices.need[boxes.cell], prices.need[boxes.cell]
        for programme, unlocks in enumerate(self._space.unlocks):
            price = prices.need[boxes.cell, programme]
            certain = boxes.used[:, programme] | some[:, unlocks].any(axis=1)
            possible = ~certain & ~none[:, unlocks].all(axis=1)
            need_low[:, programme] = np.where(certain, 0.0, np.where(possible, np.minimum(price, 0.0), price))
            need_high[:, programme] = np.where(certain, 0.0, np.where(possible, np.maximum(price, 0.0), price))
            most += np.where(certain, price, np.where(possible, np.maximum(price, 0.0), 0.0))
            undecided = possible[:, None] & ~some & ~none & unlocks
            doubt += np.where(undecided, np.abs(price)[:, None], 0.0)
        return Steps(most, doubt, need_low, need_high)

    def within_contacts(self, boxes: BoxSet, segment: IntArray) -> BoxSet:
        """Boxes cut down to what contacts_max leaves of them; those it leaves nothing of are dropped."""
        space = self._space
        if not np.isfinite(space.contacts_max[segment]).any():
            return boxes
        limit = space.contacts_max[segment] * (1.0 + CONTACT_SLACK)
        spare = limit - boxes.low @ space.contacts
        boxes, segment, spare = boxes.take(spare >= 0.0), segment[spare >= 0.0], spare[spare >= 0.0]
        for lever in np.flatnonzero(space.contacts > 0.0):
            reach = boxes.low[:, lever] + spare / space.contacts[lever]
            levels = space.levels[lever]
            if levels is not None:
                reach = levels[np.searchsorted(levels, reach, side="right") - 1]
            shorter = reach < boxes.high[:, lever]
            boxes.below[shorter, lever] = False
            boxes.high[shorter, lever] = np.maximum(reach, boxes.low[:, lever])[shorter]
        return boxes

    def cut(self, boxes: BoxSet, segment: IntArray, lever: IntArray, steep: BoolArray, place: FloatArray) -> BoxSet:
        """Cut each box in two along its ``lever`` [K]: at 0, at a kink or threshold, between levels, or at ``place``
        [K]; where that is not a number, midway, or close to 0 where the slope is infinite there (``steep`` [K])."""
        each = np.arange(len(boxes))
        low, high = boxes.low[each, lever], boxes.high[each, lever]
        end, start, open_end, open_start = self._place(boxes, segment, lever, steep, place)
        first, second = boxes.take(each), boxes.take(each)
        first.high[each, lever], second.low[each, lever] = np.clip(end, low, high), np.clip(start, low, high)
        first.below[each, lever] = open_end
        second.above[each, lever] = open_start
        return BoxSet.join([first, second])

    def divide(self, boxes: BoxSet, programme: IntArray) -> BoxSet:
        """Settle an undecided ``programme`` [K] of each box: not used in one half, used in the other."""
        each = np.arange(len(boxes))
        without, using = boxes.take(each), boxes.take(each)
        without.undecided[each, programme] = False
        using.used[each, programme] = True
        using.undecided &= ~self._space.clashes[programme]
        using.undecided[each, programme] = False
        return BoxSet.join([without, using])

    def _place(
        self, boxes: BoxSet, segment: IntArray, lever: IntArray, steep: BoolArray, place: FloatArray
    ) -> tuple[FloatArray, FloatArray, BoolArray, BoolArray]:
        """End of the first part, start of the second, and whether each border is left out."""
        each = np.arange(len(boxes))
        low, high = boxes.low[each, lever], boxes.high[each, lever]
        middle = np.where(steep & (low == 0.0), NEAR_ZERO * high, (low + high) / 2.0)
        middle = np.where((place > low) & (place < high), place, middle)
        end, start = middle.copy(), middle.copy()
        open_end, open_start = np.zeros(len(boxes), dtype=bool), np.zeros(len(boxes), dtype=bool)
        stops, is_step = self._stops[segment, lever], self._is_step[segment, lever]
        closed = ~boxes.below[each, lever][:, None]
        inside = (stops > low[:, None]) & ((stops < high[:, None]) | ((stops == high[:, None]) & is_step & closed))
        rows = np.flatnonzero(inside.any(axis=1))
        if rows.size:
            distance = np.where(inside[rows], np.abs(stops[rows] - middle[rows, None]), np.inf)
            nearest = distance.argmin(axis=1)
            end[rows] = start[rows] = stops[rows, nearest]
            open_end[rows] = is_step[rows, nearest]
        zero = self._space.steps_at_zero[lever] & (low == 0.0) & ~boxes.above[each, lever]
        end[zero] = start[zero] = 0.0
        open_end[zero], open_start[zero] = False, True
        self._between_levels(lever, low, high, end, start)
        discrete = ~self._space.continuous[lever]
        return end, start, open_end & ~discrete, open_start & ~discrete

    def _between_levels(
        self, lever: IntArray, low: FloatArray, high: FloatArray, end: FloatArray, start: FloatArray
    ) -> None:
        rows = np.flatnonzero(~self._space.continuous[lever])
        if rows.size:
            grid = self._grid[lever[rows]]
            first = (grid < low[rows, None]).sum(axis=1)
            last = (grid < high[rows, None]).sum(axis=1)
            place = (first + last) // 2
            each = np.arange(len(rows))
            end[rows], start[rows] = grid[each, place], grid[each, np.minimum(place + 1, last)]
