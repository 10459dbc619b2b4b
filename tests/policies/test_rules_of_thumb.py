"""Each rule's allotment against one worked out by hand; see the fixture ``business`` for the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import Trajectory
from allocator.policies import NotApplicable
from allocator.policies.fixed import CurrentPlan, NoEffort
from allocator.policies.greedy import Greedy, Myopic
from allocator.policies.optimum import Optimum
from allocator.policies.product_centric import ProductCentric
from allocator.policies.proportional import Uniform, by_customers, by_lifetime_value, by_margin, by_revenue
from allocator.policies.top_tier import TopTierFirst

Build = Callable[..., Scenario]
Run = Callable[[Scenario, Any], Trajectory]


def hours(trajectory: Trajectory, t: int = 0) -> list[float]:
    """Hours of visits in gold and iron."""
    return np.round(trajectory.effort.total[0, :, t], 6).tolist()


def test_uniform_gives_every_segment_the_same(business: Build, outcome: Run) -> None:
    assert hours(outcome(business(), Uniform())) == [21, 21]


def test_by_customers_gives_every_customer_the_same(business: Build, outcome: Run) -> None:
    # 42 hours over 50 customers are 0.84 each.
    assert hours(outcome(business(), by_customers())) == pytest.approx([8.4, 33.6])


def test_by_revenue(business: Build, outcome: Run) -> None:
    # Revenue is 10 x 200 = 40 x 50: half each.
    assert hours(outcome(business(), by_revenue())) == pytest.approx([21, 21])


def test_by_margin(business: Build, outcome: Run) -> None:
    # Margin is 1,000 against 400: 42 hours are shared 30 to 12.
    assert hours(outcome(business(), by_margin())) == pytest.approx([30, 12])


def test_by_lifetime_value(business: Build, outcome: Run) -> None:
    # Everyone of iron stays and is worth 40 at the end, so CLV is 10 + 40 = 50 there and 100 in gold:
    # 1,000 against 2,000, shared 14 to 28.
    question = business(
        transitions=[{"from": "iron", "to": "iron", "probability": 1}], scenario={"terminal": {"iron": 40}}
    )
    assert hours(outcome(question, by_lifetime_value())) == pytest.approx([14, 28])


def test_what_one_segment_cannot_take_goes_to_the_others(business: Build, outcome: Run) -> None:
    # 70 hours by margin would be 50 to 20, but gold takes 4 x 10 at most.
    staff = {"sales": {"kind": "labour", "function": "sales", "headcount": 1, "hours": 70}}
    assert hours(outcome(business(resources=staff), by_margin())) == pytest.approx([40, 30])


def test_top_tier_first(business: Build, outcome: Run) -> None:
    assert hours(outcome(business(), TopTierFirst())) == pytest.approx([40, 2])


def test_product_centric_without_product_lines_treats_all_customers_of_a_function_alike(
    business: Build, outcome: Run
) -> None:
    assert hours(outcome(business(), ProductCentric())) == pytest.approx([8.4, 33.6])


def test_product_centric_follows_the_sales_of_product_lines(business: Build, outcome: Run) -> None:
    # Fibre sells 2,000 to gold, mobile 6,000 to iron: 10.5 hours and 31.5.
    rows = [
        {"segment": "gold", "customers": 10, "margin": 100, "revenue": 200, "extra": {"product": "fibre"}},
        {"segment": "iron", "customers": 40, "margin": 10, "revenue": 150, "extra": {"product": "mobile"}},
    ]
    assert hours(outcome(business(segments=rows), ProductCentric())) == pytest.approx([10.5, 31.5])


def test_greedy_takes_the_best_return_per_hour_first(business: Build, outcome: Run) -> None:
    # An hour adds 5 in gold and 8 in iron, where all 42 fit.
    responses = [
        {"lever": "visits", "effect": "margin_add", "segment": name, "curve": {"curve": "linear", "slope": slope}}
        for name, slope in (("gold", 5), ("iron", 8))
    ]
    assert hours(outcome(business(responses=responses), Greedy())) == pytest.approx([0, 42])


def test_greedy_leaves_alone_what_costs_more_than_it_earns(business: Build, outcome: Run) -> None:
    visits = {"function": "sales", "effort": {"max": 4}, "uses": {"sales": 1}, "cost": 6}
    assert hours(outcome(business(levers={"visits": visits}), Greedy())) == [0, 0]


def test_greedy_leaps_over_a_stretch_that_does_not_pay(business: Build, outcome: Run) -> None:
    # One or two visits do nothing; three are worth 30 to a gold customer.
    curve = {"curve": "points", "efforts": [2, 3], "values": [0, 30]}
    responses = [{"lever": "visits", "effect": "margin_add", "segment": "gold", "curve": curve}]
    assert hours(outcome(business(responses=responses), Greedy()))[0] == pytest.approx(30)


def test_myopic_forgoes_what_pays_later(business: Build, outcome: Run) -> None:
    # Ten hours are there for either of two levers. Keeping raises the chance that a gold customer stays from
    # 1/2 to 3/4 (log-weight + ln 3): worth 0.25 x 1,000 at the end, but only 0.25 x 100 in next margin.
    # Selling adds 30 to a customer of iron at once.
    stay = [{"from": "gold", "to": "gold", "probability": 0.5}]
    lever = {"function": "sales", "effort": {"levels": [0, 1]}, "uses": {"sales": 1}}
    question = business(
        transitions=stay,
        levers={"keep": {**lever, "where": {"tier": "gold"}}, "sell": {**lever, "where": {"tier": "iron"}}},
        resources={"sales": {"kind": "labour", "function": "sales", "headcount": 1, "hours": 10}},
        responses=[
            {"lever": "keep", "effect": "retention", "curve": {"curve": "linear", "slope": float(np.log(3))}},
            {"lever": "sell", "effect": "margin_add", "curve": {"curve": "linear", "slope": 30}},
        ],
        scenario={"terminal": {"gold": 1000}},
    )
    total = {name: outcome(question, policy).effort.total.sum(axis=(1, 2)) for name, policy in RIVALS.items()}
    assert total["greedy"].tolist() == pytest.approx([10, 0])
    assert total["myopic"].tolist() == pytest.approx([0, 10])


RIVALS = {"greedy": Greedy(), "myopic": Myopic()}


def test_plans_that_are_there_already(business: Build) -> None:
    plan = Plan(treatments=({"segment": "gold", "period": 1, "share": 1, "efforts": (("visits", 1),)},))
    question = business(scenario={"current_plan": plan})
    assert CurrentPlan().plan(question) == plan
    assert NoEffort().plan(question) == Plan()
    with pytest.raises(NotApplicable, match="current_plan"):
        CurrentPlan().plan(business())


def test_no_revenue_no_policy_by_revenue(business: Build) -> None:
    rows = [{"segment": "gold", "customers": 10, "margin": 100}]
    with pytest.raises(NotApplicable, match="revenue"):
        by_revenue().plan(business(segments=rows))


def test_the_optimum_is_what_the_solver_says(business: Build) -> None:
    class Solved:
        plan = Plan(heads=({"resource": "sales", "period": 1, "headcount": 1},))
        objective = 1.0
        bound = 1.0

    assert Optimum(lambda scenario: Solved()).plan(business()) == Solved.plan
