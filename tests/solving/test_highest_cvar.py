"""A floor a hair below the highest CVaR that any plan reaches leaves next to no room, but a plan there is."""

from typing import Any

import pytest
from recourse_scenarios import drawn, two_weathers

from allocator.domain.errors import Infeasible, InternalError
from allocator.domain.scenario import Scenario
from allocator.evaluation import evaluate
from allocator.solving import edge
from allocator.solving.deadline import Deadline
from allocator.solving.recourse import best_plan
from allocator.solving.refine import Converged, Refiner
from allocator.solving.search import Search
from allocator.solving.solve import Engine


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


# Two heads give 5,500 in good weather and 1,500 in bad, one head 4,450 and 1,750, none 3,200 + 1,200 and 2,000.


@pytest.mark.parametrize("lost", ["every plan that is tried", "the way"])
def test_where_no_plan_shows_one_is_looked_for_from_the_highest_cvar(
    monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    question = two_weathers(risk={"cvar_floor": 1750.0})
    begun: list[bool] = []
    begin, solve, hold = edge.begin, Engine.solve, Search.hold_and_polish

    def floored(engine: Engine) -> bool:
        return engine.scenario.risk.cvar_floor is not None and not begun

    def noted(engine: Engine, deadline: Deadline) -> bool:
        begun.append(begin(engine, deadline))
        return begun[-1]

    def without_a_plan(search: Search, *given: Any) -> Any:
        return hold(search, *given) if begun or search.master.instance.scenario.risk.cvar_floor is None else None

    def astray(engine: Engine, *given: Any, **options: Any) -> Any:
        if floored(engine):
            raise InternalError("unknown")
        return solve(engine, *given, **options)

    monkeypatch.setattr(edge, "begin", noted)
    if lost == "the way":
        monkeypatch.setattr(Engine, "solve", astray)
    else:
        monkeypatch.setattr(Search, "hold_and_polish", without_a_plan)
    found = evaluate(question, best_plan(question).plan)
    assert begun == [True]
    assert found.feasible
    assert found.customer_equity == pytest.approx(3350.0)


def test_a_floor_that_no_plan_reaches_is_told_from_one_that_is_missed_by_a_hair() -> None:
    # All heads that can be hired make no call worth while in bad weather.
    engine = Engine(two_weathers(risk={"cvar_floor": 2000.1}))
    with pytest.raises(Infeasible, match="CVaR floor"):
        edge.begin(engine, Deadline())
    assert edge.begin(Engine(two_weathers(risk={"cvar_floor": 2000.0})), Deadline())
    assert not edge.begin(Engine(two_weathers()), Deadline())
