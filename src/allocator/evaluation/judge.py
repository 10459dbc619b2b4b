"""Many plans on one scenario whose limits may move: what each gives and breaks, without tables."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.evaluator import Evaluator
from allocator.evaluation.plans import evaluate


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a plan gives. All money is discounted to today."""

    equity: float
    """Expected customer equity."""
    margin: float
    cost: float
    cvar: float | None
    """None without shocks."""
    objective: float
    broken: tuple[str, ...]
    """A sentence for each limit that the plan breaks, and for each capacity that it was cut down to."""


class Judge:
    """Works out plans as :func:`evaluate` does; where treatments do not adapt, all that limits leave alone is
    looked up once."""

    def __init__(self, scenario: Scenario) -> None:
        self._evaluator = None if scenario.risk.recourse else Evaluator(scenario)

    def verdict(self, scenario: Scenario, plan: Plan) -> Verdict:
        """What a plan gives on ``scenario``, which differs from the first in its limits alone.

        Raises
        ------
        InvalidInput
            As :func:`evaluate`.
        """
        if self._evaluator is None:
            return _told(evaluate(scenario, plan))
        evaluator = self._evaluator.under(scenario)
        trajectory = evaluator.run(plan)
        outcome = evaluator.outcome(trajectory)
        return Verdict(
            equity=outcome.totals.equity,
            margin=outcome.totals.margin,
            cost=outcome.totals.cost,
            cvar=outcome.cvar,
            objective=outcome.objective,
            broken=(*map(str, evaluator.violations(trajectory, outcome)), *trajectory.flow.scaled),
        )

    def report(self, scenario: Scenario, plan: Plan) -> Evaluation:
        """The same with all tables."""
        if self._evaluator is None:
            return evaluate(scenario, plan)
        evaluator = self._evaluator.under(scenario)
        return evaluator.report(evaluator.run(plan))


def _told(found: Evaluation) -> Verdict:
    return Verdict(
        equity=found.customer_equity,
        margin=found.margin,
        cost=found.cost,
        cvar=found.cvar,
        objective=found.objective,
        broken=(*map(str, found.violations), *found.scaled),
    )
