"""How many customers can be in a segment at a time, whatever treatments are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray
from allocator.response.intervals import Boxes, BoxEvaluator
from allocator.response.table import ResponseTable
from allocator.solving.pricing.pricer import ENUMERATED, Pricer

PIECES = 27
"""Most boxes that continuous efforts are divided into, per segment and variant."""
QUICK = 1e8
"""About how many multiplications of ranges are spent; with more segments and periods, boxes are fewer and wider."""
VARIANTS = 8
"""Most boosts of a segment that are told apart."""
WORK = 2e9
"""Most multiplications spent on transitions that vary by period; beyond, all periods' rows count in each."""


BOXES = 20_000
"""Boxes that are evaluated together."""

Key = tuple[int, int]
"""Segment, and the first period whose transitions are the same."""


@dataclass(frozen=True, slots=True)
class _Cover:
    """Boxes [N, L] of efforts, and ranges of boosts [N, L], that together hold all treatments of a segment;
    ``exact`` where nothing but loyalty moves customers there."""

    segment: int
    period: int
    exact: bool
    low: FloatArray
    high: FloatArray
    boosts: tuple[FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """Where the treatments of one segment may lead: N rows, or ranges of weights, over its destinations
    and, last, leaving. ``low is high`` for exact probabilities."""

    low: FloatArray
    high: FloatArray

    def best(self, worth: FloatArray) -> FloatArray:
        """[S] the most that a treatment gives, for each column of ``worth`` [D+1, S]."""
        if self.low is self.high:
            return np.asarray((self.low @ worth).max(axis=0))
        found = np.zeros(worth.shape[1])
        some = np.flatnonzero(worth.any(axis=0))
        found[some] = self._dearest(worth[:, some])
        return found

    def _dearest(self, worth: FloatArray) -> FloatArray:
        """The same with high weights on the places of most worth, for every split into high and low."""
        order = np.argsort(-worth, axis=0)
        price = np.take_along_axis(worth, order, axis=0)
        low, rise = self.low[:, order], (self.high - self.low)[:, order]
        weight = low.sum(axis=1, keepdims=True) + np.cumsum(rise, axis=1)
        total = (price * low).sum(axis=1, keepdims=True) + np.cumsum(price * rise, axis=1)
        return np.asarray((total / np.maximum(weight, 1e-300)).max(axis=(0, 1)))


def reach(table: ResponseTable, pricer: Pricer, customers: FloatArray, arrivals: FloatArray) -> FloatArray:
    """[S, T+1] the most customers that may be in each segment at the start of periods 1..T+1.

    ``customers`` [S] are there at the start of period 1; ``arrivals`` [T, S] are the most that channels may
    win in each period for a segment, who arrive at the start of the next. A customer who is in a segment
    now is in the target by then with at most the probability that the policy made for that target gives:
    V = max over treatments of P V', one period at a time (rigorous also where efforts are continuous).
    """
    periods, segments = arrivals.shape
    outcomes = _all_outcomes(table, pricer, periods)
    found = np.zeros((segments, periods + 1))
    found[:, 0] = customers
    everyone = customers.sum() + arrivals.sum(axis=1).cumsum()
    steps = _Steps(table, outcomes)
    for until in range(2, periods + 2):
        chances = np.eye(segments)
        total = arrivals[until - 2] @ chances
        for period in range(until - 1, 0, -1):
            chances = steps.back(until - period, period, chances)
            total = total + (arrivals[period - 2] if period > 1 else customers) @ chances
        found[:, until - 1] = np.minimum(total * (1.0 + 1e-12), everyone[until - 2])
    return found


class _Steps:
    """One step back in time; kept by lag where transitions are the same in all periods."""

    def __init__(self, table: ResponseTable, outcomes: list[list[_Outcomes]]) -> None:
        self._columns = np.where(table.destinations >= 0, table.destinations, len(table.segments))
        self._outcomes = outcomes
        self._by_lag: dict[int, FloatArray] = {}

    def back(self, lag: int, period: int, later: FloatArray) -> FloatArray:
        """[S, S] chances of being in each target, ``lag`` periods on, from those one period later."""
        same = len(self._outcomes) == 1
        if same and lag in self._by_lag:
            return self._by_lag[lag]
        padded = np.concatenate([later, np.zeros((1, later.shape[1]))])
        leaving = np.full((len(later), 1), len(later))
        columns = np.concatenate([self._columns, leaving], axis=1)
        choices = self._outcomes[0 if same else period - 1]
        chances = np.stack([choice.best(padded[columns[row]]) for row, choice in enumerate(choices)])
        chances = np.minimum(chances, 1.0)
        if same:
            self._by_lag[lag] = chances
        return chances


def _all_outcomes(table: ResponseTable, pricer: Pricer, periods: int) -> list[list[_Outcomes]]:
    """Outcomes by period and segment; a single list where all periods are alike, or too many to tell apart."""
    segments = len(table.segments)
    if table.stationary.all():
        known = _outcomes(table, pricer, [(segment, 1) for segment in range(segments)], periods)
        return [list(known.values())]
    each = np.arange(segments)
    versions = [table.transitions.version(each, np.full(segments, t)).tolist() for t in range(1, periods + 1)]
    keys = [list(enumerate(version)) for version in versions]
    known = _outcomes(table, pricer, sorted({key for row in keys for key in row}), periods)
    rows = [[known[key] for key in row] for row in keys]
    size = sum(choice.low.size for choice in rows[0]) * segments * periods**2 / 2.0
    return rows if size <= WORK else [[_merged(list(column)) for column in zip(*rows, strict=True)]]


def _merged(choices: list[_Outcomes]) -> _Outcomes:
    """Outcomes of any of several periods."""
    different = list({id(choice): choice for choice in choices}.values())
    low = np.concatenate([choice.low for choice in different])
    if all(choice.low is choice.high for choice in different):
        return _Outcomes(low, low)
    return _Outcomes(low, np.concatenate([choice.high for choice in different]))


def _outcomes(table: ResponseTable, pricer: Pricer, keys: list[Key], periods: int) -> dict[Key, _Outcomes]:
    """Outcomes of some segments in some periods, in their order."""
    evaluator = BoxEvaluator(table)
    segments, width = table.destinations.shape
    pieces = int(np.clip(QUICK / (segments**2 * periods * (width + 1)), 1, PIECES))
    found: dict[Key, _Outcomes] = {}
    waiting: list[_Cover] = []
    for key in keys:
        count = pricer.count(key[0])
        if count is not None and count <= ENUMERATED:
            found[key] = _listed(table, pricer, *key)
            continue
        waiting.append(_cover(table, pricer, *key, pieces))
        if sum(len(cover.low) for cover in waiting) > BOXES:
            found |= _ranges(evaluator, waiting)
            waiting = []
    found |= _ranges(evaluator, waiting)
    return {key: found[key] for key in keys}


def _listed(table: ResponseTable, pricer: Pricer, segment: int, period: int) -> _Outcomes:
    """The different rows of all treatments of a segment."""
    efforts, variants = pricer.treatments(segment)
    size = len(variants)
    found = table.coefficients(np.full(size, segment), np.full(size, period), efforts, pricer.space.boosts[variants])
    rows = np.unique(np.column_stack([found.probability, found.leave]), axis=0)
    return _Outcomes(rows, rows)


def _ranges(evaluator: BoxEvaluator, covers: list[_Cover]) -> dict[Key, _Outcomes]:
    """Ranges of weights over boxes that cover all treatments of segments.

    Loyalty moves all destinations of ours together, and a mean is monotone in it: its two ends suffice.
    """
    if not covers:
        return {}
    sizes = [len(cover.low) for cover in covers]
    boxes = Boxes(
        np.repeat([cover.segment for cover in covers], sizes),
        np.repeat([cover.period for cover in covers], sizes),
        np.concatenate([cover.low for cover in covers]),
        np.concatenate([cover.high for cover in covers]),
        (np.concatenate([cover.boosts[0] for cover in covers]), np.concatenate([cover.boosts[1] for cover in covers])),
    )
    found, own = evaluator.ranges(boxes), evaluator.own(boxes.segment)
    top = np.maximum(0.0, found.loyalty_high)
    sides = found.loyalty_low, found.loyalty_high
    loyalty = [np.exp(np.where(own, side[:, None], 0.0) - top[:, None]) for side in sides]
    least = [found.rows.low * found.factor_low * factor for factor in loyalty]
    most = [found.rows.high * found.factor_high * factor for factor in loyalty]
    outcomes, end = {}, 0
    for cover, size in zip(covers, sizes, strict=True):
        part, end = slice(end, end + size), end + size
        low, high = (np.concatenate([weights[part] for weights in bounds]) for bounds in (least, most))
        if cover.exact:
            low = high = low / low.sum(axis=1, keepdims=True)
        outcomes[cover.segment, cover.period] = _Outcomes(low, high)
    return outcomes


def _cover(table: ResponseTable, pricer: Pricer, segment: int, period: int, pieces: int) -> _Cover:
    """At most so many ``pieces`` for all efforts, times boosts: levers that move no customers stay at 0, and those that
    act by loyalty alone are not divided, for the two ends of loyalty suffice."""
    uneven, largest = _uneven(table, segment), pricer.space.max_effort[:, segment]
    each = max(1, int(pieces ** (1.0 / max(int(((largest > 0.0) & uneven).sum()), 1)) + 1e-9))
    intervals = []
    for lever, effort in enumerate(np.where(table.moves[:, segment], largest, 0.0).tolist()):
        cuts = np.linspace(0.0, effort, (each if uneven[lever] and effort > 0.0 else 1) + 1)
        intervals.append(list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)))
    boxes = np.array(list(product(*intervals)), dtype=float).reshape(-1, len(largest), 2)
    boxes = boxes[pricer.space.fits_contacts(np.full(len(boxes), segment), boxes[:, :, 0])]
    least, most = _boosts(pricer, segment, uneven, max(1, VARIANTS * pieces // PIECES))
    size, many = len(boxes), len(least)
    return _Cover(
        segment,
        period,
        not uneven.any(),
        np.tile(boxes[:, :, 0], (many, 1)),
        np.tile(boxes[:, :, 1], (many, 1)),
        (np.repeat(least, size, axis=0), np.repeat(most, size, axis=0)),
    )


def _uneven(table: ResponseTable, segment: int) -> BoolArray:
    """[L] levers that move customers of a segment to single destinations, not to all of ours alike."""
    found = np.zeros(len(table.moves), dtype=bool)
    for move in table.effects.migrations:
        found[move.action.lever] |= move.action.present[segment]
    measured = int(table.transitions.measured_lever[segment])
    if measured >= 0:
        found[measured] = True
    return found


def _boosts(pricer: Pricer, segment: int, uneven: BoolArray, most: int) -> tuple[FloatArray, FloatArray]:
    """Ranges [N, L] that together hold all boosts in a segment: those of ``uneven`` levers told apart, where they are
    at ``most`` so many."""
    every = pricer.space.boosts[pricer.space.variants(segment)]
    low, high = every.min(axis=0), every.max(axis=0)
    different = np.unique(every[:, uneven], axis=0)
    if len(different) > most:
        return low[None], high[None]
    least, largest = np.tile(low, (len(different), 1)), np.tile(high, (len(different), 1))
    least[:, uneven] = largest[:, uneven] = different
    return least, largest
