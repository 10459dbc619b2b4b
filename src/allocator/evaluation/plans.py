"""Exact consequences of a plan, whether its treatments are fixed or adapt to shocks."""

from __future__ import annotations

from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import recourse
from allocator.evaluation.evaluator import Evaluator


def evaluate(scenario: Scenario, plan: Plan, *, repair: bool = True) -> Evaluation:
    """Exact consequences of ``plan`` on ``scenario``.

    What a plan cannot do is not done: shares above 1 are shrunk to 1, effort on a lever that does not
    reach the segment or that is locked is no effort, spend on a locked channel is none, a programme that
    does not work helps nobody; each is a violation. With ``repair``, treatments and channels beyond a
    capacity are scaled to what fits and ``scaled`` says so; without it they are carried out and reported
    as violations. All other limits are only reported. Where the scenario asks for recourse, each shock
    scenario is followed on its own, and what is given is the mean over them (see ``recourse``).

    Raises
    ------
    InvalidInput
        If the plan names what the scenario does not have, or a `change` rule has no current plan to go by.
    """
    if scenario.risk.recourse:
        return recourse.evaluate(scenario, plan, repair=repair)
    evaluator = Evaluator(scenario)
    return evaluator.report(evaluator.run(plan, repair=repair))
