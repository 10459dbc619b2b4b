"""A floor a hair below the highest CVaR that any plan reaches leaves next to no room, but a plan there is."""

from typing import Any

import pytest
from recourse_scenarios import drawn

from allocator.domain.scenario import Scenario
from allocator.evaluation import evaluate
from allocator.solving.recourse import best_plan


def with_risk(scenario: Scenario, **risk: Any) -> Scenario:
    return scenario.model_copy(update={"risk": scenario.risk.model_copy(update=risk)})


@pytest.mark.parametrize(
    ("seed", "continuous", "recourse"),
    [
        pytest.param(0, False, True, id="the last of an answer is missing once its spend is held"),
        pytest.param(3, False, True, id="an S-curve has to be cut again before there is a plan"),
        pytest.param(1, True, False, id="a line of a channel takes away what phase one reached"),
    ],
)
def test_a_plan_is_found_next_to_the_highest_cvar(seed: int, continuous: bool, recourse: bool) -> None:
    question = with_risk(drawn(seed, shocks=4, continuous=continuous, odds=recourse), recourse=recourse)
    cautious = with_risk(question, aversion=1.0)
    highest = evaluate(cautious, best_plan(cautious).plan).cvar
    assert highest is not None
    floored = with_risk(question, cvar_floor=highest - 1e-5 * abs(highest))
    found = evaluate(floored, best_plan(floored).plan)
    assert found.feasible
    assert found.cvar == pytest.approx(highest, rel=2e-5)
