"""Rigorous ranges of what treatments do over boxes of effort; the ground that pricing's bounds stand on.

Each curve is monotone (or piecewise linear), so over an interval of effort it lies between its extremes,
and so do sums of curves, the weights p_j exp(G_j), and the margin. Ranges are exact up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.response.effects import Action
from allocator.response.table import ResponseTable
from allocator.response.transitions import RowRanges

_STEEP = 1e150
"""Finite end of a range that is infinite on both ends of it, so that sums of ranges stay defined."""
SCARCE = 1e-140
"""Least upper end of a factor of something possible: one too small to be represented is not 0."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """K boxes of effort and boosts: ``segment`` and ``period`` [K], ``low`` and ``high`` [K, L]; ``boosts``, the
    lowest and the highest factor on each lever's curves, [K, L] each, or None where nothing is boosted.

    Where both ends are the same array, as of points, they are evaluated in less time, and the ends of all that
    is found are the same arrays, too.
    """

    segment: IntArray
    period: IntArray
    low: FloatArray
    high: FloatArray
    boosts: tuple[FloatArray, FloatArray] | None

    @property
    def points(self) -> bool:
        """Whether both ends are the same throughout."""
        return self.low is self.high and (self.boosts is None or self.boosts[0] is self.boosts[1])


@dataclass(frozen=True, slots=True)
class PerLever:
    """Range of a derivative with respect to each lever's effort, [K, L] each; may be infinite."""

    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class PerMigration:
    """Range of a derivative of one migration curve: of destination ``column`` [N] for boxes ``rows`` [N]."""

    lever: int
    rows: IntArray
    column: IntArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Derivatives:
    """Ranges of first, or of second, derivatives of all curves with respect to their lever's effort.

    loyalty: of what is added to the log-weight of every destination of ours.
    migrations: of what is added to the log-weight of one destination.
    margin: of the margin, in money.
    """

    loyalty: PerLever
    migrations: tuple[PerMigration, ...]
    margin: PerLever


@dataclass(frozen=True, slots=True)
class BoxRanges:
    """Ranges over K boxes; destinations as in the table, leaving as the last column.

    rows: probabilities before any curve acts, and their change per unit of the measured lever's effort.
    factor_low, factor_high: [K, D+1] what migration curves multiply them by, in a unit of each box's own.
    loyalty_low, loyalty_high: [K] logarithm of what loyalty curves multiply destinations of ours by besides.
    margin_low, margin_high: [K] money per customer.
    slopes: first derivatives.
    """

    rows: RowRanges
    factor_low: FloatArray
    factor_high: FloatArray
    loyalty_low: FloatArray
    loyalty_high: FloatArray
    margin_low: FloatArray
    margin_high: FloatArray
    slopes: Derivatives


Read = Callable[[Action, IntArray], tuple[FloatArray, FloatArray]]
"""Range of one action's curve (its value or a derivative) on the given rows."""


class BoxEvaluator:
    """Ranges over boxes of effort for one response table."""

    def __init__(self, table: ResponseTable) -> None:
        self._table = table
        self._own = np.concatenate([table.effects.own > 0.0, np.zeros((len(table.segments), 1), dtype=bool)], axis=1)

    def own(self, segment: IntArray) -> BoolArray:
        """[K, D+1] which destinations are ours."""
        return np.asarray(self._own[segment])

    def ranges(self, boxes: Boxes) -> BoxRanges:
        """Ranges of probabilities, factors, margin and first derivatives."""
        found = {
            id(action): action.curves.ranges(boxes.segment[rows], *_interval(boxes, action, rows))
            for action in self._table.effects.actions
            for rows in [_rows(action, boxes)]
        }

        def value(action: Action, rows: IntArray) -> tuple[FloatArray, FloatArray]:
            part = found[id(action)]
            return _boosted(boxes, rows, action.lever, (part.low, part.high))

        def slope(action: Action, rows: IntArray) -> tuple[FloatArray, FloatArray]:
            part = found[id(action)]
            return _boosted(boxes, rows, action.lever, (part.slope_low, part.slope_high))

        rows = self._table.transitions.ranges(boxes.segment, boxes.period, boxes.low, boxes.high)
        margin_low, margin_high = self._margin(boxes, value)
        factors = self._factors(boxes, value, rows)
        loyalty = _sum(boxes, self._table.effects.loyalty, value)
        return BoxRanges(rows, *factors, *loyalty, margin_low, margin_high, self._derivatives(boxes, slope))

    def loyalty(self, boxes: Boxes, found: BoxRanges) -> tuple[FloatArray, FloatArray]:
        """[K, D+1] what loyalty curves multiply each weight by, in a unit of each box's own that is at most 1."""
        own = self.own(boxes.segment)
        top = np.maximum(0.0, found.loyalty_high)
        rest = np.exp(-top)[:, None]
        low = np.where(own, np.exp(found.loyalty_low - top)[:, None], rest)
        if boxes.points:
            return low, low
        high = np.where(own, np.exp(found.loyalty_high - top)[:, None], rest)
        return low, np.maximum(high, SCARCE)

    def bends(self, boxes: Boxes) -> Derivatives:
        """Ranges of second derivatives; infinite where a curve has a kink inside."""

        def bend(action: Action, rows: IntArray) -> tuple[FloatArray, FloatArray]:
            found = action.curves.bends(boxes.segment[rows], *_interval(boxes, action, rows))
            return _boosted(boxes, rows, action.lever, found)

        return self._derivatives(boxes, bend)

    def lifts(self, boxes: Boxes) -> Derivatives:
        """Ranges of the derivatives with respect to the logarithm of each lever's boost: the curves' own values."""

        def lift(action: Action, rows: IntArray) -> tuple[FloatArray, FloatArray]:
            found = action.curves.ranges(boxes.segment[rows], *_interval(boxes, action, rows))
            return _boosted(boxes, rows, action.lever, (found.low, found.high))

        return self._derivatives(boxes, lift)

    def _factors(self, boxes: Boxes, value: Read, rows: RowRanges) -> tuple[FloatArray, FloatArray]:
        shift_low = np.zeros_like(rows.low)
        shift_high = shift_low if boxes.points else np.zeros_like(rows.low)
        for move in self._table.effects.migrations:
            places = _rows(move.action, boxes)
            least, most = value(move.action, places)
            shift_high[places, move.position[boxes.segment[places]]] += most
            if shift_low is not shift_high:
                shift_low[places, move.position[boxes.segment[places]]] += least
        possible = rows.high > 0.0
        top = np.where(possible, shift_high, -np.inf).max(axis=1, keepdims=True)
        factor_high = np.zeros_like(shift_high)
        np.exp(shift_high - top, out=factor_high, where=possible)
        if shift_low is shift_high:
            return factor_high, factor_high
        factor_low = np.zeros_like(shift_low)
        np.exp(shift_low - top, out=factor_low, where=possible)
        np.maximum(factor_high, SCARCE, out=factor_high, where=possible)
        return factor_low, factor_high

    def _margin(self, boxes: Boxes, value: Read) -> tuple[FloatArray, FloatArray]:
        relative_low, relative_high = _sum(boxes, self._table.effects.margins, value)
        added_low, added_high = _sum(boxes, self._table.effects.margin_adds, value)
        base = self._table.untreated_margin[boxes.segment]
        if boxes.points:
            point = base * (1.0 + relative_low) + added_low
            return point, point
        low, high = _scaled(base, 1.0 + relative_low, 1.0 + relative_high)
        return low + added_low, high + added_high

    def _derivatives(self, boxes: Boxes, read: Read) -> Derivatives:
        effects = self._table.effects
        moves = []
        for move in effects.migrations:
            rows = _rows(move.action, boxes)
            column = move.position[boxes.segment[rows]]
            moves.append(PerMigration(move.action.lever, rows, column, *read(move.action, rows)))
        relative, added = _per_lever(boxes, effects.margins, read), _per_lever(boxes, effects.margin_adds, read)
        base = self._table.untreated_margin[boxes.segment][:, None]
        low, high = _scaled(base, relative.low, relative.high)
        low = low + added.low
        margin = PerLever(low, low if boxes.points else high + added.high)
        return Derivatives(_per_lever(boxes, effects.loyalty, read), tuple(moves), margin)


def _rows(action: Action, boxes: Boxes) -> IntArray:
    return np.flatnonzero(action.present[boxes.segment])


def _interval(boxes: Boxes, action: Action, rows: IntArray) -> tuple[FloatArray, FloatArray]:
    low = boxes.low[rows, action.lever]
    return low, low if boxes.low is boxes.high else boxes.high[rows, action.lever]


def _sum(boxes: Boxes, actions: Iterable[Action], read: Read) -> tuple[FloatArray, FloatArray]:
    low = np.zeros(len(boxes.segment))
    high = low if boxes.points else low.copy()
    for action in actions:
        rows = _rows(action, boxes)
        least, most = read(action, rows)
        high[rows] += most
        if low is not high:
            low[rows] += least
    return low, high


def _per_lever(boxes: Boxes, actions: Iterable[Action], read: Read) -> PerLever:
    low = np.zeros_like(boxes.low)
    high = low if boxes.points else low.copy()
    for action in actions:
        rows = _rows(action, boxes)
        least, most = read(action, rows)
        high[rows, action.lever] += most
        if low is not high:
            low[rows, action.lever] += least
    return PerLever(low, high)


def _boosted(
    boxes: Boxes, rows: IntArray, lever: int, found: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Range of what is found on ``rows`` times the lever's boost."""
    if boxes.points:
        factor = 1.0 if boxes.boosts is None else boxes.boosts[0][rows, lever]
        with np.errstate(invalid="ignore"):
            value = np.clip(found[0] * factor, -_STEEP, _STEEP)
        value[np.isnan(value)] = 0.0
        return value, value
    if boxes.boosts is None:
        return np.minimum(found[0], _STEEP), np.maximum(found[1], -_STEEP)
    low, high = _scaled(boxes.boosts[0][rows, lever], *found)
    if boxes.boosts[0] is boxes.boosts[1]:
        return low, high
    other = _scaled(boxes.boosts[1][rows, lever], *found)
    return np.minimum(low, other[0]), np.maximum(high, other[1])


def _scaled(factor: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Range of factor x [low, high], where 0 x infinity is 0 and the ends cannot be infinite the wrong way."""
    with np.errstate(invalid="ignore"):
        first, last = np.where(factor == 0.0, 0.0, [factor * low, factor * high])
    return np.minimum(np.minimum(first, last), _STEEP), np.maximum(np.maximum(first, last), -_STEEP)
