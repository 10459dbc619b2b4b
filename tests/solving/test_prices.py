"""Prices worked out by hand, and held against re-solves of scenarios in which the limit is another one."""

from __future__ import annotations

import copy
import math
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from infeasible_scenario import scenario, small

from allocator.domain.errors import StoppedWithoutPlan
from allocator.domain.result import Result
from allocator.engine import solve_scenario
from allocator.solving import solve
from allocator.solving.deadline import Deadline
from allocator.solving.refine import Converged
from allocator.solving.worth import LimitWorth

WORTH = {"responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 5.0}}]}
"""A call earns 5 and costs 3."""
TWO = {
    "segments": [
        {"segment": "gold", "customers": 100, "margin": 10.0},
        {"segment": "silver", "customers": 300, "margin": 5.0},
    ],
    "transitions": [
        {"from": "gold", "to": "gold", "probability": 1.0},
        {"from": "silver", "to": "silver", "probability": 1.0},
    ],
}


def solved(question: dict[str, Any]) -> Result:
    return solve_scenario(scenario(question))


def budget(amount: float, **keys: Any) -> list[dict[str, Any]]:
    return [{"name": "calls", "amount": amount, "levers": ["calls"], "per": "period", **keys}]


def difference(question: dict[str, Any], path: tuple[str | int, ...], step: float) -> float:
    """Gain per unit when the number at ``path`` is a step higher rather than a step lower."""
    equity = []
    for sign in (1.0, -1.0):
        changed = copy.deepcopy(question)
        node: Any = changed
        for part in path[:-1]:
            node = node[part]
        node[path[-1]] += sign * step
        equity.append(solved(changed).customer_equity)
    return (equity[0] - equity[1]) / (2.0 * step)


def test_price_of_a_budget():
    """3 money buy a call that earns 5: 2/3 a unit of money, in each period."""
    found = solved(small(model=WORTH, budgets=budget(240))).prices.budgets
    assert found["price"].tolist() == pytest.approx([2 / 3, 2 / 3])


def test_price_of_a_floor():
    """Calls that earn 1 and cost 3 lose 2 each: a unit of money that must be spent loses 2/3."""
    found = solved(small(budgets=[{"name": "floor", "at_least": 240, "levers": ["calls"]}])).prices.budgets
    assert found["price"].tolist() == pytest.approx([-2 / 3])


def test_price_of_hours_is_discounted():
    """An hour is two calls, 4 money; at 25 percent a year period 2 counts 0.8."""
    half = {"model": {**WORTH, "discount_rate": 0.25, "resources": {"desk": {"headcount": 1}}}}
    found = solved(small(**half)).prices.resources
    assert found["price"].tolist() == pytest.approx([4.0, 3.2])


def test_price_of_a_share_is_per_unit_of_the_share():
    """Every customer more who gets two calls loses 2 x 2 money; a share of 1 is 100 customers: -400."""
    question = small(rules=[{"rule": "coverage", "lever": "calls", "min_effort": 2, "min_share": 0.3, "periods": 1}])
    assert solved(question).prices.rules["price"].tolist() == pytest.approx([-400])
    assert difference(question, ("rules", 0, "min_share"), 0.01) == pytest.approx(-400)


def test_price_of_a_share_of_spend():
    """Gold's calls earn 1, silver's 5, all cost 3 and 400 hours bind nobody; silver is filled: 1,200 calls, 3,600.

    Gold must have a share m of all spend: 3,600 m / (1 - m) money of which each loses 2/3. At m = 0.2
    the derivative is -2/3 x 3,600 / 0.8^2 = -3,750.
    """
    earns = {"lever": "calls", "effect": "margin_add"}
    model = {
        **TWO,
        "resources": {"desk": {"headcount": 100, "wage": 0}},
        "responses": [
            {**earns, "segment": "gold", "curve": {"curve": "linear", "slope": 1.0}},
            {**earns, "segment": "silver", "curve": {"curve": "linear", "slope": 5.0}},
        ],
    }
    rule = {"rule": "spend", "where": {"segment": "gold"}, "min_share": 0.2, "periods": 1}
    question = small(model=model, rules=[rule])
    price = solved(question).prices.rules["price"].tolist()
    assert price == pytest.approx([-3750])
    assert price == pytest.approx([difference(question, ("rules", 0, "min_share"), 1e-4)], rel=1e-5)


def test_price_with_curved_responses_is_the_derivative():
    """Continuous efforts on a saturating curve: the price is the slope of the best equity."""
    question = small(model={**WORTH}, budgets=budget(240))
    question["model"]["levers"]["calls"]["effort"] = {"max": 4}
    curve = {"curve": "exponential", "high": 20.0, "rate": 0.8}
    question["model"]["responses"] = [{"lever": "calls", "effect": "margin_add", "curve": curve}]
    price = solved({**question, "solver": {"gap": 1e-7}}).prices.budgets["price"].sum()
    assert price == pytest.approx(difference(question, ("budgets", 0, "amount"), 1.0), rel=1e-3)


def test_prices_are_named_as_the_rules_table_names_its_rows():
    """Every row of rules.csv finds its price, several to a rule included."""
    current = {"treatments": [{"segment": "gold", "period": 1, "share": 1.0, "efforts": [["calls", 2]]}]}
    rules = [
        {"rule": "change", "max": 0.1},
        {"rule": "concentration", "by": "unit", "max": 1.0},
        {"rule": "spend", "max": 1000, "max_share": 1.0},
        {"rule": "receivables", "max": 100, "each": "segment"},
    ]
    result = solved(small(rules=rules, current_plan=current))
    keys = ["rule", "period", "segment", "sense"]
    rows, priced = (
        {tuple("" if pd.isna(part) else part for part in row) for row in table[keys].itertuples(index=False)}
        for table in (result.evaluation.tables.rules, result.prices.rules)
    )
    assert priced <= rows


def worth(question: dict[str, Any]) -> dict[str, pd.DataFrame]:
    asked = solved({**question, "solver": {"threads": 1, "worth": True}})
    names = {"relaxation": "requirement", "ranges": "name"}
    return {name: table.set_index(names[name]) for name, table in asked.further.items()}


def test_relaxation_of_linear_numbers():
    """A budget of 240 in each of two periods is worth 4/3 a unit, and at least to where coverage binds.

    Coverage of 0.3 with two calls needs 180 and costs nothing until 240 cannot pay it, at 0.4.
    A head is worth nothing and costs 100.
    """
    question = small(
        model=WORTH,
        budgets=budget(240),
        rules=[{"rule": "coverage", "lever": "calls", "min_effort": 2, "min_share": 0.3}],
    )
    table = worth(question)["relaxation"]
    calls = table.loc["budget `calls`"]
    assert calls[["price", "holds_from"]].tolist() == pytest.approx([4 / 3, 180])
    assert calls["holds_to"] > 252
    steps = ["minus_5_percent", "minus_1", "plus_1", "plus_5_percent"]
    assert calls[steps].tolist() == pytest.approx([-16, -4 / 3, 4 / 3, 16])
    assert table.loc["coverage", steps].tolist() == pytest.approx([0, 0, 0, 0])
    assert table.loc["coverage", "holds_to"] == pytest.approx(0.4)
    assert table.loc["headcount of `desk`", ["minus_1", "plus_1"]].tolist() == pytest.approx([100, -100])


def test_relaxation_lets_whole_numbers_adapt():
    """One head costs 50 a period and calls 100 hours: 200 calls, 400 money. Two of three hires allowed are not
    needed; without hiring, one head serves half of the 400 calls that there can be: 2 x 350 less."""
    question = small(model={**WORTH, "resources": {"desk": {"headcount": 1, "hire": {"cost": 10, "max": 1}}}})
    table = worth(question)["relaxation"]
    hiring = table.loc["hire max of `desk`"]
    assert hiring["minus_1"] == pytest.approx(-2 * 350 + 10)
    assert hiring["plus_1"] == pytest.approx(0)
    assert table.loc["headcount of `desk`", "plus_1"] == pytest.approx(10)


def test_a_number_that_is_lowered_is_no_longer_what_the_current_plan_has():
    """The only head calls 100 hours a period: 200 calls that earn 5 and cost 3 each, for a wage of 50, so without it
    2 x (400 - 50) is lost. The search starts with the current plan, which has that head; the club, which is not worth
    its cost, is a whole number to search for."""
    club = {"club": {"function": "service", "cost": 1e6, "boosts": {"calls": 1.1}}}
    model = {**WORTH, "resources": {"desk": {"headcount": 1}}, "programmes": club}
    row = worth(small(model=model, current_plan={}))["relaxation"].loc["headcount of `desk`"]
    assert row["minus_1"] == pytest.approx(-2 * 350)


def test_relaxation_says_where_no_plan_is_left():
    question = small(rules=[{"rule": "customers", "min": 100, "periods": [2]}])
    row = worth(question)["relaxation"].loc["customers"]
    assert row["note"] == "plus 1: no plan; plus 5 percent: no plan"
    assert row["minus_1"] == 0


def test_relaxation_agrees_with_changed_scenarios():
    """Every figure of a saturating scenario against the scenario with that number, solved afresh."""
    question = small(
        model={**WORTH, **TWO, "resources": {"desk": {"headcount": 1, "overtime": {"share": 0.2, "cost": 3.0}}}},
        budgets=budget(500),
        rules=[{"rule": "coverage", "lever": "calls", "min_effort": 1, "min_share": 0.3, "where": {"segment": "gold"}}],
    )
    curve = {"curve": "exponential", "high": 12.0, "rate": 0.7}
    question["model"]["responses"] = [{"lever": "calls", "effect": "margin_add", "curve": curve}]
    table = worth(question)["relaxation"]
    base = solved(question).customer_equity
    paths: dict[str, tuple[tuple[str | int, ...], float]] = {
        "budget `calls`": (("budgets", 0, "amount"), 25.0),
        "coverage": (("rules", 0, "min_share"), 0.015),
        "overtime share of `desk`": (("model", "resources", "desk", "overtime", "share"), 0.01),
    }
    for name, (path, step) in paths.items():
        for column, sign in (("plus_5_percent", 1.0), ("minus_5_percent", -1.0)):
            changed = copy.deepcopy(question)
            node: Any = changed
            for part in path[:-1]:
                node = node[part]
            node[path[-1]] += sign * step
            assert table.loc[name, column] == pytest.approx(solved(changed).customer_equity - base, abs=1e-3), name


def test_one_unit_is_worth_the_price_where_efforts_are_continuous():
    """Treatments found on the way serve the plan itself too, so that differences are free of their noise."""
    question = small(model={**WORTH, **TWO}, budgets=budget(400))
    curve = {"curve": "exponential", "high": 12.0, "rate": 0.7}
    question["model"]["responses"] = [{"lever": "calls", "effect": "margin_add", "curve": curve}]
    question["model"]["levers"]["calls"]["effort"] = {"max": 4}
    row = worth(question)["relaxation"].loc["budget `calls`"]
    assert [row["plus_1"], -row["minus_1"]] == pytest.approx([row["price"]] * 2, rel=2e-2)
    assert row["minus_1"] + row["plus_1"] <= 0
    assert pd.isna(row["holds_from"])


def test_ranges_of_budgets_and_heads():
    """The best is 2 x (1,000 + 2 x 80 - 100) = 2,120; 0.5 percent of it, 10.6, is what 5.3 calls or 15.9 money earn.

    Heads cannot fall below the 0.4 that 80 calls need, nor rise for less than 50 a period.
    """
    hire = {"resources": {"desk": {"headcount": 1, "hire": {"cost": 0}}}}
    question = small(model={**WORTH, **hire}, budgets=budget(240))
    table = worth(question)["ranges"]
    best = 2 * (1000 + 2 * 80 - 50)
    assert table.loc["calls", "value"].tolist() == pytest.approx([240, 240])
    assert table.loc["calls", "low"].tolist() == pytest.approx([240 - 0.005 * best * 3 / 2] * 2, rel=1e-3)
    assert table.loc["calls", "high"].tolist() == pytest.approx([240, 240], rel=1e-3)
    assert table.loc["desk", ["low", "high"]].to_numpy().ravel().tolist() == pytest.approx([1, 1, 1, 1])


def worth_of(question: dict[str, Any], seconds: float) -> LimitWorth:
    asked = scenario(question)
    return LimitWorth(asked, solve(asked), None, None, Deadline.after(seconds))


def test_prices_are_unknown_where_time_runs_out_in_the_midst_of_a_solve() -> None:
    worth = worth_of(small(model=WORTH, budgets=budget(600)), 60.0)
    converge = worth.engine.refiner.converge

    def stopped(*given: Any, **keys: Any) -> Converged:
        found = converge(*given, **keys)
        worth.engine.master.solver.forget_basis()
        return found

    worth.engine.refiner = SimpleNamespace(converge=stopped, complete=False)  # type: ignore[assignment]
    assert all(math.isnan(local.price) for local in worth._local_prices())


HIRING = {"resources": {"desk": {"headcount": 1, "hire": {"cost": 0, "max": 1}}}}


def test_nothing_is_solved_again_when_no_time_is_left() -> None:
    worth = worth_of(small(model={**WORTH, **HIRING}, budgets=budget(240)), 60.0)
    worth.deadline = Deadline.after(0.0)
    table = worth.table().set_index("requirement")
    assert "no time left" in table.loc["budget `calls`", "note"]


def test_a_resolve_that_is_cut_short_keeps_the_whole_numbers_of_the_plan() -> None:
    """5 percent of 240 money are 12, worth 2/3 a unit in each of two periods."""
    worth = worth_of(small(model={**WORTH, **HIRING}, budgets=budget(240)), 60.0)
    worth.engine.solve = _stopped  # type: ignore[method-assign,assignment]
    row = worth.table().set_index("requirement").loc["budget `calls`"]
    assert row["plus_5_percent"] == pytest.approx(16)
    assert row["minus_5_percent"] == pytest.approx(-16)
    # One more head from the start costs 50 a period and has nothing to do. Without the one there is, one is hired.
    row = worth.table().set_index("requirement").loc["headcount of `desk`"]
    assert [row["plus_1"], row["minus_1"]] == pytest.approx([-100, 0])


def test_where_nobody_can_be_hired_a_resolve_that_is_cut_short_has_fewer_heads() -> None:
    """Without the only head, 80 calls that earn 2 each are not made in each period, and no wage of 50 is paid. Another
    one from the start is released at 10."""
    release = {"resources": {"desk": {"headcount": 1, "release": {"cost": 10, "max": 1}}}}
    worth = worth_of(small(model={**WORTH, **release}, budgets=budget(240)), 60.0)
    worth.engine.solve = _stopped  # type: ignore[method-assign,assignment]
    row = worth.table().set_index("requirement").loc["headcount of `desk`"]
    assert [row["plus_1"], row["minus_1"]] == pytest.approx([-10, -2 * 160 + 100])


def _stopped(*_: Any, **__: Any) -> None:
    raise StoppedWithoutPlan("no time")
