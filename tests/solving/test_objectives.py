"""Least spend for a target equity, a target return, and never worse than the plan there is."""

from __future__ import annotations

from typing import Any

import pytest
from infeasible_scenario import scenario, small

from allocator.domain.result import Result
from allocator.domain.scenario import Scenario
from allocator.engine import solve_scenario
from allocator.solving import Engine, solve
from allocator.solving.deadline import Deadline

WORTH = {"responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 5.0}}]}
"""A call earns 5 and costs 3. No calls at all: 2 x 1,000 - 2 x 100 of wages = 1,800 of equity."""
BENT = {"curve": "points", "efforts": [0, 1, 2, 4], "values": [0, 5, 9, 10]}


def solved(**changes: Any) -> Result:
    return solve_scenario(scenario(small(**changes)))


def bent(**changes: Any) -> dict[str, Any]:
    return {"model": {"responses": [{"lever": "calls", "effect": "margin_add", "curve": BENT}]}, **changes}


def test_least_spend_for_an_equity():
    """200 more equity need 100 calls at 2 each: wages 200 and calls 300."""
    result = solved(model=WORTH, objective={"kind": "spend", "target": 2000})
    assert result.objective == pytest.approx(500)
    assert result.evaluation.objective == pytest.approx(500)
    assert result.customer_equity == pytest.approx(2000)
    assert result.bound == pytest.approx(500)
    assert result.bound <= result.objective * (1 + 1e-9)


def test_least_spend_buys_where_money_earns_most():
    """The first call of a customer earns 2 for 3, the second 1 for 3. 500 more equity: 200 first calls (2 x 100
    customers) give 400, then 100 second calls: 200 + 600 + 300."""
    assert solved(**bent(objective={"kind": "spend", "target": 2300})).objective == pytest.approx(1100)


def test_least_spend_is_discounted():
    """At 25 percent a year period 2 weighs 0.8, money and equity alike; wages alone are 100 + 80."""
    result = solved(model={**WORTH, "discount_rate": 0.25}, objective={"kind": "spend", "target": 0})
    assert result.objective == pytest.approx(180)


def test_least_spend_with_whole_heads():
    """1,500 are there without anyone: heads are released at 10 each, in period 1, and no wage is paid."""
    desk = {"resources": {"desk": {"release": {"cost": 10}}}}
    result = solved(model=desk, objective={"kind": "spend", "target": 1500})
    assert result.objective == pytest.approx(20)
    assert result.bound <= 20 * (1 + 1e-9)
    assert result.status == "optimal"


def test_least_spend_gap_and_bound_are_on_the_side_of_spend():
    """With continuous efforts the bound is proven by pricing: below the spend, by the gap."""
    question = small(objective={"kind": "spend", "target": 2300})
    question["model"]["levers"]["calls"]["effort"] = {"max": 4}
    curve = {"curve": "exponential", "high": 12.0, "rate": 0.7}
    question["model"]["responses"] = [{"lever": "calls", "effect": "margin_add", "curve": curve}]
    result = solve_scenario(scenario(question))
    assert result.bound <= result.objective
    assert result.gap == pytest.approx(abs(result.bound - result.objective) / result.objective)
    assert result.customer_equity == pytest.approx(2300)


def test_return_on_spend():
    """One call earns 2 for 3, two earn 3 for 6. Equity is highest where as many get two as a return of 0.6 allows:
    (2 + x) / (3 + 3 x) = 0.6 at x = 1/4, so 2.25 for each of 100 in each of two periods."""
    result = solved(**bent(objective={"kind": "return", "target": 0.6}))
    assert result.customer_equity == pytest.approx(1800 + 450)
    assert result.objective == pytest.approx(result.customer_equity)


def test_a_return_that_nothing_gives_leaves_no_effort():
    assert solved(**bent(objective={"kind": "return", "target": 5.0})).customer_equity == pytest.approx(1800)


HIRING = {**WORTH, "resources": {"desk": {"headcount": 1, "hire": {"cost": 10, "max": 3}}}}
BEST = {
    "treatments": [{"segment": "gold", "period": t, "share": 1.0, "efforts": [["calls", 4]]} for t in (1, 2)],
    "heads": [{"resource": "desk", "period": t, "headcount": 2} for t in (1, 2)],
}
"""Four calls for all: 200 hours a period, two heads. 2 x (1,000 + 800 - 100) - 10."""


def test_a_plan_that_is_worth_nothing_is_as_near_to_its_bound_as_another():
    """Nobody is there and nothing is paid. That the bound is a ten-billionth off is no gap of ten percent, and
    no failure on the side of the plan."""
    segments = [{"segment": "gold", "customers": 0, "margin": 10.0}]
    transitions = [{"from": "gold", "to": "gold", "probability": 0.5}]
    model = {"model": "start", "period": "year", "discount_rate": 0, "segments": segments, "transitions": transitions}
    engine = Engine(Scenario.model_validate({"scenario": "start", "horizon": 2, "model": model}))
    best, _ = engine.solve(Deadline(), gap=1e-4)
    for off in (1e-10, -1e-10):
        found = engine.solved(best, best.objective + off, {})
        assert (found.objective, found.gap, found.status) == (0.0, 0.0, "optimal")
        assert found.bound >= found.objective


def test_the_current_plan_is_never_beaten_by_what_is_proposed():
    """A gap of 90 percent would be content with almost anything."""
    result = solved(model=HIRING, current_plan=BEST, solver={"gap": 0.9})
    assert result.current_plan is not None
    assert result.current_plan.customer_equity == pytest.approx(3390)
    assert result.customer_equity >= result.current_plan.customer_equity * (1 - 1e-12)


def test_the_current_plan_is_never_beaten_on_spend():
    target = {"kind": "spend", "target": 3000}
    result = solved(model=HIRING, current_plan=BEST, objective=target, solver={"gap": 0.9})
    assert result.current_plan is not None
    assert result.objective <= result.current_plan.cost * (1 + 1e-12)


def test_the_current_plan_is_the_first_incumbent():
    """Before any search the engine holds the current plan's heads and its equity, 3,390."""
    question = scenario(small(model=HIRING, current_plan=BEST))
    current = solved(model=HIRING, current_plan=BEST).current_plan
    engine = Engine(question, current)
    engine.root(Deadline(), gap=1e-6)
    engine.begin_with_current(Deadline())
    assert engine.search.best is not None
    assert engine.natural(engine.search.best.objective) == pytest.approx(3390)


def test_a_current_plan_that_breaks_a_limit_is_no_incumbent():
    """Four calls cost 1,200 a period, twice the budget; the plan proposed keeps it."""
    budgets = [{"name": "calls", "amount": 600, "levers": ["calls"], "per": "period"}]
    result = solved(model=HIRING, current_plan=BEST, budgets=budgets)
    assert result.current_plan is not None
    assert not result.current_plan.feasible
    assert result.evaluation.feasible
    assert result.customer_equity == pytest.approx(2 * (1000 + 2 * 200 - 50))


def test_solved_is_in_the_units_of_the_objective():
    found = solve(scenario(small(model=WORTH, objective={"kind": "spend", "target": 2000})))
    assert (found.objective, found.bound, found.gap) == pytest.approx((500, 500, 0), abs=1e-6)
