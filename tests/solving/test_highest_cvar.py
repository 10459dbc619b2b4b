"""A floor a hair below the highest CVaR that any plan reaches leaves next to no room, but a plan there is."""

from typing import Any

import pytest
from recourse_scenarios import drawn

from allocator.domain.errors import InternalError
from allocator.domain.scenario import Scenario
from allocator.evaluation import evaluate
from allocator.solving.recourse import best_plan
from allocator.solving.refine import Converged, Refiner
from allocator.solving.search import Search


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


def test_where_the_solver_loses_its_way_one_plan_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    question = with_risk(drawn(0, shocks=4, odds=False), recourse=False)
    best, held = best_plan(question).objective, []
    hold, converge = Search._hold, Refiner.converge

    def noted(search: Search, *given: Any) -> Any:
        held.append("lost" if not held else "held")
        return hold(search, *given)

    def lost(refiner: Refiner, *given: Any, **options: Any) -> Converged:
        if held == ["lost"]:
            held.append("found again")
            raise InternalError("unknown")
        return converge(refiner, *given, **options)

    monkeypatch.setattr(Search, "_hold", noted)
    monkeypatch.setattr(Refiner, "converge", lost)
    assert best_plan(question).objective == pytest.approx(best, rel=1e-4)
    assert held[:3] == ["lost", "found again", "held"]
