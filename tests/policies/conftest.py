"""A business small enough to allot by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from allocator.domain.scenario import Scenario
from allocator.evaluation import Evaluator, Trajectory


@pytest.fixture
def business() -> Callable[..., Scenario]:
    """Two segments, one lever, one person of 42 hours; keys of the model and the scenario may be replaced.

    10 gold customers earn 100 each (revenue 200), 40 iron ones 10 each (revenue 50). A visit takes an hour;
    at most 4 a customer. Nobody stays, so that a customer's value is this period's margin and what comes
    after it, and a visit adds 5 to the margin.
    """

    def build(*, horizon: int = 1, scenario: dict[str, Any] | None = None, **model: Any) -> Scenario:
        visits = {"function": "sales", "effort": {"max": 4}, "uses": {"sales": 1}}
        base: dict[str, Any] = {
            "model": "two",
            "period": "year",
            "discount_rate": 0.0,
            "segments": [
                {"segment": "gold", "customers": 10, "margin": 100, "revenue": 200, "tier": "gold"},
                {"segment": "iron", "customers": 40, "margin": 10, "revenue": 50, "tier": "iron"},
            ],
            "resources": {"sales": {"kind": "labour", "function": "sales", "headcount": 1, "hours": 42}},
            "levers": {"visits": visits},
            "responses": [{"lever": "visits", "effect": "margin_add", "curve": {"curve": "linear", "slope": 5}}],
        }
        question = {"scenario": "hand", "horizon": horizon, "model": {**base, **model}, **(scenario or {})}
        return Scenario.model_validate(question)

    return build


@pytest.fixture
def outcome() -> Callable[[Scenario, Any], Trajectory]:
    """What a policy's plan leads to."""

    def run(scenario: Scenario, policy: Any) -> Trajectory:
        return Evaluator(scenario).run(policy.plan(scenario))

    return run
