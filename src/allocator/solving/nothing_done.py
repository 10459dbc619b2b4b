"""No effort, which a return is measured against."""

from __future__ import annotations

from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import evaluate


def no_effort(scenario: Scenario) -> Evaluation | None:
    """What no effort gives, where the objective of the scenario asks for it."""
    return evaluate(scenario, Plan()) if scenario.objective.kind == "return" else None
