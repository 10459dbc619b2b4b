"""Phase one: treatments with which all limits can be kept, or the proof that there are none."""

from __future__ import annotations

from allocator.domain.errors import Infeasible, StoppedWithoutPlan
from allocator.solving.answers import Outcome
from allocator.solving.deadline import Deadline
from allocator.solving.elastic import FEASIBLE, Elastic
from allocator.solving.refine import Converged, Refiner

_PART_OF_SLACK = 0.5
"""Part of the slack that the proof leaves open: none of it needs to be known finely."""


def make_feasible(refiner: Refiner, elastic: Elastic, deadline: Deadline) -> None:
    """Append treatments until the linear program has a solution.

    Raises
    ------
    Infeasible, StoppedWithoutPlan
    """
    elastic.open()
    try:
        found = _least_slack(refiner, deadline)
    finally:
        elastic.close()
    if not found.solved or -found.answer.objective > FEASIBLE:
        raise Infeasible("no plan meets all requirements")


def _least_slack(refiner: Refiner, deadline: Deadline) -> Converged:
    """The least slack, or one of which it is proven that no treatments take away more than half."""
    while True:
        found = refiner.converge(deadline, gap=0.0, prove=False)
        slack = -found.answer.objective
        if found.solved and slack > FEASIBLE and (refiner.complete or not deadline.passed):
            added, excess = refiner.prove(found.answer, _PART_OF_SLACK * slack, deadline)
            if added:
                continue
            if excess < slack:
                return found
        if found.answer.outcome is Outcome.STOPPED or (found.solved and slack > FEASIBLE):
            raise StoppedWithoutPlan("the time limit was reached before any plan was found")
        return found
