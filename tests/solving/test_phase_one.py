"""Phase one where efforts are continuous: that there is no plan is proven, in time, and not given up on."""

from __future__ import annotations

from typing import Any

import pytest
from infeasible_scenario import scenario, small

from allocator.domain.errors import Infeasible
from allocator.solving import solve

CURVE = {"curve": "adbudg", "high": 5.0, "half": 1.0, "shape": 1.0}
RESPONSES = {"responses": [{"lever": "calls", "effect": "margin_add", "curve": CURVE}]}


def smooth(floor: float) -> dict[str, Any]:
    """Each of 100 customers earns 10 + 5 e / (1 + e) - 3 e in each of two periods: most at e = sqrt(5/3) - 1."""
    question = small(model=RESPONSES, rules=[{"rule": "equity", "min": floor}])
    question["model"]["levers"]["calls"]["effort"] = {"max": 4.0}
    return question


BEST = 200 * (10 + 5 + 3 - 2 * 15**0.5)
"""At that effort 5 e / (1 + e) - 3 e = 5 + 3 - 2 sqrt(15) of a customer and period; wages are not the segment's."""


def test_a_floor_just_beyond_what_continuous_efforts_reach_has_no_plan() -> None:
    with pytest.raises(Infeasible, match="no plan"):
        solve(scenario(smooth(BEST * (1 + 1e-4))))


def test_a_floor_just_within_reach_is_kept() -> None:
    assert solve(scenario(smooth(BEST * (1 - 1e-4)))).objective == pytest.approx(BEST - 200, rel=1e-3)
