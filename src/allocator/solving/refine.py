"""Refinement: solve, price, append, until no treatment and no line is missing.

Warm re-solves belong to simplex; HiGHS keeps its basis when columns and rows are appended.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.formulation.instance import Floats, Ints
from allocator.solving.answers import LpAnswer, Outcome
from allocator.solving.chain import Chain, Lifted
from allocator.solving.deadline import ENDLESS, Deadline
from allocator.solving.duals import CellPricing
from allocator.solving.layers import Layers
from allocator.solving.lines import Lines
from allocator.solving.master import Master
from allocator.solving.pricing import CellPrices, Priced, Pricer
from allocator.solving.treatments import Bools, Treatments

_NEAR = 1e-2
"""Relative distance from the optimum from which on layers are entered: before, efforts still change too much."""
_WORTH = 0.3
"""Part of what may be missing that treatments found quickly are worth, or it is looked for more from more places."""
_BELOW = 0.5
"""Part of the distance below which an objective has to stay that treatments still missing may take up."""
_SLOW = 0.05
"""Part of what may be missing that a round brings at least, or it is slow."""
_LATE = 10.0
"""Seconds beyond a deadline that a proof may take: what it has found by then is a bound, too."""
_TOGETHER = 8192
"""Cells that are searched together at most, where treatments are priced at many prices at once."""
_COARSE = 1e-3
"""Relative tolerance of the proof where time ran out before any."""


@dataclass(frozen=True, slots=True)
class Converged:
    """Where refinement ended: the last LP solution and a bound on the LP over all treatments (scaled)."""

    answer: LpAnswer
    bound: float
    rounds: int
    own: float = np.inf
    """The bound that belongs to the prices of this very solution; infinite where that is not proven."""

    @property
    def solved(self) -> bool:
        """Whether the last LP has a solution."""
        return self.answer.outcome is Outcome.OPTIMAL


@dataclass(slots=True)
class Pace:
    """How fast an objective rises from round to round: what is found promises more than it brings."""

    last: float = -np.inf
    slow: int = 0

    def stalls(self, objective: float, allowed: float) -> bool:
        """Whether two rounds in a row brought next to nothing of what is ``allowed`` to be missing."""
        self.slow = self.slow + 1 if objective - self.last < _SLOW * allowed else 0
        self.last = objective
        return self.slow > 1


@dataclass(slots=True)
class Refiner:
    """Pricing and lines on a master. ``complete`` says that all treatments are columns already."""

    master: Master
    lines: Lines
    pricer: Pricer
    pricing: CellPricing
    chain: Chain
    layers: Layers
    reachable: Floats
    """[cells] most customers in each cell, scaled."""
    complete: bool
    frozen: Bools
    """[cells] where no treatment may be appended, for a rule acts on the treatments themselves."""
    seconds_pricing: float = 0.0
    rounds: int = 0

    def converge(
        self,
        deadline: Deadline,
        *,
        gap: float,
        worth: float = -np.inf,
        prove: bool = True,
        thorough: bool = True,
        primal: bool = False,
        last: LpAnswer | None = None,
        enough: float = -np.inf,
    ) -> Converged:
        """Refine until nothing found is worth more than ``gap`` (relative), or the bound is below ``worth``,
        or time is up.

        Treatments are looked for quickly as long as that finds some; only then is it proven, by branch and
        bound over all efforts, that none is missing. Without ``prove`` there is no bound, and
        without ``thorough`` treatments are looked for near those known only. ``primal`` says that the
        basis at hand is feasible still, as where the objective alone is another or a limit is looser. Where not
        even one solve is done in time, ``last`` stands: an earlier solution with fewer treatments. An objective
        that stays below ``enough`` need not be known finely. Nor is it, without ``prove``, where it hardly rises.
        """
        self.lines.begin()
        bound, pace = np.inf, Pace()
        for rounds in itertools.count(1):
            answer = self.master.solve_lp(deadline, primal=primal)
            self.rounds += 1
            if answer.outcome is Outcome.STOPPED and last is not None:
                answer = last
            if answer.outcome is not Outcome.OPTIMAL:
                return Converged(answer, bound, rounds)
            last = answer
            added = self.lines.refine(answer.value) + self.master.take_in(answer.value)
            # Rows first and columns after, each with the simplex method whose basis stays feasible. Rows that are new
            # may take away what phase one seems to have reached.
            primal, own = not added, answer.objective if self.complete else np.inf
            if not self.complete and not added:
                allowed = max(gap * self.size(answer), _BELOW * (enough - answer.objective))
                if not prove and pace.stalls(answer.objective, allowed):
                    return Converged(answer, bound, rounds)
                added, excess = self._price(answer, allowed, deadline, prove=prove, thorough=thorough)
                own = answer.objective + excess
            bound = min(bound, own)
            found = self.master.phase_one and answer.objective > -1e-9 and primal
            if deadline.passed and prove and bound == np.inf:
                bound = self.coarse_bound(answer)
            if found or not added or bound <= worth or deadline.passed:
                return Converged(answer, bound, rounds, own)
        raise AssertionError("unreachable")

    def enter(self, answer: LpAnswer, allowed: float) -> tuple[int, float]:
        """Append treatments that are good at the prices of an answer, looked for quickly, where they are worth more
        than a part of what is ``allowed`` (scaled money) to be missing; returns how many, and what they are worth."""
        return self._enter(answer, allowed, thorough=False)

    def _price(
        self, answer: LpAnswer, allowed: float, deadline: Deadline, *, prove: bool, thorough: bool
    ) -> tuple[int, float]:
        """(columns added, how far the LP can be below the LP over all treatments: infinite if not proven)."""
        added, _ = self._enter(answer, allowed, thorough=thorough)
        if added or not prove:
            return added, np.inf
        return self.prove(answer, allowed, deadline)

    def _enter(self, answer: LpAnswer, allowed: float, *, thorough: bool) -> tuple[int, float]:
        """(columns added, about how far the LP is below the LP over all treatments)."""
        started = time.perf_counter()
        prices = self._prices(answer)
        known = self.chain.back(prices, self._recall)
        found, worth = self._look(known, allowed, thorough=False)
        if thorough and worth <= _WORTH * allowed:
            found, worth = self._look(known, allowed, thorough=True)
        added = self._append([found]) if worth > _WORTH * allowed else 0
        if added and worth < _NEAR * self.size(answer):
            for layer in self.layers.of(found, answer.value, ~self.frozen):
                added += self.master.add(layer)
        self.seconds_pricing += time.perf_counter() - started
        return added, worth

    def _prices(self, answer: LpAnswer) -> CellPrices:
        """Prices of all cells; no treatment may need a programme that is held off."""
        prices = self.pricing.prices(answer.dual)
        if not prices.need.size:
            return prices
        possible = self.layers.possible(self.master.solver.upper_bounds())[prices.period - 1]
        return replace(prices, need=np.where(possible, prices.need, -np.inf))

    def _look(self, known: Lifted, allowed: float, *, thorough: bool) -> tuple[Lifted, float]:
        """Good treatments at prices lifted by those known, found quickly, and about how far below them the LP is."""
        found = self.pricer.look(known.prices, tolerance=self._tolerance(allowed), thorough=thorough)
        beyond = np.where(self.frozen, 0.0, np.maximum(0.0, found.value - known.lift.ravel()))
        return replace(known, best=found), self.chain.excess(known.lift) + float(self.reachable @ beyond)

    def _recall(self, prices: CellPrices, cells: Ints) -> Priced:
        """The best treatments known, where one may be appended."""
        found = self.pricer.recall(prices)
        found.upper[self.frozen[cells]] = 0.0
        return found

    def prove(self, answer: LpAnswer, allowed: float, deadline: Deadline = ENDLESS) -> tuple[int, float]:
        """(columns added, a proven bound on how far the LP is below the LP over all treatments).

        Columns are added only where that is more than ``allowed`` (scaled money). Some time after the ``deadline`` the
        bound is left as rough as it is.
        """
        if self.complete or not self.reachable.any():
            return 0, 0.0
        started = time.perf_counter()
        known = self.chain.back(self._prices(answer), self._recall)
        [(proven, excess)] = self._beyond([known], [allowed], deadline)
        self.seconds_pricing += time.perf_counter() - started
        return (0 if excess <= allowed else self._append([known, proven])), excess

    def prove_all(self, answers: Sequence[LpAnswer], allowed: Sequence[float], deadline: Deadline) -> list[float]:
        """Of each of many answers a bound as that of :meth:`prove`, in half the time; no column is added."""
        if self.complete or not self.reachable.any():
            return [0.0] * len(answers)
        started = time.perf_counter()
        found: list[float] = []
        together = max(_TOGETHER // len(self.reachable), 1)
        for first in range(0, len(answers), together):
            batch = slice(first, first + together)
            known = [self.chain.back(self._prices(answer), self._recall) for answer in answers[batch]]
            found += [excess for _, excess in self._beyond(known, allowed[batch], deadline)]
        self.seconds_pricing += time.perf_counter() - started
        return found

    def coarse_bound(self, answer: LpAnswer) -> float:
        """A bound on the LP over all treatments, no sharper than it is quickly proven."""
        return answer.objective + self.prove(answer, _COARSE * self.size(answer), Deadline.after(_LATE))[1]

    @property
    def chosen(self) -> Bools:
        """[G] programmes that treatments choose whether to need; none where some treatments cannot be priced."""
        space = self.pricer.space
        return np.asarray((space.useful.any(axis=0) | space.unlocks.any(axis=1)) & ~self.frozen.any())

    def without(self, answer: LpAnswer, programmes: Bools, enough: float, deadline: Deadline = ENDLESS) -> float:
        """A proven bound on all plans in which no treatment needs any of the ``programmes`` [G], sharp enough to be
        compared with ``enough``.

        At the prices of a solution of the linear program for all of them, a customer for whom less can be done is
        worth less: prices of customers fall, from the last period on, and remain feasible for the dual program.
        """
        started = time.perf_counter()
        prices = self._prices(answer)
        prices = replace(prices, need=np.where(programmes, -np.inf, prices.need))
        known = self.chain.back(prices, self._climb, least=-np.inf)
        bound = answer.objective + self.chain.excess(known.lift)
        if bound < enough:
            [(_, excess)] = self._beyond([known], [enough - bound], deadline)
            bound = answer.objective + excess
        self.seconds_pricing += time.perf_counter() - started
        return bound

    def _climb(self, prices: CellPrices, cells: Ints) -> Priced:
        """Good treatments, found quickly."""
        found = self.pricer.look(prices, thorough=False)
        found.upper[:] = found.value
        return found

    def _beyond(
        self, known: Sequence[Lifted], allowed: Sequence[float], deadline: Deadline
    ) -> list[tuple[Lifted, float]]:
        """What no lifted price covers, proven to about what is ``allowed`` (scaled money) over all customers; and by
        how much the lifted prices and that raise the objective at most. Each for itself, but searched together."""
        rest = [replace(each.prices, constant=each.prices.constant - each.lift.ravel()) for each in known]
        tolerance = np.concatenate([self._tolerance(each) for each in allowed])
        late = Deadline(max(deadline.at, time.perf_counter()) + _LATE)
        proven = self.pricer.prove(CellPrices.joined(rest), tolerance=tolerance, floor=0.0, stop=lambda: late.passed)
        found = []
        for number, each in enumerate(known):
            best = proven.take(slice(number * len(each.prices), (number + 1) * len(each.prices)))
            # The lifted prices are dual feasible but for what the proof finds beyond them.
            excess = self.chain.excess(each.lift) + float(self.reachable @ np.maximum(best.upper, 0.0))
            found.append((replace(each, prices=rest[number], best=best), excess))
        return found

    def _tolerance(self, allowed: float) -> Floats:
        """[cells] how far from the best treatment a customer's may be, so that all customers together stay well within
        what is ``allowed`` (scaled money)."""
        total = float(self.reachable.sum())
        if not total:
            return np.zeros_like(self.reachable)
        each = np.maximum(self.reachable, 1e-9 * total)
        return 0.3 * allowed * (1.0 / total + 1.0 / (len(each) * each))

    def _append(self, found: list[Lifted]) -> int:
        """Append what is worth more than the prices of its customers; returns how many treatments are new."""
        added = 0
        for lifted in found:
            prices, best = lifted.prices, lifted.best
            asked = np.flatnonzero((best.value > 0.0) & ~self.frozen)
            added += self.master.add(
                Treatments(prices.segment[asked], prices.period[asked], best.efforts[asked], best.variant[asked])
            )
        return added

    def size(self, answer: LpAnswer) -> float:
        """What a relative gap is relative to; slack in phase one is small or it matters."""
        if self.master.phase_one:
            return 1e-3
        return max(abs(answer.objective + self.master.program.constant), 1e-9)
