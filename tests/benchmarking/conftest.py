"""A market small enough to benchmark in a blink."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from allocator.domain.scenario import Scenario


@pytest.fixture
def market() -> Callable[..., Scenario]:
    """Gold and iron customers of ours, a rival's, one lever, 60 hours; keys of the scenario may be replaced."""

    def build(name: str = "small", **scenario: Any) -> Scenario:
        model = {
            "model": "market",
            "period": "year",
            "discount_rate": 0.1,
            "segments": [
                {"segment": "gold", "customers": 40, "margin": 100, "revenue": 200},
                {"segment": "iron", "customers": 100, "margin": 10, "revenue": 60},
                {"segment": "theirs", "customers": 60, "margin": 50, "owner": "rival"},
                {"segment": "nobody", "customers": 500, "margin": 0, "owner": "market"},
            ],
            "transitions": [
                {"from": "gold", "to": "gold", "probability": 0.7},
                {"from": "gold", "to": "theirs", "probability": 0.1},
                {"from": "iron", "to": "iron", "probability": 0.6},
                {"from": "theirs", "to": "theirs", "probability": 0.9},
            ],
            "resources": {"sales": {"kind": "labour", "function": "sales", "headcount": 1, "hours": 60, "wage": 300}},
            "levers": {
                "visits": {"function": "sales", "where": {"owner": "us"}, "effort": {"max": 3}, "uses": {"sales": 1}}
            },
            "responses": [
                {
                    "lever": "visits",
                    "effect": "retention",
                    "curve": {"curve": "adbudg", "high": 2, "half": 1, "shape": 1.5},
                }
            ],
        }
        risk = {"generate": {"scenarios": 16, "volatility": 0.2}, "confidence": 0.8}
        return Scenario.model_validate({"scenario": name, "horizon": 2, "model": model, "risk": risk, **scenario})

    return build
