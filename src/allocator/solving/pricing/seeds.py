"""Where a search begins: the best of the treatments known, improved by climbing and by programmes that pay."""

from __future__ import annotations

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.response.intervals import BoxEvaluator
from allocator.solving.pricing.catalogue import Catalogue
from allocator.solving.pricing.cells import CellPrices
from allocator.solving.pricing.objective import Incumbents, ReducedCost
from allocator.solving.pricing.polish import polish
from allocator.solving.pricing.programmes import gains
from allocator.solving.pricing.space import TreatmentSpace

SEEDS = 48
"""Efforts tried in every segment, with no programme and with all that can work."""
SWITCHED = (0.15, 0.4, 1.0)
"""Shares of its largest effort at which a lever is brought in."""
REMEMBERED = 2000
"""Most treatments of a segment that are kept in mind."""


class Memory:
    """Treatments worth trying first: a spread over the efforts of each segment, and those found before."""

    def __init__(self, space: TreatmentSpace) -> None:
        self._space = space
        self._shares = _spread(len(space.levels))
        self._known = Catalogue(space, REMEMBERED)
        self._spread: set[tuple[int, bytes]] = set()
        self._covered: set[bytes] = set()

    def give(self, best: Incumbents, prices: CellPrices, can_work: BoolArray, cells: IntArray) -> None:
        """Give each of the ``cells``, which have none yet, the best known treatment of its segment."""
        places = np.column_stack([prices.segment, can_work])[cells]
        if places.tobytes() not in self._covered:
            self._covered.add(places.tobytes())
            for segment, *working in np.unique(places, axis=0).tolist():
                self._scatter(segment, np.array(working, dtype=bool))
        self._known.give(best, prices, can_work, cells)

    def keep(self, best: Incumbents, prices: CellPrices) -> None:
        """Keep in mind the best treatments found."""
        for segment in np.unique(prices.segment).tolist():
            cells = np.flatnonzero(prices.segment == segment)
            self._known.add(segment, best.efforts[cells], best.variant[cells])

    def _scatter(self, segment: int, working: BoolArray) -> None:
        """Know a spread of treatments that need no other programmes than ``working`` [G]."""
        key = (segment, working.tobytes())
        if key in self._spread:
            return
        self._spread.add(key)
        space = self._space
        locked = ~working @ space.unlocks
        wanted = self._shares * np.where(locked, 0.0, space.max_effort[:, segment])
        efforts, fits = space.nearest(np.full(len(wanted), segment), wanted, np.zeros_like(wanted))
        efforts = efforts[fits]
        none = np.zeros((1, len(working)), dtype=bool)
        all_at_once = space.compatible(none, (space.useful[segment] & working)[None])
        for used in np.unique(np.concatenate([none, all_at_once]), axis=0):
            self._known.add(segment, efforts, np.repeat(space.variant_of(used[None]), len(efforts)))


class Start:
    """The cells of one search and the best treatments met in them.

    can_work: [C, G] programmes that treatments may need.
    """

    def __init__(self, space: TreatmentSpace, evaluator: BoxEvaluator, prices: CellPrices, can_work: BoolArray) -> None:
        self.space, self.evaluator, self.prices, self.can_work = space, evaluator, prices, can_work
        self.reduced_cost = ReducedCost(space, prices)
        self.best = Incumbents(len(prices), len(space.levels))

    def seed(self, memory: Memory, enough: FloatArray, *, thorough: bool) -> None:
        """Find good treatments quickly; climbing stops at steps that gain no more than ``enough`` [C].

        ``thorough`` also climbs from where a lever is left out or brought in.
        """
        every = np.arange(len(self.prices))
        memory.give(self.best, self.prices, self.can_work, every)
        self._use_what_pays(every)
        polish(self.reduced_cost, self.best, every, enough)
        if thorough:
            self._switch(enough)
        polish(self.reduced_cost, self.best, self._use_what_pays(every), enough)

    def _switch(self, enough: FloatArray) -> None:
        """Climb again from where one lever is left out or brought in: S-curves have a best at either end."""
        cells, levers = self.best.efforts.shape
        every = np.tile(np.arange(cells), levers)
        reduced_cost = ReducedCost(self.space, self.prices.take(every))
        tried = Incumbents(len(every), levers)
        locked = ~self.can_work @ self.space.unlocks
        largest = np.where(locked, 0.0, self.space.max_effort[:, self.prices.segment].T)
        places, nothing = np.arange(len(every)), np.zeros((len(every), levers))
        for share in (0.0, *SWITCHED):
            efforts = np.tile(self.best.efforts, (levers, 1))
            for lever in range(levers):
                rows = slice(lever * cells, (lever + 1) * cells)
                efforts[rows, lever] = share * largest[:, lever]
            other = (share > 0.0) != (self.best.efforts > 0.0).T.ravel()
            chosen = places[other]
            variant = self.best.variant[every[chosen]]
            tried.consider(reduced_cost, chosen, variant, efforts[chosen], nothing[chosen])
        chosen = np.flatnonzero(np.isfinite(tried.value))
        polish(reduced_cost, tried, chosen, enough[every])
        self.best.offer(every[chosen], tried.variant[chosen], tried.efforts[chosen], tried.value[chosen])

    def _use_what_pays(self, cells: IntArray) -> IntArray:
        """Offer the best treatments with the programmes that seem to pay, and with each one more or one less;
        return the cells that improved."""
        space, best = self.space, self.best
        possible = space.useful[self.prices.segment[cells]] & self.can_work[cells]
        cells, possible = cells[possible.any(axis=1)], possible[possible.any(axis=1)]
        if not cells.size:
            return cells
        efforts, used = best.efforts[cells], space.uses[best.variant[cells]]
        choices = [space.compatible(np.zeros_like(used), possible & (self._worth(cells) > 0.0))]
        for programme in np.flatnonzero(possible.any(axis=0)):
            flipped = used.copy()
            flipped[:, programme] ^= possible[:, programme]
            choices.append(flipped & ~(space.clashes[programme] & flipped[:, programme, None]))
        many = len(choices)
        return best.consider(
            self.reduced_cost,
            np.tile(cells, many),
            space.variant_of(np.concatenate(choices)),
            np.tile(efforts, (many, 1)),
            np.zeros((many * len(cells), efforts.shape[1])),
        )

    def _worth(self, cells: IntArray) -> FloatArray:
        """[K, G] about what each programme's use adds at the best treatments, by the slopes there."""
        space, efforts, variant = self.space, self.best.efforts[cells], self.best.variant[cells]
        factors = space.factors_of(variant)
        bounds = self.reduced_cost.bounds(self.evaluator, cells, factors, efforts, efforts)
        load = self.prices.load[cells]
        found = gains(space, load, (efforts, efforts), bounds.lift(), factors.saves)
        unlocking = (efforts > 0.0) @ space.unlocks.T
        return np.asarray(found[1] + np.where(unlocking, 0.0, self.prices.need[cells]))


def _spread(levers: int) -> FloatArray:
    """[N, L] shares of the largest efforts: a grid where it is small, else points spread evenly at random."""
    marks = np.array([0.0, 0.15, 0.4, 1.0])
    if not levers:
        return np.zeros((1, 0))
    if len(marks) ** levers <= SEEDS * 2:
        return np.stack(np.meshgrid(*[marks] * levers, indexing="ij"), axis=-1).reshape(-1, levers)
    drawn = np.random.default_rng(0).choice(marks, (SEEDS, levers))
    return np.concatenate([np.zeros((1, levers)), np.ones((1, levers)), drawn])
