"""What every policy keeps: levels, contacts, budgets, rules, heads, programmes. Numbers are worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from allocator.domain.scenario import Scenario
from allocator.evaluation import Evaluator, Trajectory
from allocator.policies.fixed import NoEffort
from allocator.policies.mechanics import Setting
from allocator.policies.proportional import Uniform, by_customers, by_margin
from allocator.policies.top_tier import TopTierFirst

Build = Callable[..., Scenario]
Run = Callable[[Scenario, Any], Trajectory]
VISITS: dict[str, Any] = {"function": "sales", "effort": {"max": 4}, "uses": {"sales": 1}}
SALES: dict[str, Any] = {"kind": "labour", "function": "sales", "headcount": 1, "hours": 42}


def test_levels_are_mixed_to_the_average(business: Build) -> None:
    # 0.84 hours a customer are level 2 for 42 in 100.
    plan = by_customers().plan(business(levers={"visits": {**VISITS, "effort": {"levels": [0, 2, 4]}}}))
    assert [(row.segment, row.efforts) for row in plan.treatments] == [
        ("gold", (("visits", 2.0),)),
        ("iron", (("visits", 2.0),)),
    ]
    assert [row.share for row in plan.treatments] == pytest.approx([0.42, 0.42])


def test_everyone_alike_means_a_level_for_all(business: Build, outcome: Run) -> None:
    # The tier first: level 4 for gold takes 40 hours; the 2 left are no level for all of iron.
    question = business(
        levers={"visits": {**VISITS, "effort": {"levels": [0, 2, 4]}}}, scenario={"rules": [{"rule": "uniform"}]}
    )
    assert outcome(question, TopTierFirst()).effort.total[0, :, 0].tolist() == [40, 0]


def test_contacts_are_counted_at_the_level_that_anyone_gets(business: Build, outcome: Run) -> None:
    # Gold may be contacted twice, so nobody there gets level 4, nor a mix of it.
    rows = [{"segment": "gold", "customers": 10, "margin": 100, "tier": "gold", "contacts_max": 2}]
    lever = {**VISITS, "effort": {"levels": [0, 2, 4]}, "contacts": 1}
    result = outcome(business(segments=rows, levers={"visits": lever}), TopTierFirst())
    assert result.effort.total[0, 0, 0] == pytest.approx(20)
    assert result.violations == ()


def test_limited_contacts_are_shared_out_among_customers(business: Build) -> None:
    # Three offers of one contact each and one contact a customer: a third of gold gets each, nobody two.
    # An offer takes an hour, so that hours (42) do not bind.
    rows = [{"segment": "gold", "customers": 10, "margin": 100, "tier": "gold", "contacts_max": 1}]
    offer = {**VISITS, "effort": {"levels": [1]}, "contacts": 1}
    plan = by_customers().plan(business(segments=rows, levers={name: offer for name in ("a", "b", "c")}, responses=[]))
    assert sorted(row.efforts for row in plan.treatments) == [(("a", 1.0),), (("b", 1.0),), (("c", 1.0),)]
    assert [row.share for row in plan.treatments] == pytest.approx([1 / 3] * 3)


def test_nobody_gets_more_contacts_than_the_limit(business: Build, outcome: Run) -> None:
    # Two contacts an offer, three a customer: an average of three would be 0.75 of both offers, but nobody can get
    # both; half of gold gets a, half b.
    rows = [{"segment": "gold", "customers": 10, "margin": 100, "tier": "gold", "contacts_max": 3}]
    offer = {**VISITS, "effort": {"levels": [1]}, "contacts": 2}
    question = business(segments=rows, levers={name: offer for name in ("a", "b")}, responses=[])
    result = outcome(question, by_customers())
    assert result.violations == ()
    assert result.effort.total[:, 0, 0].sum() == pytest.approx(10)


def test_a_budget_over_all_periods_is_spread_evenly(business: Build, outcome: Run) -> None:
    # Money for 20 visits in two periods: 10 in each, though the first could take 42.
    stay = [{"from": name, "to": name, "probability": 1} for name in ("gold", "iron")]
    question = business(
        horizon=2,
        transitions=stay,
        levers={"visits": {**VISITS, "cost": 3}},
        scenario={"budgets": [{"name": "all", "amount": 60}], "terminal": "none"},
    )
    assert outcome(question, by_customers()).effort.total[0].sum(axis=0).tolist() == pytest.approx([10, 10])


def test_wages_come_out_of_the_budget_first(business: Build, outcome: Run) -> None:
    # 100 of money, 70 of it wages: 10 visits at 3.
    question = business(
        resources={"sales": {**SALES, "wage": 70}},
        levers={"visits": {**VISITS, "cost": 3}},
        scenario={"budgets": [{"name": "all", "amount": 100}]},
    )
    assert outcome(question, by_customers()).effort.total.sum() == pytest.approx(10)


def test_money_floors_are_filled_before_the_rule_has_its_say(business: Build, outcome: Run) -> None:
    # Iron is promised 30 of money: 10 visits; what is left of 42 hours goes to gold.
    question = business(
        levers={"visits": {**VISITS, "cost": 3}},
        scenario={"budgets": [{"name": "iron", "at_least": 30, "where": {"tier": "iron"}}]},
    )
    assert outcome(question, TopTierFirst()).effort.total[0, :, 0].tolist() == pytest.approx([32, 10])


def test_coverage_comes_first_and_in_whole_measures(business: Build) -> None:
    # Half of iron get at least 1.5 visits (30 hours), the other half none; gold gets the 12 left.
    rule = {"rule": "coverage", "lever": "visits", "min_effort": 1.5, "min_share": 0.5, "where": {"tier": "iron"}}
    plan = TopTierFirst().plan(business(scenario={"rules": [rule]}))
    treated = {row.segment: (row.share, row.efforts[0][1]) for row in plan.treatments}
    assert treated["iron"] == pytest.approx((0.5, 1.5))
    assert treated["gold"] == pytest.approx((1.0, 1.2))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"rule": "effort", "lever": "visits", "max": 1, "where": {"tier": "gold"}}, [10, 32]),
        ({"rule": "effort", "lever": "visits", "min": 0.5, "where": {"tier": "iron"}}, [22, 20]),
        ({"rule": "active", "lever": "visits", "max": 1}, [40, 0]),
        ({"rule": "spend", "max": 30, "where": {"tier": "gold"}}, [10, 32]),
    ],
)
def test_rules_that_bound_effort_are_kept(
    business: Build, outcome: Run, rule: dict[str, Any], expected: list[float]
) -> None:
    question = business(levers={"visits": {**VISITS, "cost": 3}}, scenario={"rules": [rule]})
    assert outcome(question, TopTierFirst()).effort.total[0, :, 0].tolist() == pytest.approx(expected)


def test_change_keeps_near_the_current_plan(business: Build, outcome: Run) -> None:
    # Today 20 visits in gold and 10 in iron, each to stay within half: at most 30 and 15 of 42 hours.
    today = [
        {"segment": n, "period": 1, "share": 1, "efforts": [("visits", e)]} for n, e in (("gold", 2), ("iron", 0.25))
    ]
    question = business(scenario={"rules": [{"rule": "change", "max": 0.5}], "current_plan": {"treatments": today}})
    assert outcome(question, TopTierFirst()).effort.total[0, :, 0].tolist() == pytest.approx([30, 12])
    assert outcome(question, by_customers()).effort.total[0, :, 0].tolist() == pytest.approx([27, 15])


def test_efforts_that_would_exceed_a_ceiling_on_customers_are_cut(business: Build, outcome: Run) -> None:
    # Half of 10 gold customers stay untreated. e visits add e to the log-odds of staying: four would keep 9.8; a
    # ceiling of 8 allows e with 10 / (1 + exp(-e)) = 8, so e = log 4. The hours left, 42 - 13.9, go to iron.
    stay = [{"from": "gold", "to": "gold", "probability": 0.5}]
    grip = [{"lever": "visits", "effect": "retention", "curve": {"curve": "linear", "slope": 1}}]
    question = business(
        transitions=stay,
        responses=grip,
        horizon=2,
        scenario={"rules": [{"rule": "customers", "where": {"tier": "gold"}, "periods": [2], "max": 8}]},
    )
    result = outcome(question, TopTierFirst())
    assert result.customers[0, 1] == pytest.approx(8, abs=1e-4)
    assert result.effort.total[0, :, 0].tolist() == pytest.approx([10 * np.log(4), 42 - 10 * np.log(4)], abs=1e-3)


def test_people_are_hired_where_it_pays(business: Build, outcome: Run) -> None:
    # An hour earns 5, a head 42 x 5 = 210. 200 visits can be used: 5 heads of 42 hours.
    cheap = {**SALES, "wage": 100, "hire": {"cost": 50}}
    dear = {**SALES, "wage": 300, "hire": {"cost": 50}}
    assert outcome(business(resources={"sales": cheap}), by_customers()).capacity.heads[0, 0] == 5
    assert outcome(business(resources={"sales": dear}), by_customers()).capacity.heads[0, 0] == 1


def test_people_whom_nothing_uses_are_released(business: Build, outcome: Run) -> None:
    # 200 visits at most need 5 of 9 heads.
    staff = {**SALES, "headcount": 9, "wage": 100, "release": {"cost": 10}}
    assert outcome(business(resources={"sales": staff}), by_customers()).capacity.heads[0, 0] == 5


def test_headcount_rules_bind_the_heads(business: Build, outcome: Run) -> None:
    staff = {**SALES, "wage": 100, "hire": {"cost": 50}}
    rule = {"rule": "headcount", "resources": "sales", "max": 3}
    question = business(resources={"sales": staff}, scenario={"rules": [rule]})
    assert outcome(question, by_customers()).capacity.heads[0, 0] == 3


@pytest.mark.parametrize(("cost", "expected"), [(2, 52), (9, 42)])
def test_overtime_is_used_where_it_pays(business: Build, outcome: Run, cost: float, expected: float) -> None:
    staff = {**SALES, "overtime": {"share": 10 / 42, "cost": cost}}
    question = business(resources={"sales": staff})
    assert outcome(question, by_customers()).effort.total.sum() == pytest.approx(expected)


def test_a_programme_that_pays_is_started_with_what_it_requires(business: Build, outcome: Run) -> None:
    # Data takes a period; the record then doubles what the 42 hours of periods 2 and 3 earn: 2 x 210 more.
    stay = [{"from": name, "to": name, "probability": 1} for name in ("gold", "iron")]
    programmes = {
        "record": {"function": "it", "cost": 100, "requires": ["data"], "boosts": {"visits": 2}},
        "data": {"function": "it", "cost": 50, "lead": 1},
        "vanity": {"function": "it", "cost": 1},
    }
    question = business(horizon=3, transitions=stay, programmes=programmes, scenario={"terminal": "none"})
    assert {row.programme: row.start for row in by_customers().plan(question).programmes} == {"record": 2, "data": 1}


def test_locked_levers_and_channels_stay_shut(business: Build, outcome: Run) -> None:
    key = {"key": {"function": "it", "cost": 1e6, "unlocks": ["visits"]}}
    assert outcome(business(programmes=key), by_customers()).effort.total.sum() == 0


def channels(minimum: float, fixed: float = 0.0) -> dict[str, Any]:
    curve = {"curve": "linear", "slope": 0.01}
    spend = {"min": minimum, "max": 100, "fixed": fixed}
    row = {"function": "marketing", "spend": spend, "response": curve, "into": {"gold": 1}}
    return {name: row for name in ("fair", "mail", "web")}


def test_channels_share_money_and_respect_their_minimum(business: Build, outcome: Run) -> None:
    # 120 of money is 40 each. With a minimum of 50 only two can be used, 60 each.
    budget = {"budgets": [{"name": "all", "amount": 120}], "terminal": {"gold": 500}}
    free = outcome(business(channels=channels(0), scenario=budget), Uniform())
    bound = outcome(business(channels=channels(50), scenario=budget), Uniform())
    assert free.plan.spend[:, 0].tolist() == pytest.approx([40, 40, 40])
    assert bound.plan.spend[:, 0].tolist() == pytest.approx([60, 60, 0])


def test_fixed_costs_take_at_most_half_of_the_money(business: Build, outcome: Run) -> None:
    # Two fixed costs of 30 are half of 120; a third would leave too little to spend.
    budget = {"budgets": [{"name": "all", "amount": 120}], "terminal": {"gold": 5000}}
    result = outcome(business(channels=channels(0, fixed=30), scenario=budget), Uniform())
    assert result.plan.spend[:, 0].tolist() == pytest.approx([30, 30, 0])


def test_new_customers_take_hours_too(business: Build, outcome: Run) -> None:
    # A channel's new customer takes 20 hours; full spend brings one each, so hours for visits are short.
    rows = {name: {**row, "uses": {"sales": 20}} for name, row in channels(0).items()}
    result = outcome(business(channels=rows, scenario={"terminal": {"gold": 500}}), by_margin())
    assert result.violations == ()
    assert result.flow.scaled == ()
    assert result.flow.used[0, 0] == pytest.approx(42)


def test_value_of_an_untreated_customer_counts_back_from_the_end(business: Build) -> None:
    # Gold earns 100 and stays by half, with 40 at the end: V = 40, then 100 + 20 = 120, then 100 + 60 = 160.
    stay = [{"from": "gold", "to": "gold", "probability": 0.5}]
    setting = Setting(business(horizon=2, transitions=stay, scenario={"terminal": {"gold": 40}}))
    np.testing.assert_allclose(setting.value[0], [160, 120, 40])


def test_doing_nothing_is_a_plan(business: Build, outcome: Run) -> None:
    question = business()
    assert Evaluator(question).equity(outcome(question, NoEffort())) == pytest.approx(10 * 100 + 40 * 10)
