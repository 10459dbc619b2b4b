"""Simulation: its mean against the evaluation, whole customers, shortfalls, shocks and reproducible numbers."""

import numpy as np
import pandas as pd
import pytest
from small_scenario import CALLS, DESK, SEGMENTS, calls, plan, scenario

from allocator.domain.errors import InvalidInput
from allocator.evaluation import Evaluator, evaluate, risk_statistics, simulate
from allocator.evaluation.simulation.capacity import assign
from allocator.evaluation.simulation.stages import journey

RETENTION = {"lever": "calls", "effect": "retention", "curve": {"curve": "linear", "slope": 0.5}}
ADS = {
    "function": "marketing",
    "spend": {"max": 200, "fixed": 5},
    "carryover": 0.5,
    "response": {"curve": "linear", "slope": 0.1},
    "into": {"gold": 0.4, "bronze": 0.6},
    "uses": {"desk": 1},
}
AMPLE = {"desk": {**DESK, "headcount": 20, "overtime": {"share": 0.5, "cost": 2}}}
FULL = {
    "resources": AMPLE,
    "responses": [RETENTION],
    "channels": {"ads": ADS},
    "programmes": {"crm": {"function": "it", "cost": 10, "boosts": {"calls": 1.5}, "lead": 1}},
}
ASKED = plan(
    calls("gold", 1, 2, share=0.37),
    calls("gold", 1, 1, share=0.2),
    calls("gold", 2, 1.5),
    calls("bronze", 2, 1, share=0.8),
    spend=[{"channel": "ads", "period": 1, "spend": 123}],
    programmes=[{"programme": "crm", "start": 1}],
)
SHOCKS = [
    {"scenario": "bad", "probability": 0.3, "segment": "gold", "factor": 0.2},
    {"scenario": "good", "probability": 0.7, "segment": "gold", "factor": 1.2},
]


def close(simulation, expected):
    """Whether the mean is within four standard errors of what is expected."""
    return abs(simulation.mean - expected) < 4 * simulation.standard_error


@pytest.mark.parametrize("shocks", ["fresh", "given"])
def test_mean_converges_to_the_expected_equity(shocks):
    question = scenario(model=FULL, horizon=3, terminal="baseline", risk={"shocks": SHOCKS})
    simulation = simulate(question, ASKED, replications=4000, seed=1, shocks=shocks)
    assert close(simulation, evaluate(question, ASKED).customer_equity)
    assert simulation.mean == pytest.approx(simulation.equity.mean())
    assert simulation.equity == pytest.approx(simulation.margin + simulation.terminal - simulation.cost)


def test_mean_without_shocks_has_a_small_error():
    question = scenario(model=FULL, horizon=3, terminal="baseline")
    simulation = simulate(question, ASKED, replications=4000, seed=2, shocks=None)
    result = evaluate(question, ASKED)
    assert close(simulation, result.customer_equity)
    assert simulation.standard_error < 0.002 * result.customer_equity
    merged = simulation.customers.merge(result.tables.customers, on=["segment", "period"])
    error = merged["standard_deviation"] / np.sqrt(4000)
    assert ((merged["mean"] - merged["customers"]).abs() < 4.5 * error + 1e-9).all()


def test_customers_move_by_chance():
    # Of 100 gold customers 80 are expected to stay: binomial, standard deviation 4.
    simulation = simulate(scenario(horizon=1), plan(), replications=2000, seed=3)
    row = simulation.customers.query("segment == 'gold' and period == 2").iloc[0]
    assert row["mean"] == pytest.approx(80, abs=0.4)
    assert row["standard_deviation"] == pytest.approx(4, abs=0.3)


def test_fractional_customers_are_rounded_with_the_right_mean():
    segments = [{**SEGMENTS[0], "customers": 0.25}, *SEGMENTS[1:]]
    simulation = simulate(scenario(model={"segments": segments}, horizon=1), plan(), replications=2000, seed=4)
    assert simulation.customers["mean"].iloc[0] == pytest.approx(0.25, abs=0.04)


def test_nobody_is_treated_twice_and_shares_hold_on_average():
    evaluator = Evaluator(scenario(model=FULL))
    stage = journey(evaluator, evaluator.arrays(ASKED)).stages[0]
    customers = np.tile(np.array([7, 3, 5]), (4000, 1))
    counts = assign(stage, customers, np.random.default_rng(5).random(customers.shape))
    assert (counts >= 0).all()
    # Two treatments of gold, then no effort in gold, bronze and prospects.
    assert (counts[:, :3].sum(axis=1) == 7).all()
    assert (counts[:, 3:] == [3, 5]).all()
    assert counts[:, :2].mean(axis=0) == pytest.approx([0.37 * 7, 0.2 * 7], abs=0.05)
    assert (np.abs(counts[:, :2] - [0.37 * 7, 0.2 * 7]) < 1).all()


def test_more_customers_than_planned_go_short():
    # In period 2 the plan just fits on average (80 customers x 5 hours = 400): half the time more are there.
    model = {"resources": {"desk": {**DESK, "headcount": 4}}, "levers": {"calls": {**CALLS, "uses": {"desk": 5}}}}
    question, asked = scenario(model=model), plan(calls("gold", 2, 1))
    assert evaluate(question, asked).feasible
    simulation = simulate(question, asked, replications=2000, seed=6)
    period = simulation.resources.query("period == 2").iloc[0]
    assert 0.35 < period["shortfall_probability"] < 0.6
    # The mean of the part above of a normal with standard deviation 4 is 4 x 0.399 customers at 5 hours each.
    assert period["shortfall_mean"] == pytest.approx(8, abs=1)
    assert period["hours_mean"] < 400
    service = simulation.service.query("segment == 'gold' and period == 2").iloc[0]
    assert service["planned"] == pytest.approx(80, abs=0.5)
    assert service["given"] < service["planned"] - 1
    assert simulation.resources.query("period == 1")["shortfall_probability"].item() == 0


def test_short_hours_keep_new_customers_away():
    channel = {**ADS, "uses": {"desk": 50}}
    question = scenario(model={"channels": {"ads": channel}})
    asked = plan(spend=[{"channel": "ads", "period": 1, "spend": 200}])
    # 20 new customers at 50 hours, 200 hours there: 4 come.
    simulation = simulate(question, asked, replications=200, seed=7)
    assert (simulation.resources["hours_mean"] <= 200 + 1e-9).all()
    gold = simulation.customers.query("segment == 'gold' and period == 2")["mean"].item()
    assert gold == pytest.approx(80 + 1.5, abs=1.5)


def test_short_hours_cut_what_a_channel_puts_in():
    channel = {**ADS, "uses": {}, "input": "desk"}
    question = scenario(model={"channels": {"ads": channel}, "resources": {"desk": {**DESK, "headcount": 1}}})
    asked = plan(spend=[{"channel": "ads", "period": 1, "spend": 200}])
    simulation = simulate(question, asked, replications=400, seed=8)
    assert simulation.resources["hours_mean"].tolist() == pytest.approx([100, 0])
    assert close(simulation, evaluate(question, asked).customer_equity)


def test_setups_and_overtime_are_paid():
    # Everyone of gold gets 4 calls: 200 hours of 100, 50 of overtime at 1 and the rest cut to 75 customers.
    desk = {**DESK, "headcount": 1, "overtime": {"share": 0.5, "cost": 1}}
    model = {"resources": {"desk": desk}, "levers": {"calls": {**CALLS, "setup": 40}}}
    simulation = simulate(scenario(model=model, horizon=1), plan(calls("gold", 1, 4)), replications=20, seed=9)
    assert simulation.cost.tolist() == pytest.approx([75 * 12 + 40 + 50 + 50] * 20)
    assert simulation.margin.tolist() == pytest.approx([1000 + 75 * 4 + 400] * 20)


def test_response_error_spreads_equity():
    question = scenario(model=FULL, horizon=3, terminal="baseline")
    judged = simulate(question, ASKED, replications=1000, seed=10)
    unsure = simulate(question, ASKED, replications=1000, seed=10, response_error=1.0)
    assert unsure.standard_deviation > judged.standard_deviation
    nothing = simulate(question, plan(), replications=1000, seed=10)
    same = simulate(question, plan(), replications=1000, seed=10, response_error=1.0)
    assert same.mean == pytest.approx(nothing.mean, abs=4 * nothing.standard_error)


def test_same_seed_same_numbers_with_any_number_of_workers():
    question = scenario(model=FULL, risk={"shocks": SHOCKS})
    one = simulate(question, ASKED, replications=1200, seed=11)
    two = simulate(question, ASKED, replications=1200, seed=11, workers=2)
    assert one.equity.tolist() == two.equity.tolist()
    pd.testing.assert_frame_equal(one.customers, two.customers)
    assert simulate(question, ASKED, replications=1200, seed=12).mean != one.mean


def test_two_plans_meet_the_same_shocks():
    question = scenario(model={"resources": AMPLE}, risk={"shocks": SHOCKS})
    idle = simulate(question, plan(), replications=300, seed=13)
    better = simulate(question, plan(calls("gold", 1, 0.001)), replications=300, seed=13)
    assert np.corrcoef(idle.equity, better.equity)[0, 1] > 0.95
    found = risk_statistics(better.risk(), 0.9, target=0.0, other=idle.risk())
    assert found.mean == pytest.approx(better.mean)
    assert found.below_other is not None


@pytest.mark.parametrize("wrong", [{"replications": 0}, {"workers": 0}, {"response_error": -0.1}])
def test_settings_are_checked(wrong):
    with pytest.raises(ValueError, match="at least"):
        simulate(scenario(), plan(), **wrong)


def test_a_wrong_plan_is_refused():
    with pytest.raises(InvalidInput, match="gould"):
        simulate(scenario(), plan(calls("gould", 1, 1)), replications=1)
