"""Budgets, risk terms and discounting on the tiny scenario, each optimum derived by hand.

4,300 without them: 3,500, and 2 for each of 200 calls at 3 money in each of two periods.
"""

from __future__ import annotations

from typing import Any

import pytest
from tiny_scenario import TINY, merged, tiny

from allocator.api import solve
from allocator.domain.errors import Infeasible, InvalidInput
from allocator.domain.result import Result

IDLE = {"model": {"responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 2}}]}}
"""A call loses 1."""
OVERTIME = {
    "model": {
        "levers": {"calls": {"uses": {"desk": 1.0}}},
        "resources": {"desk": {"overtime": {"share": 0.2, "cost": 1.0}}},
    }
}
"""3,900 by regular hours, and 1 for each of at most 20 hours of overtime a period."""


@pytest.mark.parametrize(
    ("base", "budget", "expected"),
    [
        # 100 calls over both periods; 50 in each.
        ({}, {"amount": 300, "levers": ["calls"]}, 3500 + 100 * 2),
        ({}, {"amount": 150, "levers": ["calls"], "per": "period"}, 3500 + 2 * 50 * 2),
        # Only period 2 is limited; gold is in the north.
        ({}, {"amount": 150, "where": {"unit": "north"}, "periods": [2]}, 3500 + 400 + 50 * 2),
        # Nothing is spent in the south.
        ({}, {"amount": 0, "where": {"unit": "south"}}, 4300),
        # Wages of 100 are service as well: 100 / 3 calls.
        ({}, {"amount": 200, "function": "service"}, 3500 + 200 / 3),
        # Naming the desk leaves out calls: wages of 50 and 5 hours of overtime.
        (OVERTIME, {"amount": 55, "resources": ["desk"], "per": "period"}, 3900 + 2 * 5),
        # 20 calls that lose 1 each.
        (IDLE, {"at_least": 60, "levers": ["calls"]}, 3500 - 20),
    ],
)
def test_budgets(base: dict[str, Any], budget: dict[str, Any], expected: float):
    scenario = tiny(**merged(base, {"budgets": [{"name": "limit", **budget}]}))
    assert solve(scenario).customer_equity == pytest.approx(expected)


def shocked(**risk: Any) -> Result:
    """Gold earns 1.2 times as much with probability 0.75, else 0.4 times: on average, the same.

    With x calls the equity is 3,900 + 3 x in the calm, 2,300 - x in the storm and 3,500 + 2 x on average.
    """
    shocks = [
        {"scenario": "calm", "probability": 0.75, "segment": "gold", "factor": 1.2},
        {"scenario": "storm", "probability": 0.25, "segment": "gold", "factor": 0.4},
    ]
    return solve(tiny(risk={"shocks": shocks, **risk}))


def test_a_budget_for_a_usual_function_of_which_there_is_nothing():
    """It limits nothing; a name that is neither usual nor in the model is a mistake of spelling."""
    budget = {"name": "works", "amount": 1.0, "function": "production"}
    assert solve(tiny(budgets=[budget])).customer_equity == pytest.approx(4300)
    with pytest.raises(InvalidInput, match="unknown function `producing`"):
        solve(tiny(budgets=[{**budget, "function": "producing"}]))


def test_nobody_pays_for_a_set_up_of_nothing():
    """Calls are too dear: 3,500. But 30 must go into them in period 1: the set-up, with a call for next to nobody."""
    levers = {"calls": {"setup": 30, "cost": 100}}
    budgets = [{"name": "calls", "at_least": 30, "levers": ["calls"], "periods": [1]}]
    result = solve(tiny(model={"levers": levers}, budgets=budgets))
    assert result.customer_equity == pytest.approx(3500 - 30, abs=0.1)
    assert result.evaluation.feasible
    allocation = result.evaluation.tables.allocation
    assert 0 < allocation.query("period == 1")["share_treated"].item() < 1e-5


def test_nobody_pays_for_a_set_up_where_nobody_is():
    """As above, and a segment without customers where the set-up would buy no calls at all."""
    segments = [*TINY["model"]["segments"], {"segment": "empty", "customers": 0, "margin": 10.0}]
    levers = {"calls": {"setup": 30, "cost": 100, "where": {"segment": ["gold", "empty"]}}}
    budgets = [{"name": "calls", "at_least": 30, "levers": ["calls"], "periods": [1]}]
    model = {"segments": segments, "levers": levers}
    result = solve(tiny(model=model, budgets=budgets))
    assert result.customer_equity == pytest.approx(3500 - 30, abs=0.1)
    levers["calls"]["where"] = {"segment": ["empty"]}
    with pytest.raises(Infeasible):
        solve(tiny(model=model, budgets=budgets))


def test_nobody_pays_the_fixed_cost_of_an_unused_channel():
    """A channel that brings nobody, but 25 must go into it in period 1: all but next to nothing is fixed cost."""
    channel = {
        "function": "marketing",
        "spend": {"max": 100, "fixed": 25},
        "response": {"curve": "linear", "slope": 0.0},
        "into": {"gold": 1.0},
    }
    budgets = [{"name": "ads", "at_least": 25, "channels": ["ads"], "periods": [1]}]
    result = solve(tiny(model={"channels": {"ads": channel}}, budgets=budgets))
    assert result.evaluation.feasible
    assert result.customer_equity == pytest.approx(4300 - 25, abs=0.1)


def test_nobody_buys_hours_that_are_not_needed():
    """With 100 hours there are enough for 100 calls, and 60 must be spent on the desk beside its wage of 50 in each
    period. Nobody is bought in for nothing: a head is hired instead, for 10 and another wage."""
    desk = {"partner": {"hours": 100, "cost": 2}, "overtime": {"share": 0.5, "cost": 1}, "hire": {"cost": 10}}
    budgets = [{"name": "desk", "at_least": 110, "resources": ["desk"], "periods": [1]}]
    result = solve(tiny(model={"resources": {"desk": desk}}, budgets=budgets))
    resources = result.evaluation.tables.resources
    assert result.evaluation.feasible
    assert resources["partner"].tolist() == [0, 0]
    assert resources["headcount"].tolist() == [2, 2]
    assert result.customer_equity == pytest.approx(4300 - 10 - 100)


def test_nobody_is_hired_and_released_at_once():
    """60 must be spent beside the wage of 50 on heads, of whom one does: hired and released at once would do. A head
    more costs 10 and 50, and needs releasing: another 5."""
    desk = {"hire": {"cost": 10}, "release": {"cost": 5}}
    budgets = [{"name": "desk", "at_least": 110, "resources": ["desk"], "periods": [1]}]
    result = solve(tiny(model={"resources": {"desk": desk}}, budgets=budgets))
    assert result.evaluation.feasible
    assert result.evaluation.tables.resources["headcount"].tolist() == [2, 1]
    assert result.customer_equity == pytest.approx(4300 - 60 - 5)


def test_nobody_pays_for_units_that_are_not_taken():
    """Ports that no lever uses cost nothing, so no floor under their cost can be met."""
    ports = {"kind": "fixed", "function": "production", "capacity": 10, "cost": 2}
    budgets = [{"name": "ports", "at_least": 5, "resources": ["ports"]}]
    with pytest.raises(Infeasible):
        solve(tiny(model={"resources": {"ports": ports}}, budgets=budgets))


def test_a_floor_under_the_worst_quarter():
    """The worst quarter is the storm: 2,300 - x >= 2,100."""
    result = shocked(confidence=0.75, cvar_floor=2100)
    assert result.customer_equity == pytest.approx(3500 + 2 * 200)
    assert result.evaluation.cvar == pytest.approx(2100)


def test_a_floor_under_a_part_of_a_scenario():
    """The worst fifth is a part of the storm, and the same."""
    assert shocked(confidence=0.8, cvar_floor=2100).customer_equity == pytest.approx(3900)


def test_aversion():
    """At a half a call is still worth 2 / 2 - 1 / 2; at 0.8 it is 0.4 - 0.8."""
    daring = shocked(confidence=0.75, aversion=0.5)
    assert daring.objective == pytest.approx((4300 + 1900) / 2)
    careful = shocked(confidence=0.75, aversion=0.8)
    assert careful.objective == pytest.approx(0.2 * 3500 + 0.8 * 2300)
    assert careful.customer_equity == pytest.approx(3500)


def test_the_worst_half_is_half_storm_half_calm():
    """(2,300 - x + 3,900 + 3 x) / 2 = 3,100 + x, so aversion changes nothing."""
    result = shocked(confidence=0.5, aversion=0.5)
    assert result.objective == pytest.approx((4300 + 3500) / 2)


def test_chance():
    """At 90 percent the storm has to reach the target too: 2,300 - x >= 2,100. At 70 percent it may miss it."""
    assert shocked(chance={"target": 2100, "probability": 0.9}).customer_equity == pytest.approx(3900)
    assert shocked(chance={"target": 2100, "probability": 0.7}).customer_equity == pytest.approx(4300)


@pytest.mark.parametrize(("cash_flow", "weights"), [("start", 1.8), ("end", 1.44), ("middle", 1.8 * 0.8**0.5)])
def test_discounting(cash_flow: str, weights: float):
    """At 25 percent a year, beta is 0.8; both periods are alike, 2,150 each."""
    scenario = tiny(model={"discount_rate": 0.25, "cash_flow": cash_flow})
    assert solve(scenario).customer_equity == pytest.approx(2150 * weights)
