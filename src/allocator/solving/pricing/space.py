"""Which treatments a segment's customers may get: efforts, contacts, and programmes used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from allocator.domain.model import Continuous, Levels, Model, Programme
from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.response.table import ResponseTable
from allocator.solving.pricing.cells import Threshold

NEVER = 10**9
"""A period beyond any horizon."""
CONTACT_SLACK = 1e-12
"""Relative excess over a segment's contacts_max that counts as rounding."""


@dataclass(frozen=True, slots=True)
class Factors:
    """Ranges of what programmes multiply curves (``boosts``, None where nothing is boosted) and hours
    (``saves``) by, [K, L] each; both ends are the same array where it is settled which programmes are used."""

    boosts: tuple[FloatArray, FloatArray] | None
    saves: tuple[FloatArray, FloatArray]


class TreatmentSpace:
    """All treatments of a model.

    levels: by lever, ascending; None where the effort is continuous.
    max_effort: [L, S] largest effort, 0 where the lever does not reach the segment.
    contacts: [L] per unit of effort; contacts_max: [S], infinite where there is no limit.
    uses: [V, G] programmes used by each variant; variant 0 uses none.
    boosts, saves: [V, L] factors on curves and on hours.
    programme_boosts, programme_saves: [G, L] the factors of each programme; 1 where all it does is to save hours,
        which it does for every treatment (see ``formulation.savings``).
    useful: [S, G] whether a programme boosts or saves anything in a segment.
    clashes: [G, G] whether two programmes cannot be used together.
    unlocks: [G, L] whether a lever needs the programme to work.
    steps_at_zero: [L] whether any effort at all reaches a threshold or needs a programme.
    stop_table: [S, L, N] the efforts in ]0, max] where a curve has a kink or a threshold lies, ascending and padded
        with NaN.
    """

    def __init__(self, table: ResponseTable, model: Model, thresholds: Sequence[Threshold]) -> None:
        self.table = table
        self.thresholds = tuple(thresholds)
        levers, programmes = tuple(model.levers.values()), tuple(model.programmes.values())
        self.levels = tuple(
            np.array(lever.effort.levels) if isinstance(lever.effort, Levels) else None for lever in levers
        )
        self.max_effort: FloatArray = table.reaches * np.array([lever.effort.max for lever in levers])[:, None]
        self.continuous: BoolArray = np.array([isinstance(lever.effort, Continuous) for lever in levers], dtype=bool)
        self.contacts: FloatArray = np.array([lever.contacts for lever in levers])
        self.contacts_max: FloatArray = np.array(
            [np.inf if segment.contacts_max is None else segment.contacts_max for segment in model.segments]
        )
        names = tuple(model.levers)
        self.unlocks: BoolArray = np.array(
            [[name in programme.unlocks for name in names] for programme in programmes], dtype=bool
        ).reshape(len(programmes), len(names))
        self.programme_boosts = _factors([programme.boosts for programme in programmes], names)
        chosen = [{} if programme.only_saves else programme.saves for programme in programmes]
        self.programme_saves = _factors(chosen, names)
        self.clashes = _clashes(tuple(model.programmes.items()))
        self._name_variants(model)
        self._grids: dict[tuple[bytes, float], FloatArray] = {}
        marked = [any(mark.lever == lever and mark.level == 0.0 for mark in thresholds) for lever in range(len(levers))]
        self.steps_at_zero: BoolArray = self.unlocks.any(axis=0) | np.array(marked, dtype=bool)
        self.stop_table: FloatArray = self._stops()

    def _name_variants(self, model: Model) -> None:
        numbers: dict[tuple[int, ...], int] = {(): 0}
        known: dict[tuple[int, ...], IntArray] = {}
        self._variants: list[IntArray] = []
        self.useful: BoolArray = np.zeros((len(model.segments), len(model.programmes)), dtype=bool)
        for segment in range(len(model.segments)):
            if model.programmes:
                boosting, saving = self._influence(segment)
                self.useful[segment] = (boosting | saving).any(axis=1)
            useful = tuple(np.flatnonzero(self.useful[segment]).tolist())
            if useful not in known:
                sets = _compatible_sets(useful, self.clashes)
                known[useful] = np.array([numbers.setdefault(chosen, len(numbers)) for chosen in sets])
            self._variants.append(known[useful])
        self.uses: BoolArray = np.zeros((len(numbers), len(model.programmes)), dtype=bool)
        for chosen, number in numbers.items():
            self.uses[number, list(chosen)] = True
        self.boosts: FloatArray = np.where(self.uses[:, :, None], self.programme_boosts, 1.0).prod(axis=1)
        self.saves: FloatArray = np.where(self.uses[:, :, None], self.programme_saves, 1.0).prod(axis=1)
        self._boosting = bool((self.boosts != 1.0).any())
        self._weights = 2.0 ** np.arange(len(model.programmes))
        codes = self.uses @ self._weights
        self._by_code = np.argsort(codes)
        self._codes = codes[self._by_code]

    def _influence(self, segment: int) -> tuple[BoolArray, BoolArray]:
        """[G, L] whether a programme boosts a curve, and whether it saves effort's load, in a segment."""
        boosting = (self.programme_boosts != 1.0) & self.table.acts[:, segment]
        saving = (self.programme_saves != 1.0) & self.table.reaches[:, segment]
        return boosting, saving

    def variants(self, segment: int) -> IntArray:
        """Variants that make sense in a segment: sets of the programmes that boost or save a lever there."""
        return self._variants[segment]

    def variant_of(self, used: BoolArray) -> IntArray:
        """[K] variant that uses the programmes ``used`` [K, G], among which none clash."""
        return np.asarray(self._by_code[np.searchsorted(self._codes, used @ self._weights)])

    def factors_of(self, variant: IntArray) -> Factors:
        """Factors of variants [K]."""
        boosts, saves = self.boosts_of(variant), self.saves[variant]
        return Factors(None if boosts is None else (boosts, boosts), (saves, saves))

    def boosts_of(self, variant: IntArray) -> FloatArray | None:
        """[K, L] boosts of variants; None where no programme boosts anything."""
        return self.boosts[variant] if self._boosting else None

    def factors(self, used: BoolArray, undecided: BoolArray) -> Factors:
        """Range of factors where the programmes ``used`` [K, G] are used and those ``undecided`` may be."""
        settled = self.factors_of(self.variant_of(used))
        if not undecided.any():
            return settled
        boosts = settled.boosts and _widened(settled.boosts[0], undecided, self.programme_boosts)
        return Factors(boosts, _widened(settled.saves[0], undecided, self.programme_saves))

    def compatible(self, used: BoolArray, wanted: BoolArray) -> BoolArray:
        """[K, G] ``used`` and, in order, those ``wanted`` that clash with none taken before."""
        taken = used.copy()
        for programme in np.flatnonzero(wanted.any(axis=0)):
            taken[:, programme] |= wanted[:, programme] & ~(taken & self.clashes[programme]).any(axis=1)
        return taken

    def _stops(self) -> FloatArray:
        segments, levers = len(self.table.segments), len(self.levels)
        found: dict[tuple[int, int], list[float]] = {}
        for lever in range(levers):
            marks = {mark.level for mark in self.thresholds if mark.lever == lever}
            kinks = self.table.kinks(lever)
            for segment in range(segments) if marks else kinks:
                limit = self.max_effort[lever, segment]
                met = marks | kinks.get(segment, set())
                found[segment, lever] = sorted(stop for stop in met if 0.0 < stop <= limit)
        padded = np.full((segments, levers, max(map(len, found.values()), default=0)), np.nan)
        for place, stops in found.items():
            padded[place][: len(stops)] = stops
        return padded

    def needs(self, efforts: FloatArray, variant: IntArray) -> BoolArray:
        """[K, G] programmes that treatments need: those used, and those that unlock a lever with effort."""
        return np.asarray(self.uses[variant] | ((efforts > 0.0) @ self.unlocks.T))

    def reached(self, efforts: FloatArray) -> BoolArray:
        """[K, H] thresholds that treatments reach."""
        columns = [
            efforts[:, mark.lever] >= mark.level if mark.level > 0.0 else efforts[:, mark.lever] > 0.0
            for mark in self.thresholds
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((len(efforts), 0), dtype=bool)

    def fits_contacts(self, segment: IntArray, efforts: FloatArray) -> BoolArray:
        """[K] whether treatments keep within contacts_max."""
        return np.asarray(efforts @ self.contacts <= self.contacts_max[segment] * (1.0 + CONTACT_SLACK))

    def allows(self, segment: IntArray, efforts: FloatArray) -> BoolArray:
        """[K] whether treatments keep within reach, maximum, levels and contacts."""
        allowed = self.fits_contacts(segment, efforts)
        for lever, levels in enumerate(self.levels):
            effort, most = efforts[:, lever], self.max_effort[lever, segment]
            allowed &= effort <= most if levels is None else (effort == 0.0) | (np.isin(effort, levels) & (most > 0.0))
        return allowed

    def nearest(self, segment: IntArray, efforts: FloatArray, low: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Treatments near ``efforts`` [K, L], none below ``low``, and whether they are allowed: levels are
        met, and effort above ``low`` is scaled down to what the contacts leave."""
        result = efforts.copy()
        for lever, levels in enumerate(self.levels):
            if levels is not None:
                place = np.searchsorted((levels[1:] + levels[:-1]) / 2.0, result[:, lever])
                result[:, lever] = np.where(self.max_effort[lever, segment] > 0.0, levels[place], 0.0)
        too_many = ~self.fits_contacts(segment, result)
        if not too_many.any():
            return result, ~too_many
        result[too_many] = np.where(self.continuous, result[too_many], low[too_many])
        room = self.contacts_max[segment] - low @ self.contacts
        asked = (result - low) @ self.contacts
        tight = asked > room * (1.0 - CONTACT_SLACK)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(tight & too_many, np.maximum(0.0, room) / asked, 1.0)
        result = np.where(share[:, None] < 1.0, low + share[:, None] * (result - low), result)
        return result, self.fits_contacts(segment, result)

    def grid_size(self, segment: int) -> int | None:
        """Combinations of levels and variants before contacts are looked at; None where some effort is continuous."""
        size = len(self.variants(segment))
        for lever, levels in enumerate(self.levels):
            if self.max_effort[lever, segment] > 0.0:
                if levels is None:
                    return None
                size *= len(levels)
        return size

    def _grid(self, segment: int) -> FloatArray:
        """[K, L] combinations of levels that keep within contacts_max; made once for segments that are alike."""
        open_levers = self.max_effort[:, segment] > 0.0
        key = open_levers.tobytes(), float(self.contacts_max[segment])
        if key not in self._grids:
            zero = np.zeros(1)
            options = [
                zero if levels is None or not some else levels
                for levels, some in zip(self.levels, open_levers, strict=True)
            ]
            grid = np.array(list(product(*options)), dtype=float)
            self._grids[key] = grid[self.fits_contacts(np.full(len(grid), segment), grid)]
        return self._grids[key]

    def enumerate(self, segment: int) -> tuple[FloatArray, IntArray]:
        """Efforts [K, L] and variants [K] of all treatments of a segment whose levers have levels. Variants
        whose programmes do not change a treatment are left out."""
        grid = self._grid(segment)
        if not self.useful[segment].any():
            return grid, np.zeros(len(grid), dtype=np.int64)
        boosting, saving = self._influence(segment)
        treated = grid > 0.0
        changed = (treated | self.table.acts_without_effort[:, segment]) @ boosting.T | treated @ saving.T
        efforts, variants = [], []
        for variant in self.variants(segment):
            kept = changed[:, self.uses[variant]].all(axis=1)
            efforts.append(grid[kept])
            variants.append(np.full(int(kept.sum()), variant))
        return np.concatenate(efforts), np.concatenate(variants)


def _factors(given: Sequence[Mapping[str, float]], levers: Sequence[str]) -> FloatArray:
    rows = [[factors.get(lever, 1.0) for lever in levers] for factors in given]
    return np.array(rows, dtype=float).reshape(len(given), len(levers))


def _widened(settled: FloatArray, undecided: BoolArray, factors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Range of ``settled`` [K, L] times the factors [G, L] of programmes that may or may not be used."""
    low, high = settled.copy(), settled.copy()
    for programme, factor in enumerate(factors):
        maybe = undecided[:, programme, None]
        low *= np.where(maybe, np.minimum(factor, 1.0), 1.0)
        high *= np.where(maybe, np.maximum(factor, 1.0), 1.0)
    return low, high


def _clashes(programmes: Sequence[tuple[str, Programme]]) -> BoolArray:
    names = [name for name, _ in programmes]
    excluded = [[name in programme.excludes for name in names] for _, programme in programmes]
    one_way = np.array(excluded, dtype=bool).reshape(len(names), len(names))
    return np.asarray(one_way | one_way.T)


def _compatible_sets(useful: Sequence[int], clashes: BoolArray) -> Iterator[tuple[int, ...]]:
    """Every subset of programmes among which none clash, the empty one first."""
    for size in range(len(useful) + 1):
        for chosen in combinations(useful, size):
            if not any(clashes[pair] for pair in combinations(chosen, 2)):
                yield chosen


def earliest_work(model: Model) -> IntArray:
    """[G] the first period in which each programme can work, from its window, its lead and what it requires.

    A programme may start once those it requires work; what can never work is given a period far away.
    """
    programmes = list(model.programmes.values())
    place = {name: number for number, name in enumerate(model.programmes)}
    work = np.array([(each.window or (1, NEVER))[0] + each.lead for each in programmes], dtype=np.int64)
    for _ in programmes:
        for number, programme in enumerate(programmes):
            first, last = programme.window or (1, NEVER)
            start = max([first, *(int(work[place[name]]) for name in programme.requires)])
            work[number] = start + programme.lead if start <= last else NEVER
    return work
