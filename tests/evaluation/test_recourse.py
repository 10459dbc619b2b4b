"""A plan followed through every shock scenario, each with its own margins and transitions, worked out by hand.

Of 100 gold customers 0.8 stay gold and 0.1 turn bronze, so 0.9 stay with us, at odds of 9; a keep_factor of 1/9 makes
the odds 1, so that half stay: 4/9 gold, 1/18 bronze. Bronze: 0.5 of 200 stay.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from small_scenario import calls, plan, scenario

from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Adapted, Plan, Treatment
from allocator.domain.scenario import Scenario
from allocator.evaluation import evaluate, simulate

SHOCKS = [
    {"scenario": "calm", "probability": 0.75, "segment": "gold", "factor": 1.0},
    {"scenario": "storm", "probability": 0.25, "segment": "gold", "factor": 0.5, "keep_factor": 1 / 9},
]


def stormy(**keys: Any) -> Scenario:
    return scenario(risk={"shocks": SHOCKS, "recourse": True, "confidence": 0.75}, **keys)


def adapting(calm: list[dict[str, Any]], storm: list[dict[str, Any]], **keys: Any) -> Plan:
    by_scenario = {"calm": calm, "storm": storm}
    adapted = tuple(
        Adapted(scenario=name, treatments=tuple(Treatment.model_validate(row) for row in rows))
        for name, rows in by_scenario.items()
    )
    return plan(**keys).model_copy(update={"adapted": adapted})


def customers(found: Evaluation, segment: str, period: int) -> float:
    table = found.tables.customers.set_index(["segment", "period"])["customers"]
    return float(table[segment, period])


# Wages 2 x 50 x 2 = 200. Calm: gold 100 x 10 + 80 x 10, bronze 200 x 2 + (100 + 10 + 10) x 2: 1,800 + 640 = 2,440.
# Storm: gold 0.5 x (1,000 + 400 x 10 / 9) = 722.22; bronze 400 + 2 x (100 + 10 + 50 / 9) = 631.11: 1,353.33 in all.


def test_each_shock_scenario_has_its_own_margins_and_moves():
    found = evaluate(stormy(), Plan())
    assert found.tables.risk["equity"].tolist() == pytest.approx([2440.0 - 200.0, 1353.0 + 1 / 3 - 200.0])
    assert customers(found, "gold", 2) == pytest.approx(0.75 * 80 + 0.25 * 400 / 9)
    assert found.cvar == pytest.approx(1153.0 + 1 / 3)
    assert found.feasible


# One call (half an hour, 3 money, 1 more margin) for all gold customers in period 1, in calm weather only.
# Calm gains 100 x (1 - 3) = -200; in the mean 75 customers are called, for 225 money, in 37.5 hours.


def test_treatments_follow_the_shock_scenario():
    found = evaluate(stormy(), adapting([calls("gold", 1, 1.0)], []))
    assert found.tables.risk["equity"].tolist() == pytest.approx([2040.0, 1153.0 + 1 / 3])
    first = found.tables.allocation.set_index(["segment", "period"]).loc[("gold", 1)]
    assert float(first["effort_total"]) == pytest.approx(75.0)
    assert float(first["share_treated"]) == pytest.approx(0.75)
    assert float(first["cost"]) == pytest.approx(225.0)
    used = found.tables.resources.set_index(["resource", "period"])["hours_used"]
    assert float(used["desk", 1]) == pytest.approx(37.5)
    assert found.adapted is not None
    called = found.adapted[found.adapted["effort:calls"] > 0.0]
    assert called[["scenario", "segment", "period", "customers"]].to_numpy().tolist() == [["calm", "gold", 1, 100.0]]


def test_a_shock_scenario_that_is_not_listed_gets_the_mean():
    fixed = plan(calls("gold", 1, 1.0))
    listed = adapting([calls("gold", 1, 1.0)], [calls("gold", 1, 1.0)])
    assert evaluate(stormy(), fixed).customer_equity == pytest.approx(evaluate(stormy(), listed).customer_equity)


# Two heads are 200 hours a period: 4 calls for all gold take 200, 4 for bronze in storm 400 more. What is too much is
# scaled, and said of the shock scenario it happens in.


def test_capacity_binds_in_each_shock_scenario():
    asked = adapting([calls("gold", 1, 4.0)], [calls("gold", 1, 4.0), calls("bronze", 1, 4.0)])
    found = evaluate(stormy(), asked)
    assert len(found.scaled) == 1
    assert found.scaled[0].startswith("shock scenario storm: `desk` in period 1")
    broken = evaluate(stormy(), asked, repair=False)
    assert [(v.kind, v.name, v.value) for v in broken.violations] == [
        ("capacity", "desk in shock scenario storm", 600.0)
    ]


# Calls cost 3: 300 in calm, none in storm. The budget of 250 is broken in calm weather, though the mean is 225.


def test_budgets_and_rules_are_read_where_they_are_tightest():
    budget = {"name": "calls", "amount": 250.0, "levers": ["calls"]}
    rule = {"rule": "customers", "where": {"segment": "gold"}, "min": 50, "periods": [2]}
    found = evaluate(stormy(budgets=[budget], rules=[rule]), adapting([calls("gold", 1, 1.0)], []))
    assert found.tables.budgets["used"].tolist() == pytest.approx([300.0])
    assert found.tables.rules["value"].tolist() == pytest.approx([400 / 9])
    assert [violation.kind for violation in found.violations] == ["budget", "customers"]


# Equity of gold: calm 1,800, storm 722.22, in the mean 1,530.56.


def test_rules_on_equity_are_read_in_the_mean():
    rule = {"rule": "equity", "where": {"segment": "gold"}, "min": 1530.0}
    found = evaluate(stormy(rules=[rule]), Plan())
    assert found.tables.rules["value"].tolist() == pytest.approx([0.75 * 1800 + 0.25 * (1000 + 4000 / 9) / 2])
    assert found.feasible


# `change`: within a fifth of the effort of the current plan, a call for all gold in period 1, 100 in either weather.


def test_change_is_read_against_the_mean_of_the_current_plan():
    rule = {"rule": "change", "lever": "calls", "max": 0.2}
    current = plan(calls("gold", 1, 1.0))
    asked = adapting([calls("gold", 1, 1.2)], [calls("gold", 1, 1.3)])
    found = evaluate(stormy(rules=[rule], current_plan=current), asked)
    limits = found.tables.rules.dropna(subset=["segment"])
    gold = limits[(limits["segment"] == "gold") & (limits["period"] == 1) & (limits["sense"] == "max")]
    assert gold["value"].tolist() == pytest.approx([130.0])
    assert [violation.kind for violation in found.violations] == ["change"]


# A life meets one shock scenario, and customers get the treatments that the plan has for it.


@pytest.mark.parametrize("shocks", ["fresh", "given"])
def test_lives_follow_the_treatments_of_their_shock_scenario(shocks: Literal["fresh", "given"]):
    asked = adapting([calls("gold", 1, 2.0)], [calls("bronze", 1, 0.5), calls("gold", 2, 1.0)])
    question, expected = stormy(), evaluate(stormy(), asked)
    lives = simulate(question, asked, replications=3000, seed=3, shocks=shocks)
    assert abs(lives.mean - expected.customer_equity) < 4 * lives.standard_error
    error = lives.customers["standard_deviation"].to_numpy() / np.sqrt(3000)
    off = lives.customers["mean"].to_numpy() - expected.tables.customers["customers"].to_numpy(dtype=float)
    assert (np.abs(off) < 4.5 * error + 1e-9).all()
    again = simulate(question, asked, replications=3000, seed=3, shocks=shocks, workers=2)
    np.testing.assert_array_equal(again.equity, lives.equity)


def test_every_plan_meets_the_same_shock_in_the_same_life():
    # Storm takes more than half of what no effort earns, calls for all gold 300 or so: lives stay on their side.
    idle = simulate(stormy(), Plan(), replications=400, seed=4)
    called = simulate(stormy(), adapting([calls("gold", 1, 1.0)], []), replications=400, seed=4)
    storm = idle.equity < 1700.0
    assert 0.15 < storm.mean() < 0.35
    np.testing.assert_array_equal(called.equity < 1600.0, storm)


def test_without_shocks_the_treatments_are_those_of_the_calmest_scenario():
    lives = simulate(stormy(), adapting([calls("gold", 1, 1.0)], []), replications=200, shocks=None)
    assert lives.service.set_index(["segment", "period"])["given"]["gold", 1] == 100.0


def test_odds_of_staying_hold_with_responses_that_are_misjudged():
    # Nobody is treated, so errors of responses change nothing: gold keeps 0.75 x 80 + 0.25 x 400 / 9 of 100.
    lives = simulate(stormy(), Plan(), replications=2000, seed=5, response_error=0.5)
    row = lives.customers.set_index(["segment", "period"]).loc[("gold", 2)]
    assert abs(row["mean"] - (60.0 + 100.0 / 9)) < 4 * row["standard_deviation"] / np.sqrt(2000)
