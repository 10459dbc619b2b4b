"""Refinement: solve, price, append, until no treatment and no line is missing.

Warm re-solves belong to simplex; HiGHS keeps its basis when columns and rows are appended.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from allocator.formulation.instance import Floats
from allocator.solving.duals import CellPricing
from allocator.solving.highs import Deadline, LpAnswer, Outcome
from allocator.solving.lines import Lines
from allocator.solving.master import Master
from allocator.solving.pricing import Pricer
from allocator.solving.treatments import Bools, Treatments


@dataclass(frozen=True, slots=True)
class Converged:
    """Where refinement ended: the last LP solution and a bound on the LP over all treatments (scaled)."""

    answer: LpAnswer
    bound: float
    rounds: int

    @property
    def solved(self) -> bool:
        """Whether the last LP has a solution."""
        return self.answer.outcome is Outcome.OPTIMAL


@dataclass(slots=True)
class Refiner:
    """Pricing and lines on a master. ``complete`` says that all treatments are columns already."""

    master: Master
    lines: Lines
    pricer: Pricer
    pricing: CellPricing
    reachable: Floats
    """[cells] most customers in each cell, scaled."""
    complete: bool
    frozen: Bools
    """[cells] where no treatment may be appended, for a rule acts on the treatments themselves."""
    coarseness: float = 0.0
    """Pricing no finer than this: while the bound is far off, exactness buys nothing."""
    seconds_pricing: float = 0.0
    rounds: int = 0

    def converge(self, deadline: Deadline, *, gap: float, worth: float = -np.inf, method: str = "choose") -> Converged:
        """Refine until the bound is within ``gap`` (relative) of the LP, or below ``worth``, or time is up."""
        bound = np.inf
        rounds = 0
        while True:
            answer = self.master.solve_lp(deadline, method=method)
            method = "choose"
            rounds += 1
            if answer.outcome is not Outcome.OPTIMAL:
                return Converged(answer, bound, rounds)
            added_lines = self.lines.refine(answer.value)
            excess, added = (0.0, 0) if self.complete else self._price(answer, gap)
            bound = min(bound, answer.objective + excess)
            if self.master.phase_one and answer.objective > -1e-9:
                self.rounds += rounds
                return Converged(answer, bound, rounds)
            done = excess <= gap * self._size(answer) and not added_lines
            if done or bound <= worth or deadline.passed or (not added and not added_lines):
                self.rounds += rounds
                return Converged(answer, bound, rounds)

    def _price(self, answer: LpAnswer, gap: float) -> tuple[float, int]:
        """(how far the LP can be below the LP over all treatments, columns added)."""
        prices = self.pricing.prices(answer.dual)
        finest = 0.1 * gap * self._size(answer) / max(float(self.reachable.sum()), 1e-300)
        tolerance = max(finest, self.coarseness)
        while True:
            started = time.perf_counter()
            priced = self.pricer.maximise(prices, tolerance=tolerance, floor=0.0)
            self.seconds_pricing += time.perf_counter() - started
            excess = float(self.reachable @ np.maximum(priced.upper, 0.0))
            asked = np.flatnonzero((priced.value > 0.1 * tolerance) & ~self.frozen)
            added = self.master.add(
                Treatments(prices.segment[asked], prices.period[asked], priced.efforts[asked], priced.variant[asked])
            )
            if added or tolerance <= finest or excess <= gap * self._size(answer):
                self.coarseness = 0.02 * excess / max(float(self.reachable.sum()), 1e-300)
                return excess, added
            tolerance = finest

    def _size(self, answer: LpAnswer) -> float:
        """What a relative gap is relative to; slack in phase one is small or it matters."""
        if self.master.phase_one:
            return 1e-3
        return max(abs(answer.objective + self.master.program.constant), 1e-9)
