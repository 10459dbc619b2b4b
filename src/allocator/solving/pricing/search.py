"""Branch and bound over boxes of effort, for all cells at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.arithmetic import ROUNDING, middle, times
from allocator.solving.pricing.boxes import BoxSet, Geometry
from allocator.solving.pricing.cells import Priced
from allocator.solving.pricing.contacts import spared, toll
from allocator.solving.pricing.examined import Examined
from allocator.solving.pricing.objective import INSET
from allocator.solving.pricing.polish import polish
from allocator.solving.pricing.programmes import choose, settle
from allocator.solving.pricing.quadratic import concave_bound, mean_value_centre
from allocator.solving.pricing.seeds import Start
from allocator.solving.pricing.separable import SeparableBounds

ROUNDS = 200
CHUNK = 8192
"""Boxes examined together, so that their arrays stay in the processor's cache."""
SEPARATED = 1024
"""The same of those whose levers are taken one by one."""
SPARED = 4000
"""About how many boxes that bound must spare, or it takes longer than they would."""
FEW = 4
"""Most undecided programmes that are settled before anything is cut, where the levers can then be taken one by one."""
BROAD = 0.2
"""Widths, relative to the largest effort, above which second derivatives range too far to be of use."""
HALVES = 2000
"""Most boxes cut in two that are cut in two again before they are examined."""
HALVED = 0.4
"""What is left, about, of what a lever makes a bound too loose by once boxes are cut along it."""
NARROW = 1e-13
"""Width, relative to the largest effort, at which a box is a point."""
NARROWEST = 1e-60
"""The same where a slope is infinite at effort 0."""

Stop = Callable[[], bool]
"""Whether to search no further."""


def never() -> bool:
    """No reason to stop."""
    return False


class Search:
    """One search for the best treatment of every cell."""

    def __init__(
        self, start: Start, geometry: Geometry, separable: SeparableBounds, tolerance: FloatArray, floor: float
    ) -> None:
        self._space, self._geometry, self._evaluator = start.space, geometry, start.evaluator
        self._reduced_cost, self._prices, self._best = start.reduced_cost, start.prices, start.best
        self._can_work = start.can_work
        self._tolerance = tolerance
        self._floor = floor
        self._separable = separable

    def run(self, limit: int, stop: Stop = never) -> Priced:
        """Search until every cell is closed to the tolerance, or ``limit`` boxes are open at once, or, after the first
        round, ``stop`` says so."""
        boxes = self._cover()
        for number in range(ROUNDS):
            if not len(boxes) or len(boxes) > limit or (number and stop()):
                break
            parts = [self._examine(boxes.take(slice(at, at + CHUNK))) for at in range(0, len(boxes), CHUNK)]
            boxes = BoxSet.join(parts)
            boxes = boxes.take(self._open(boxes))
        best = self._best.dismiss(boxes.cell, boxes.upper)
        return Priced(best.efforts, best.variant, best.value, np.maximum(best.value, best.dismissed))

    def bound(self) -> FloatArray:
        """[C] upper bound over all treatments of each cell, without any search."""
        boxes = self._cover()
        parts = [self._bound(boxes.take(slice(at, at + CHUNK))).boxes.upper for at in range(0, len(boxes), CHUNK)]
        return np.concatenate([*parts, np.zeros(0)])

    def _cover(self) -> BoxSet:
        """One box for each cell: all efforts of levers that are not locked, all programmes that can work."""
        segment = self._prices.segment
        cell = np.arange(len(segment))
        undecided = self._space.useful[segment] & self._can_work
        locked = ~self._can_work @ self._space.unlocks
        high = np.where(locked, 0.0, self._space.max_effort[:, segment].T)
        closed = np.zeros(high.shape, dtype=bool)
        none = np.zeros_like(undecided)
        return BoxSet(
            cell, none, undecided, np.zeros_like(high), high, closed, closed.copy(), np.full(len(cell), np.inf)
        )

    def _polish(self, cells: IntArray) -> None:
        polish(self._reduced_cost, self._best, cells, 0.1 * self._tolerance)

    def _enough(self, boxes: BoxSet) -> FloatArray:
        """[K] bounds that need not be lowered."""
        return np.asarray(np.maximum(self._best.value + self._tolerance, self._floor)[boxes.cell])

    def _open(self, boxes: BoxSet) -> BoolArray:
        """Which boxes may hold something better; the others are dismissed."""
        done = boxes.upper <= self._enough(boxes)
        self._best.dismiss(boxes.cell[done], boxes.upper[done])
        return ~done

    def _examine(self, boxes: BoxSet) -> BoxSet:
        """Bound boxes, try treatments in them, and cut those that stay open."""
        boxes = self._geometry.within_contacts(boxes, self._prices.segment[boxes.cell])
        if not len(boxes):
            return boxes
        state = self._bound(boxes)
        self._try(state)
        state = state.take(self._open(boxes))
        before = self._divisible(state)
        self._flatten(state)
        self._separate(state)
        self._close(state)
        kept = self._open(state.boxes)
        state, before = state.take(kept), before[kept]
        self._flatten(state)
        again = np.asarray(before & ~self._divisible(state))
        return BoxSet.join([state.boxes.take(again), self._cut(state.take(~again))])

    def _bound(self, boxes: BoxSet) -> Examined:
        """Lower ``upper`` by the order bound and the mean-value bound; settle programmes."""
        steps = self._geometry.steps(boxes, self._prices)
        factors = self._space.factors(boxes.used, boxes.undecided)
        bounds = self._reduced_cost.bounds(self._evaluator, boxes.cell, factors, boxes.low, boxes.high)
        ordered, size = bounds.order_bound()
        choice = choose(self._space, self._prices, boxes, bounds, factors, steps)
        needs = np.where(boxes.undecided, np.maximum(steps.need_high, 0.0), 0.0).sum(axis=1)
        rest = steps.most + ROUNDING * (size + np.abs(steps.most) + np.abs(choice.need))
        low, high = bounds.gradient()
        segment = self._prices.segment[boxes.cell]
        price, tight = toll(self._space, segment, (boxes.low, boxes.high), (low, high))
        charge = price[:, None] * self._space.contacts
        centre, loss = mean_value_centre(boxes.low, boxes.high, low - charge, high - charge)
        variant = self._space.variant_of(choice.taken)
        at_centre = self._reduced_cost.smooth(boxes.cell, variant, centre)
        at_centre += spared(self._space, segment, price, centre)
        around = choice.need + choice.loss.sum(axis=1)
        boxes.upper = np.minimum(boxes.upper, np.minimum(ordered + needs, at_centre + loss.sum(axis=1) + around) + rest)
        settle(self._space, boxes, choice)
        open_loss = np.where(boxes.undecided, choice.loss, -1.0)
        steep = np.isinf(low) | np.isinf(high)
        anywhere = np.full(len(boxes), -1), np.zeros(len(boxes))
        rest = rest + around
        return Examined(
            boxes, low, high, price, tight, centre, loss, variant, open_loss, rest, steps.doubt, steep, *anywhere
        )

    def _try(self, state: Examined) -> None:
        """Offer the treatment nearest to each centre, off the borders that are left out; climb from new bests."""
        boxes, centre = state.boxes, state.centre
        largest = self._space.max_effort[:, self._prices.segment[boxes.cell]].T
        efforts = np.where(boxes.below, np.minimum(centre, boxes.high * (1.0 - INSET)), centre)
        efforts = np.where(boxes.above, np.maximum(efforts, INSET * largest), efforts)
        before = self._best.value.copy()
        least = np.minimum(boxes.low, efforts)
        improved = self._best.consider(self._reduced_cost, boxes.cell, state.variant, efforts, least)
        self._polish(improved[self._best.value[improved] > before[improved] + self._tolerance[improved]])

    def _flatten(self, state: Examined) -> None:
        """Reduce boxes to the end at which they are best, where a lever's slope has one sign throughout."""
        boxes, certain = state.boxes, state.doubt == 0.0
        rising = (state.slope_low >= 0.0) & certain & ~state.tight[:, None]
        falling = (state.slope_high <= 0.0) & certain & ~rising
        boxes.low = np.where(rising, boxes.high, boxes.low)
        boxes.high = np.where(falling, boxes.low, boxes.high)

    def _separate(self, state: Examined) -> None:
        """Bring in the bound that takes each lever by itself, where programmes and steps are settled."""
        plain = self._plain(state) & ~state.boxes.undecided.any(axis=1)
        width = self._width(state.boxes)
        rows = np.flatnonzero(plain & (width.max(axis=1, initial=0.0) > BROAD))
        # Without that bound, boxes would be cut along every lever.
        if (4.0 ** (width[rows] > 0.0).sum(axis=1)).sum() < SPARED:
            return
        for part in np.split(rows, range(SEPARATED, len(rows), SEPARATED)):
            if part.size:
                self._separate_part(state, part)

    def _plain(self, state: Examined) -> BoolArray:
        """[K] boxes to which that bound will apply once their programmes are settled."""
        fits = self._separable.fits[self._prices.segment[state.boxes.cell]]
        return np.asarray(fits & ~(state.doubt > 0.0).any(axis=1))

    def _separate_part(self, state: Examined, rows: IntArray) -> None:
        boxes, price = state.boxes.take(rows), state.toll[rows]
        segment, variant = self._prices.segment[boxes.cell], self._space.variant_of(boxes.used)
        terms, outlook = self._reduced_cost.separated(boxes.cell, variant, (boxes.low, boxes.high))
        terms = replace(terms, effort=terms.effort - price[:, None] * self._space.contacts)
        rest = state.rest[rows] + spared(self._space, segment, price, np.zeros_like(boxes.low))
        rest += self._prices.margin[boxes.cell] * self._space.table.untreated_margin[segment]
        enough = self._enough(boxes)
        found = self._separable.bound(terms, outlook, enough - rest)
        boxes.upper = np.minimum(boxes.upper, found.upper + rest)
        state.boxes.upper[rows], state.lever[rows], state.place[rows] = boxes.upper, found.lever, found.place
        stays = np.flatnonzero(boxes.upper > enough)
        for efforts in found.efforts:
            tried = boxes.cell[stays], variant[stays], efforts[stays], boxes.low[stays]
            self._best.consider(self._reduced_cost, *tried)

    def _close(self, state: Examined) -> None:
        """Bring in the Hessian where open boxes are small enough for its range to tell something."""
        small = self._width(state.boxes).max(axis=1, initial=0.0) <= BROAD
        small &= state.boxes.upper > self._enough(state.boxes)
        if small.any():
            part = state.take(small)
            self._bend(part)
            state.boxes.upper[small] = part.boxes.upper
            state.slope_low[small], state.slope_high[small] = part.slope_low, part.slope_high
            state.loss[small] = part.loss

    def _bend(self, state: Examined) -> None:
        """Lower ``upper`` by the concave bound around a point off the box's sides, with the programmes used
        there; where these are settled, narrow the gradient's range by that of the Hessian."""
        boxes = state.boxes
        width = boxes.high - boxes.low
        inside = np.clip(state.centre, boxes.low + 1e-3 * width, boxes.high - 1e-3 * width)
        factors = self._space.factors_of(state.variant)
        bends = self._reduced_cost.bounds(self._evaluator, boxes.cell, factors, boxes.low, boxes.high).hessian()
        slope = self._reduced_cost.bounds(self._evaluator, boxes.cell, factors, inside, inside).gradient()
        charged = middle(slope) - state.toll[:, None] * self._space.contacts
        gain = concave_bound((boxes.low, boxes.high), inside, charged, bends)
        here = self._reduced_cost.smooth(boxes.cell, state.variant, inside)
        here += spared(self._space, self._prices.segment[boxes.cell], state.toll, inside)
        boxes.upper = np.minimum(boxes.upper, here + gain + state.rest)
        with np.errstate(invalid="ignore", divide="ignore"):
            kept = np.clip(gain / state.loss.sum(axis=1), 0.0, 1.0)
        state.loss = np.where(np.isfinite(kept), kept, 1.0)[:, None] * state.loss
        other = (self._space.uses[state.variant] != boxes.used) | boxes.undecided
        settled = ~np.asarray(other).any(axis=1, keepdims=True)
        moved = times(bends, ((boxes.low - inside)[:, None], (boxes.high - inside)[:, None]))
        narrow = slope[0] + moved[0].sum(axis=2), slope[1] + moved[1].sum(axis=2)
        state.slope_low = np.where(settled, np.maximum(state.slope_low, narrow[0]), state.slope_low)
        state.slope_high = np.where(settled, np.minimum(state.slope_high, narrow[1]), state.slope_high)

    def _width(self, boxes: BoxSet) -> FloatArray:
        """[K, L] widths as shares of the largest efforts."""
        largest = self._space.max_effort[:, self._prices.segment[boxes.cell]].T
        return np.asarray((boxes.high - boxes.low) / np.where(largest > 0.0, largest, 1.0))

    def _wide(self, state: Examined) -> BoolArray:
        """[K, L] along which levers boxes can still be cut."""
        return np.asarray(self._width(state.boxes) > np.where(state.steep, NARROWEST, NARROW))

    def _divisible(self, state: Examined) -> BoolArray:
        """[K] whether boxes can still be cut."""
        return np.asarray(self._wide(state).any(axis=1) | state.boxes.undecided.any(axis=1))

    def _cut(self, state: Examined) -> BoxSet:
        """Cut along the lever, or settle the programme, that makes the bound loosest; boxes that are points
        are dismissed."""
        boxes, share, wide = state.boxes, self._width(state.boxes), self._wide(state)
        gap = np.minimum(boxes.upper - self._best.value[boxes.cell], 1e300)[:, None]
        endless = np.isinf(state.loss)
        finite = np.where(endless, 0.0, state.loss)
        loss = np.where(endless, np.maximum(gap, finite.sum(axis=1, keepdims=True)) * share**0.1, finite)
        score = np.where(wide, loss + state.doubt + 1e-6 * gap * share, -1.0)
        few = boxes.undecided.any(axis=1) & (boxes.undecided.sum(axis=1) <= FEW) & self._plain(state)
        score = np.where(few[:, None], -1.0, score)
        choices = np.concatenate([score, np.where(boxes.undecided, state.open_loss, -1.0)], axis=1)
        best, each = choices.argmax(axis=1), np.arange(len(boxes))
        known = (state.lever >= 0) & wide[each, state.lever]
        best = np.where(known, state.lever, best)
        levers = score.shape[1]
        stuck = choices[each, best] < 0.0
        self._best.dismiss(boxes.cell[stuck], boxes.upper[stuck])
        along = ~stuck & (best < levers)
        settling = ~stuck & (best >= levers)
        steep = state.steep[each, np.minimum(best, levers - 1)][along]
        part = boxes.take(along)
        place = np.where(known, state.place, np.nan)[along]
        cut = self._geometry.cut(part, self._prices.segment[part.cell], best[along], steep, place)
        score[each, np.minimum(best, levers - 1)] *= HALVED
        cut = self._cut_again(cut, np.where(known[:, None], -1.0, score)[along], state.steep[along])
        if not settling.any():
            return cut
        return BoxSet.join([cut, self._geometry.divide(boxes.take(settling), best[settling] - levers)])

    def _cut_again(self, boxes: BoxSet, score: FloatArray, steep: BoolArray) -> BoxSet:
        """Cut both halves of K boxes along the lever of the greatest ``score`` [K, L] above 0, unless they are many: a
        few boxes take about as long to examine as half of them."""
        if not score.size or len(boxes) > HALVES:
            return boxes
        steep = np.tile(steep, (2, 1))
        score = np.where(self._width(boxes) > np.where(steep, NARROWEST, NARROW), np.tile(score, (2, 1)), -1.0)
        lever, more = score.argmax(axis=1), score.max(axis=1, initial=-1.0) > 0.0
        part, steep = boxes.take(more), steep[np.arange(len(boxes)), lever]
        midway = np.full(len(part), np.nan)
        cut = self._geometry.cut(part, self._prices.segment[part.cell], lever[more], steep[more], midway)
        return BoxSet.join([boxes.take(~more), cut])
