"""The second stage alone: commitments held, the best treatments in shock scenarios they were not made for."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.domain.errors import InvalidInput, Mistake
from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan, Treatment
from allocator.domain.scenario import Scenario
from allocator.formulation.instance import Instance
from allocator.solving.deadline import Deadline
from allocator.solving.extract import adapting, given
from allocator.solving.neighbours import Neighbours, coupling
from allocator.solving.subproblem import subproblems
from allocator.solving.wholes import planned_commitments
from allocator.uncertainty import ShockSet

_PART = 0.2
"""Treatments are looked for until nothing found is worth more than this part of the gap."""


def refuse_coupled(scenario: Scenario) -> None:
    """Refuse a scenario whose shock scenarios have no second stage of their own.

    Raises
    ------
    InvalidInput
        If something couples the treatments of different shock scenarios, or asks for whole numbers among them.
    """
    coupled = coupling(scenario)
    if coupled is not None:
        message = (
            "an assessment finds the treatments of each fresh shock scenario alone, as a linear program: this holds "
            "over all shock scenarios together, or asks for whole numbers in each"
        )
        raise InvalidInput([Mistake(coupled, message, "`recourse: false`, or do without it")])


class SecondStage:
    """What a plan commits to, as evaluated, and the treatments that are best with it in one shock scenario at a time.

    Where shock scenarios share commitments alone, the treatments with the most equity in each are also those
    with the best mean, CVaR and chance; a scenario where they share more is for :func:`refuse_coupled`.
    """

    def __init__(self, scenario: Scenario, plan: Plan, evaluation: Evaluation, current: Evaluation | None) -> None:
        self._base: Instance = Neighbours(scenario, current, None, Deadline()).base
        self._plan, self._evaluation = plan, evaluation
        self._gap = _PART * scenario.solver.gap

    def treatments(self, shocks: ShockSet) -> Iterator[tuple[Treatment, ...] | None]:
        """The best treatments in each shock scenario; None where none keep all limits.

        Each scenario begins with the treatments of the one before.
        """
        base = self._base.meeting(shocks)
        known = None
        for subproblem in subproblems(base, kept=0):
            if known is not None:
                subproblem.remember(known)
            point = planned_commitments(subproblem.ledger, self._evaluation)
            found = subproblem.solution(point, Deadline(), gap=self._gap)
            if found is None:
                yield None
                continue
            engine, answer = found
            known, amount = given(engine.master, answer.value)
            instance = engine.instance
            yield adapting(self._plan, instance, engine.master, [(instance, known, amount)]).treatments
