"""What a treatment does: transition probabilities and margin of segments at given efforts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocator.domain.errors import InvalidInput, Mistake
from allocator.domain.model import OWN, Model
from allocator.domain.scenario import Scenario
from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.response.effects import Action, Effects, resolve
from allocator.response.selection import reached
from allocator.response.transitions import TransitionTable

DENSE = 100
"""Number of equations from which on they are solved as sparse ones."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Consequences of K treatments.

    probability: [K, D] of being in each of ``destinations[segment]`` one period later (0 in the padding).
    leave: [K] chance of leaving the market for good.
    margin: [K] money per customer in the period, before lever cost, whoever the owner is.
    """

    probability: FloatArray
    leave: FloatArray
    margin: FloatArray


class ResponseTable:
    """The transitions and responses of a model, resolved once and evaluated for many treatments at a time.

    Indices follow the order of the model: segments S, levers L, destinations D of a segment.

    segments, levers: names by index.
    reaches: [L, S] whether a lever's `where` selects a segment.
    destinations: [S, D] where customers of a segment may go in any period, padded with -1.
    ours: [S] whether a segment's customers earn us money.
    owners: [S] who they belong to.
    stationary: [S] whether transitions are the same in all periods.
    acts: [L, S] whether a lever has a curve in a segment.
    moves: [L, S] whether a lever changes where customers of a segment go.
    untreated_margin: [S] money per customer per period with no lever applied.
    """

    def __init__(self, model: Model) -> None:
        self.segments: tuple[str, ...] = tuple(segment.name for segment in model.segments)
        self.levers: tuple[str, ...] = tuple(model.levers)
        self.reaches: BoolArray = reached(model)
        self.ours: BoolArray = np.array([segment.ours for segment in model.segments])
        self.owners: NDArray[np.str_] = np.array([segment.owner for segment in model.segments])
        self.untreated_margin: FloatArray = np.array([segment.margin for segment in model.segments])
        self.transitions = TransitionTable(model, self.reaches)
        self.destinations: IntArray = self.transitions.destinations
        self.stationary: BoolArray = self.transitions.stationary
        self.effects: Effects = resolve(model, self.reaches, self.destinations)
        self.acts: BoolArray = np.zeros_like(self.reaches)
        self.moves: BoolArray = np.zeros_like(self.reaches)
        for action in (*self.effects.loyalty, *(move.action for move in self.effects.migrations)):
            self.moves[action.lever] |= action.present
        measured = np.flatnonzero(self.transitions.measured_lever >= 0)
        self.moves[self.transitions.measured_lever[measured], measured] = True
        for action in self.effects.actions:
            self.acts[action.lever] |= action.present

    @cached_property
    def acts_without_effort(self) -> BoolArray:
        """[L, S] whether a lever has a curve in a segment that is not 0 at effort 0."""
        found, every = np.zeros_like(self.reaches), np.arange(len(self.segments))
        for action in self.effects.actions:
            found[action.lever] |= action.curves.value(every, np.zeros(len(every))) != 0.0
        return found

    def under(self, keep: FloatArray) -> ResponseTable:
        """The same for W shock scenarios side by side: segment s of scenario w has index w S + s.

        ``keep`` [W, S, T] multiplies the odds of staying with us of customers of ours, whatever their treatment:
        where p is the chance of being in any segment of ours one period later, p / (1 - p) becomes keep times
        that, and the chances of the single destinations (and of leaving) stay in proportion on either side.
        """
        copies = len(keep)
        found = copy(self)
        found.__dict__.pop("acts_without_effort", None)
        found.segments = self.segments * copies
        found.effects = self.effects.repeated(copies)
        found.transitions = self.transitions.under(keep, self.effects.own * self.ours[:, None])
        found.destinations, found.stationary = found.transitions.destinations, found.transitions.stationary
        for name in ("reaches", "acts", "moves"):
            setattr(found, name, np.tile(getattr(self, name), (1, copies)))
        for name in ("ours", "owners", "untreated_margin"):
            setattr(found, name, np.tile(getattr(self, name), copies))
        return found

    def coefficients(
        self, segment: IntArray, period: IntArray, efforts: FloatArray, boosts: FloatArray | None = None
    ) -> Coefficients:
        """Evaluate K treatments: ``segment`` [K], ``period`` [K] from 1, ``efforts`` [K, L] per customer.

        Efforts of levers that do not reach the segment are ignored. ``boosts`` [K, L] multiply the
        curves of each lever (programmes); None for no boost. Where p_j are the probabilities at the
        measured levers' efforts and G_j the curves added up for destination j, the probability is
        p_j exp(G_j) / (p_0 + sum_i p_i exp(G_i)), and the margin m (1 + sum g_margin) + sum g_margin_add.
        """
        rows = self.transitions.rows(segment, period, efforts)
        shift = self._log_weights(segment, efforts, boosts)
        shift = np.where(rows > 0.0, shift, -np.inf)
        weights = np.exp(shift - shift.max(axis=1, keepdims=True))
        weights *= rows
        weights /= np.einsum("kd->k", weights)[:, None]
        margin = self._sum(self.effects.margins, segment, efforts, boosts)
        added = self._sum(self.effects.margin_adds, segment, efforts, boosts)
        return Coefficients(weights[:, :-1], weights[:, -1], self.untreated_margin[segment] * (1.0 + margin) + added)

    def _log_weights(self, segment: IntArray, efforts: FloatArray, boosts: FloatArray | None) -> FloatArray:
        """[K, D+1] what is added to the log-weights; 0 for leaving."""
        size, width = len(segment), self.destinations.shape[1]
        result = np.zeros((size, width + 1))
        if self.effects.loyalty:
            loyalty = self._sum(self.effects.loyalty, segment, efforts, boosts)
            result[:, :width] = loyalty[:, None] * self.effects.own[segment]
        for move in self.effects.migrations:
            rows = np.flatnonzero(move.action.present[segment])
            result[rows, move.position[segment[rows]]] += self._value(move.action, rows, segment, efforts, boosts)
        return result

    def _sum(
        self, actions: Iterable[Action], segment: IntArray, efforts: FloatArray, boosts: FloatArray | None
    ) -> FloatArray:
        total = np.zeros(len(segment))
        for action in actions:
            rows = _rows_with(action, segment)
            total[rows] += self._value(action, rows, segment, efforts, boosts)
        return total

    @staticmethod
    def _value(
        action: Action, rows: IntArray | slice, segment: IntArray, efforts: FloatArray, boosts: FloatArray | None
    ) -> FloatArray:
        value = action.curves.value(segment[rows], efforts[rows, action.lever])
        return value if boosts is None else value * boosts[rows, action.lever]

    def kinks(self, lever: int) -> dict[int, set[float]]:
        """Segment -> efforts > 0 of a lever at which one of its curves or measured rows has a kink, where any has."""
        found: dict[int, set[float]] = defaultdict(set)
        for action in self.effects.actions:
            if action.lever == lever:
                for segment, knots in enumerate(action.knots):
                    if knots:
                        found[segment].update(knots)
        for segment in np.flatnonzero(self.transitions.measured_lever == lever).tolist():
            found[segment].update(self.transitions.measured_knots[segment].tolist())
        return {segment: {knot for knot in knots if 0.0 < knot < np.inf} for segment, knots in found.items()}

    def baseline(self, period: int | None = None) -> FloatArray:
        """[S, S] transition matrix with no lever applied, as stated; ``None`` for after the horizon."""
        each = np.arange(len(self.segments))
        stated = self.transitions.stated(each, np.full(len(each), period or 0))
        return self._dense(stated)

    def no_effort(self, period: int) -> FloatArray:
        """[S, S] transition matrix when everyone gets effort 0, where curves still count through `low`."""
        each = np.arange(len(self.segments))
        efforts = np.zeros((len(each), len(self.levers)))
        return self._dense(self.coefficients(each, np.full(len(each), period), efforts).probability)

    def _dense(self, probability: FloatArray) -> FloatArray:
        matrix = np.zeros((len(self.segments), len(self.segments)))
        origin, column = np.nonzero(self.destinations >= 0)
        matrix[origin, self.destinations[origin, column]] = probability[origin, column]
        return matrix

    def terminal_values(self, scenario: Scenario, owner: str = OWN) -> FloatArray:
        """[S] money that a customer left at the end is worth to ``owner``, in money of period T+1.

        `baseline` solves V = m + beta P V over all segments with no lever applied, m = 0 where the
        segment is not the owner's. Money stated by segment is what customers are worth to us; what they
        are worth to others is then taken from the baseline.

        Raises
        ------
        InvalidInput
            If that value is infinite: customers who never leave, and money that is not discounted.
        """
        if scenario.terminal == "none":
            return np.zeros(len(self.segments))
        if scenario.terminal != "baseline" and owner == OWN:
            return np.array([scenario.terminal.get(name, 0.0) for name in self.segments])
        growth = scenario.calendar.beta * self.baseline()
        if not _shrinks(growth):
            message = "the value `baseline` is infinite: some customers never leave and money is not discounted"
            raise InvalidInput([Mistake(("scenario", "terminal"), message, expected="`none`, or money by segment")])
        earned = np.where(self.owners == owner, self.untreated_margin, 0.0)
        return _solved(np.eye(len(growth)) - growth, earned)


def _solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """x of matrix x = right; customers move to few segments each, so that a large matrix is mostly zeros.

    From `DENSE` rows on, dense algebra begins threads that cost many times more than what they do.
    """
    if len(right) < DENSE:
        return np.asarray(np.linalg.solve(matrix, right), dtype=float)
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import spsolve

    return np.asarray(spsolve(csc_array(matrix), right), dtype=float)


def _shrinks(growth: FloatArray) -> bool:
    """Whether the powers of a matrix >= 0 go to 0. No eigenvalue is above the largest sum of a row, which is
    quicker found and usually enough."""
    most = 1.0 - 1e-12
    return bool(growth.sum(axis=1).max() < most or np.abs(np.linalg.eigvals(growth)).max() < most)


def _rows_with(action: Action, segment: IntArray) -> IntArray | slice:
    """Rows whose segment the action acts on."""
    return slice(None) if action.present.all() else np.flatnonzero(action.present[segment])
