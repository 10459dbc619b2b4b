"""What clashes and the least change that helps, case by case: made, a plan exists; made by 99 percent, none does."""

from __future__ import annotations

import functools
import math
from typing import Any

import pytest
from infeasible_scenario import applied, scenario, small

from allocator.domain.errors import Infeasible
from allocator.domain.plan import Plan
from allocator.engine import solve_scenario
from allocator.evaluation import evaluate
from allocator.solving import solve


def coverage(**keys: Any) -> dict[str, Any]:
    """Half of the customers get two calls."""
    return {"rule": "coverage", "lever": "calls", "min_effort": 2, "min_share": 0.5, **keys}


def calls_budget(amount: float, **keys: Any) -> dict[str, Any]:
    return {"name": "calls", "amount": amount, "levers": ["calls"], "per": "period", **keys}


def continuous(question: dict[str, Any]) -> dict[str, Any]:
    """Any number of calls up to 4."""
    question["model"]["levers"]["calls"]["effort"] = {"max": 4}
    return question


CALLS_PLAN = [{"segment": "gold", "period": t, "share": 1.0, "efforts": [["calls", 2]]} for t in (1, 2)]
ADS = {
    "function": "marketing",
    "spend": {"min": 200, "max": 1000},
    "response": {"curve": "linear", "slope": 0.01},
    "into": {"gold": 1.0},
}
PARTNER = {"hours": 20, "quality": 0.5}
FREE_HIRING = {"desk": {"hire": {"cost": 0, "max": 1}}}
TWO_SEGMENTS = {
    "segments": [
        {"segment": "gold", "customers": 100, "margin": 10.0, "revenue": 20.0, "collection_days": 73},
        {"segment": "silver", "customers": 300, "margin": 5.0},
    ],
    "transitions": [
        {"from": "gold", "to": "gold", "probability": 1.0},
        {"from": "silver", "to": "silver", "probability": 1.0},
    ],
}
WEAK = {"scenario": "weak", "probability": 0.5, "segment": "gold", "factor": 0.5}
STRONG = {"scenario": "strong", "probability": 0.5, "segment": "gold", "factor": 1.5}

NAN = math.nan
CASES: dict[str, tuple[dict[str, Any], dict[str, tuple[float, float]], list[str]]] = {
    # 50 customers x 2 calls x 3 money = 300 a period; 240 buy 40 customers. 10 of 50 points are 20 percent of
    # the share, 60 money are 25 percent of the budget.
    "budget and coverage": (
        small(budgets=[calls_budget(240)], rules=[coverage()]),
        {"coverage": (0.5, 0.4), "budget `calls`": (240, 300)},
        ["coverage"],
    ),
    # The same, with the effort continuous: nothing is cheaper than two calls for those who need them.
    "continuous effort": (
        continuous(small(budgets=[calls_budget(240)], rules=[coverage()])),
        {"coverage": (0.5, 0.4), "budget `calls`": (240, 300)},
        ["coverage"],
    ),
    # 90 customers x 4 calls x half an hour = 180 hours; one head has 100: 50 customers. Or a second head.
    "coverage and heads": (
        small(model={"resources": {"desk": {"headcount": 1}}}, rules=[coverage(min_effort=4, min_share=0.9)]),
        {"coverage": (0.9, 0.5), "headcount of `desk`": (1, 2)},
        ["coverage"],
    ),
    # Four calls for everyone take 200 hours; 80 and 8 of overtime do for 44 customers. Overtime of 150 percent would
    # do, but a share is at most 1; two heads more would.
    "overtime that no share allows": (
        small(
            rules=[coverage(min_effort=4, min_share=1.0)],
            model={"resources": {"desk": {"headcount": 1, "hours": 80.0, "overtime": {"share": 0.1}}}},
        ),
        {
            "coverage": (1.0, 0.44),
            "headcount of `desk`": (1, 3),
            "overtime share of `desk`": (0.1, NAN),
        },
        ["coverage"],
    ),
    # 100 hours + 10 overtime + half of 20 bought: 120 hours, 60 customers. 60 hours are missing for 90: 60
    # percent overtime more, or 120 bought hours more.
    "coverage, overtime and partner": (
        small(
            model={"resources": {"desk": {"headcount": 1, "overtime": {"share": 0.1}, "partner": PARTNER}}},
            rules=[coverage(min_effort=4, min_share=0.9)],
        ),
        {
            "coverage": (0.9, 0.6),
            "headcount of `desk`": (1, 2),
            "partner hours of `desk`": (20, 140),
            "overtime share of `desk`": (0.1, 0.7),
        },
        ["coverage"],
    ),
    # 80 customers x 2 calls use 160 lines, of which there are 100.
    "coverage and fixed capacity": (
        small(
            model={
                "resources": {"lines": {"kind": "fixed", "function": "service", "capacity": 100}},
                "levers": {"calls": {"uses": {"lines": 1}}},
            },
            rules=[coverage(min_share=0.8)],
        ),
        {"coverage": (0.8, 0.5), "capacity `lines`": (100, 160)},
        ["coverage"],
    ),
    # Three heads cost 150 in a period. 30 of 120 are 25 percent, one head of three is 33.
    "headcount floor and wage budget": (
        small(
            model={"resources": FREE_HIRING},
            budgets=[{"name": "wages", "amount": 120, "resources": ["desk"], "per": "period"}],
            rules=[{"rule": "headcount", "resources": ["desk"], "min": 3}],
        ),
        {"headcount": (3, 2), "budget `wages`": (120, 150)},
        ["budget `wages`"],
    ),
    # Five heads in period 1, from two, by one hire.
    "headcount floor and hiring": (
        small(
            model={"resources": FREE_HIRING},
            rules=[{"rule": "headcount", "resources": ["desk"], "min": 5, "periods": [1]}],
        ),
        {"headcount": (5, 3), "headcount of `desk`": (2, 4), "hire max of `desk`": (1, 3)},
        ["headcount"],
    ),
    # Two heads who cannot be released cost 100; the budget has 80. One head would do, or 100.
    "wage budget and heads who stay": (
        small(budgets=[{"name": "wages", "amount": 80, "resources": ["desk"], "per": "period"}]),
        {"budget `wages`": (80, 100), "headcount of `desk`": (2, 1)},
        ["budget `wages`"],
    ),
    # Started in period 2 at the earliest, it works from 4; calls are wanted in 3.
    "window, lead and coverage": (
        small(
            horizon=4,
            model={"programmes": {"training": {"function": "s", "lead": 2, "window": [2, 3], "unlocks": ["calls"]}}},
            rules=[coverage(periods=[3])],
        ),
        {"coverage": (0.5, 0.0), "first start of `training`": (2, 1), "lead of `training`": (2, 1)},
        ["coverage"],
    ),
    # Each waits for the other to work.
    "circular requires": (
        small(
            horizon=3,
            model={
                "programmes": {
                    "a": {"function": "s", "lead": 1, "requires": ["b"], "unlocks": ["calls"]},
                    "b": {"function": "s", "requires": ["a"]},
                }
            },
            rules=[coverage(periods=[3])],
        ),
        {"coverage": (0.5, 0.0), "`a` requires `b`": (1, 0), "`b` requires `a`": (1, 0), "lead of `a`": (1, 0)},
        ["coverage"],
    ),
    # Calls need one programme, letters the other, and both are wanted.
    "excludes": (
        small(
            model={
                "levers": {"letters": {"function": "s", "effort": {"levels": [1]}}},
                "programmes": {
                    "a": {"function": "s", "excludes": ["b"], "unlocks": ["calls"]},
                    "b": {"function": "s", "unlocks": ["letters"]},
                },
            },
            rules=[
                coverage(name="calling"),
                {"rule": "coverage", "name": "writing", "lever": "letters", "min_effort": 1, "min_share": 0.25},
            ],
        ),
        {"coverage `calling`": (0.5, 0), "coverage `writing`": (0.25, 0), "`a` excludes `b`": (1, 0)},
        [],
    ),
    # All 100 stay, and nobody can come.
    "customers beyond reach": (
        small(rules=[{"rule": "customers", "min": 150, "periods": [2]}]),
        {"customers": (150, 100)},
        ["customers"],
    ),
    # Between 50 and 100 money a period lies nothing that the channel can spend.
    "budget floor, budget and least spend": (
        small(
            model={"channels": {"ads": ADS}},
            budgets=[{"name": "ads", "amount": 100, "at_least": 50, "channels": ["ads"], "per": "period"}],
        ),
        {"least of budget `ads`": (50, 0), "budget `ads`": (100, 200), "spend min of `ads`": (200, 100)},
        [],
    ),
    # At least 80 on calls, at most 60 on everything but wages.
    "floor above a budget of more": (
        small(
            budgets=[
                {"name": "floor", "at_least": 80, "levers": ["calls"]},
                {"name": "service levers", "amount": 60, "levers": ["calls"]},
            ]
        ),
        {"least of budget `floor`": (80, 60), "budget `service levers`": (60, 80)},
        ["least of budget `floor`"],
    ),
    # Within 10 percent of 200 calls are 180 at least, at 3 money: 540. 480 buy 160, 20 percent less.
    "change and budget": (
        small(
            budgets=[calls_budget(480)],
            rules=[{"rule": "change", "lever": "calls", "max": 0.1}],
            current_plan={"treatments": CALLS_PLAN},
        ),
        {"budget `calls`": (480, 540), "change": (0.1, 0.2)},
        ["budget `calls`"],
    ),
    # Gold owes 100 x 20 x 73 / 365 = 400, and all stay.
    "receivables": (
        small(model=TWO_SEGMENTS, rules=[{"rule": "receivables", "max": 300}]),
        {"receivables": (300, 400)},
        ["receivables"],
    ),
    # Calls to half of gold cost 300 and to half of silver 900: gold has a quarter. At three quarters for
    # gold, silver can get 0.5 x 100 / 3 / 300 of its coverage unless gold gets more: up to four calls each,
    # 1,200 beside 900, which is 4/7 of all.
    "share of spend": (
        small(
            model={**TWO_SEGMENTS, "resources": {"desk": {"headcount": 10, "wage": 0}}},
            rules=[
                {"rule": "spend", "where": {"segment": "gold"}, "min_share": 0.75, "name": "gold first"},
                coverage(where={"segment": "silver"}),
            ],
        ),
        {"spend `gold first`": (0.75, 4 / 7), "coverage": (0.5, 2 / 9)},
        ["spend `gold first`"],
    ),
    # 100 x (10 + 4) - 1,200 - 100 = 100 is worse than 100 x 10 - 100 = 900 a period: 1,800 is the most.
    "target equity": (
        small(objective={"kind": "spend", "target": 5000}),
        {"target equity": (5000, 1800)},
        ["target equity"],
    ),
    # In the weak scenario margins halve: 2 x (500 - 100) = 800. Without the desk's two heads it would be 1,000.
    "CVaR floor": (
        small(risk={"shocks": [WEAK, STRONG], "confidence": 0.5, "cvar_floor": 1000}),
        {"CVaR floor": (1000, 800), "headcount of `desk`": (2, 0)},
        ["CVaR floor"],
    ),
    # Two clashes that have nothing to do with each other: no change alone will do.
    "two at once": (
        small(budgets=[calls_budget(240)], rules=[coverage(), {"rule": "customers", "min": 150, "periods": [2]}]),
        {"coverage": (0.5, NAN), "budget `calls`": (240, NAN), "customers": (150, NAN)},
        ["coverage", "customers"],
    ),
}


@functools.cache
def diagnosis(case: str) -> Infeasible:
    with pytest.raises(Infeasible) as raised:
        solve_scenario(scenario(CASES[case][0]))
    return raised.value


def solvable(question: dict[str, Any]) -> bool:
    asked = scenario(question)
    current = None if asked.current_plan is None else evaluate(asked, asked.current_plan)
    try:
        solve(asked, current=current, no_effort=evaluate(asked, Plan()))
    except Infeasible:
        return False
    return True


@pytest.mark.parametrize("case", CASES)
def test_culprits_and_sizes(case):
    _, clashes, changed = CASES[case]
    found = diagnosis(case)
    assert {clash.requirement: clash.limit for clash in found.clashes} == {n: now for n, (now, _) in clashes.items()}
    proposed = {name: proposed for name, (_, proposed) in clashes.items()}
    assert {clash.requirement: clash.proposed for clash in found.clashes} == pytest.approx(
        proposed, rel=1e-5, nan_ok=True
    )
    if changed:
        assert [change.requirement for change in found.changes] == changed


@pytest.mark.parametrize("case", CASES)
def test_one_change_alone_restores_a_plan_and_99_percent_of_it_does_not(case):
    question = CASES[case][0]
    for clash in diagnosis(case).clashes:
        if not math.isnan(clash.proposed):
            nearly = applied(question, clash, 0.99)
            assert solvable(applied(question, clash)), clash
            assert nearly is None or not solvable(nearly), clash


@pytest.mark.parametrize("case", CASES)
def test_the_least_change_restores_a_plan_and_99_percent_of_it_does_not(case):
    whole = part = CASES[case][0]
    for change in diagnosis(case).changes:
        whole, part = applied(whole, change), applied(part, change, 0.99)
    assert solvable(whole)
    assert not solvable(part)


@pytest.mark.parametrize("far", [1e6, 1e9])
def test_a_limit_far_out_of_reach_comes_back_within_it(far: float) -> None:
    """Wages of 2 x 2 x 50 are no cost of the customers: they earn 200 more than the plan that is best."""
    responses = [
        {"lever": "calls", "effect": "margin_add", "curve": {"curve": "exponential", "high": 12.0, "rate": 0.7}}
    ]
    free = continuous(small(model={"responses": responses}))
    question = {**free, "rules": [{"rule": "equity", "min": far}]}
    with pytest.raises(Infeasible) as caught:
        solve_scenario(scenario(question))
    (change,) = caught.value.changes
    assert change.proposed == pytest.approx(solve_scenario(scenario(free)).customer_equity + 200, rel=1e-3)
    assert solvable(applied(question, change))
