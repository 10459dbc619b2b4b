"""Refinement that carries few treatments: those in the basis, and those found of late.

At a good solution nearly every cell has one treatment, and a better one takes its place in the basis at once: the
simplex method is left with the steps that concern what is shared, not one in every cell. Treatments that have been out
of the basis for a while are left out; pricing finds them again where they are worth it. So solutions are known by the
treatments that customers get, not by numbers of columns. Nothing is whole here, and channels have no lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import highspy
import numpy as np

from allocator.formulation.instance import Floats
from allocator.solving.answers import LpAnswer, Outcome
from allocator.solving.deadline import Deadline
from allocator.solving.refine import Pace
from allocator.solving.solve import Engine
from allocator.solving.treatments import Treatments

_CARRIED = 3
"""Treatments found in so many rounds are carried, whether they are in the basis or not."""
_LEFT = 0.1
"""Part of what treatments seem to be worth that is still missing once they are there."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The optimum of a linear program with few treatments; all scaled.

    answer: its values are those of the columns until the next solve; the program's own columns keep their numbers.
    treated, amount: the treatments [K] in the basis and the customers [K] who get them.
    others: the treatments at hand. worth: about what treatments that are missing would add.
    reduced: [columns] reduced costs. basis: to come back to.
    """

    answer: LpAnswer
    treated: Treatments
    amount: Floats
    others: Treatments
    worth: float
    reduced: Floats
    basis: highspy.HighsBasis


class Lean:
    """Solves an engine's linear program, as it is bounded and priced now, with few treatments."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def converge(
        self, deadline: Deadline, *, allowed: Callable[[LpAnswer], float], primal: bool, trust: float = 0.0
    ) -> Solution | None:
        """Refine until treatments found quickly are worth no more than a part of what is ``allowed`` (scaled).

        ``primal`` says that the basis at hand is feasible. After a round whose treatments are worth no more than
        ``trust`` times what is allowed none are looked for. None where there is no solution, or none in time.
        """
        engine, refiner, master = self._engine, self._engine.refiner, self._engine.master
        carried, pace, worth, last = [0] * (_CARRIED - 1) + [len(master.treatments)], Pace(), np.inf, False
        while True:
            answer = master.solve_lp(deadline, primal=primal)
            refiner.rounds += 1
            if answer.outcome is not Outcome.OPTIMAL:
                return None
            primal = not master.take_in(answer.value)
            if not primal:
                continue
            found = self._read(answer)
            if last or found is None:
                return found and replace(found, worth=_LEFT * worth)
            most, basic = allowed(answer), master.basic
            added, worth = refiner.enter(answer, most)
            if not added or pace.stalls(answer.objective, most) or deadline.passed:
                return replace(found, worth=worth)
            last, carried = worth <= trust * most, [*carried[1:], added]
            engine.elastic.renumber(master.exchange(basic, since=len(master.treatments) - sum(carried)))

    def begin_at(self, near: Solution, other: Solution) -> None:
        """Come back to the basis of a solution, with the treatments of another one at hand."""
        others = near.others.and_then(other.others)
        self._engine.elastic.renumber(self._engine.master.begin_at(near.basis, near.treated, others))

    def _read(self, answer: LpAnswer) -> Solution | None:
        """The solution of the last solve; None where time ran out before its prices."""
        master = self._engine.master
        solution = master.solver.highs.getSolution()
        if not solution.dual_valid:
            return None
        basic = np.flatnonzero(master.basic)
        return Solution(
            answer=answer,
            treated=master.treatments.take(basic),
            amount=master.amounts(answer.value)[basic],
            others=master.treatments,
            worth=np.inf,
            reduced=np.asarray(solution.col_dual, dtype=np.float64),
            basis=master.solver.basis(),
        )
