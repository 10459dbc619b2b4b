"""Customers, margin, terminal value and cohorts against hand calculation."""

import math

import numpy as np
import pytest
from small_scenario import CALLS, RESPONSE, SEGMENTS, TRANSITIONS, calls, plan, scenario

from allocator.domain.errors import InvalidInput
from allocator.evaluation import Evaluator, evaluate


def customers(result, segment):
    table = result.tables.customers
    return table.loc[table["segment"] == segment, "customers"].tolist()


def test_nobody_is_treated():
    # gold 100, 80, 64; bronze 200, 100 + 10 + 10 = 120, 60 + 8 + 9 = 77; prospects 1000, 900, 810.
    # Margin 1000 + 400 and 800 + 240; two heads cost 100 a period.
    result = evaluate(scenario(), plan())
    assert customers(result, "gold") == pytest.approx([100, 80, 64])
    assert customers(result, "bronze") == pytest.approx([200, 120, 77])
    assert customers(result, "prospect") == pytest.approx([1000, 900, 810])
    assert (result.margin, result.cost, result.terminal_value) == pytest.approx((2440, 200, 0))
    assert result.customer_equity == pytest.approx(2240)
    assert result.objective == result.customer_equity
    assert result.cvar is None
    assert result.feasible


def test_terminal_value_is_that_of_doing_nothing():
    # V(bronze) = 2 / 0.5 = 4, V(gold) = (10 + 0.1 x 4) / 0.2 = 52, V(prospect) = 0.01 x 4 / 0.1 = 0.4.
    result = evaluate(scenario(terminal="baseline"), plan())
    assert result.terminal_value == pytest.approx(64 * 52 + 77 * 4 + 810 * 0.4)
    assert result.tables.equity["clv"].tolist() == pytest.approx([52, 4, 0.4])


@pytest.mark.parametrize(("cash_flow", "first"), [("start", 1.0), ("middle", math.sqrt(0.8)), ("end", 0.8)])
def test_money_is_discounted_by_when_it_counts(cash_flow, first):
    # beta = 1 / 1.25 = 0.8.
    result = evaluate(scenario(model={"discount_rate": 0.25, "cash_flow": cash_flow}), plan())
    assert result.margin == pytest.approx(first * (1400 + 0.8 * 1040))
    assert result.cost == pytest.approx(first * (100 + 0.8 * 100))


def test_effort_adds_margin_and_costs_money():
    # Half of gold gets 4 calls: 50 x 4 = 200 calls, 200 more margin, 600 of cost, 100 hours.
    result = evaluate(scenario(), plan(calls("gold", 1, 4, share=0.5)))
    assert result.customer_equity == pytest.approx(2240 + 200 - 600)
    row = result.tables.allocation.query("segment == 'gold' and period == 1").iloc[0]
    assert row[["effort_total", "effort_per_customer", "share_treated", "hours", "cost"]].tolist() == [
        200,
        2,
        0.5,
        100,
        600,
    ]
    treated = result.tables.treatments.query("segment == 'gold' and period == 1")
    assert treated["customers"].tolist() == [50, 50]
    assert sorted(treated["effort:calls"]) == [0, 4]


def test_retention_moves_customers():
    # One call doubles the weights of our destinations: gold stays with 1.6/1.9, falls to bronze with 0.2/1.9.
    response = {"lever": "calls", "effect": "retention", "curve": {"curve": "linear", "slope": math.log(2)}}
    result = evaluate(scenario(model={"responses": [response]}), plan(calls("gold", 1, 1)))
    assert customers(result, "gold")[1] == pytest.approx(160 / 1.9)
    assert customers(result, "bronze")[1] == pytest.approx(100 + 10 + 20 / 1.9)


def test_curves_count_at_effort_zero():
    response = {**RESPONSE, "curve": {"curve": "adbudg", "low": 0.5, "high": 2.0, "half": 1.0, "shape": 1.0}}
    # 0.5 for each of our customers: 300 and 200 of them.
    result = evaluate(scenario(model={"responses": [response]}), plan())
    assert result.margin == pytest.approx(2440 + 150 + 100)


def test_measured_rows_replace_the_baseline():
    # At 4 calls gold stays with 0.9 and falls with nothing; at 2 calls half way: 0.85 and 0.05.
    treated = [{"lever": "calls", "effort": 4, "from": "gold", "to": "gold", "probability": 0.9}]
    result = evaluate(scenario(model={"treated": treated}), plan(calls("gold", 1, 2)))
    assert customers(result, "gold")[1] == pytest.approx(85)
    assert customers(result, "bronze")[1] == pytest.approx(110 + 5)


def test_transitions_of_one_period_hold_there_only():
    rows = [*TRANSITIONS, {"from": "gold", "to": "gold", "probability": 0.5, "period": 1}]
    assert customers(evaluate(scenario(model={"transitions": rows}), plan()), "gold") == pytest.approx([100, 50, 40])


def test_cohorts_add_up():
    # A gold customer earns 10 + 0.8 x 10 + 0.1 x 2 = 18.2, a bronze one 2 + 0.5 x 2 = 3: 1820 + 600 from today's
    # customers. Ten prospects become bronze and earn 20. Wages are nobody's.
    result = evaluate(scenario(), plan())
    assert result.equity_current_customers == pytest.approx(2420)
    assert result.equity_new_customers == pytest.approx(20)
    assert result.tables.equity["equity"].tolist() == pytest.approx([1820, 600, 20])
    assert result.tables.equity["share"].sum() == pytest.approx(1)


def test_acquired_are_those_who_come_from_other_owners():
    table = evaluate(scenario(), plan()).tables.customers
    assert table.loc[table["segment"] == "bronze", "acquired"].tolist() == pytest.approx([0, 10, 9])
    assert table.loc[table["segment"] != "bronze", "acquired"].tolist() == [0] * 6


def test_setup_is_paid_once_per_segment_and_period_and_shared_by_the_treated():
    model = {"levers": {"calls": {**CALLS, "setup": 40}}}
    result = evaluate(scenario(model=model), plan(calls("gold", 1, 2, share=0.5), calls("gold", 1, 4, share=0.25)))
    # 200 calls: 200 of margin less 600; one set-up of 40 over 75 customers.
    assert result.customer_equity == pytest.approx(2240 - 400 - 40)
    assert result.equity_current_customers == pytest.approx(2420 - 400 - 40)
    assert result.tables.cash.query("kind == 'setup'")["amount"].tolist() == [40]


def test_no_setup_where_there_is_nobody():
    segments = [{**SEGMENTS[0], "customers": 0}, *SEGMENTS[1:]]
    model = {"levers": {"calls": {**CALLS, "setup": 40}}, "segments": segments}
    result = evaluate(scenario(model=model), plan(calls("gold", 1, 2)))
    assert result.tables.cash.query("kind == 'setup'").empty
    assert np.isfinite(result.tables.equity["clv"]).all()


def test_tables_agree_with_totals():
    model = {"discount_rate": 0.25}
    result = evaluate(scenario(model=model, horizon=3), plan(calls("gold", 2, 3, share=0.4), calls("bronze", 1, 1)))
    weight = result.tables.cash["period"].map({1: 1.0, 2: 0.8, 3: 0.64})
    assert (result.tables.cash["amount"] * weight).sum() == pytest.approx(result.cost)
    ours = result.tables.margin.query("owner == 'us'")
    weight = ours["period"].map({1: 1.0, 2: 0.8, 3: 0.64})
    assert (ours["margin"] * weight).sum() == pytest.approx(result.margin)
    split = result.tables.treatments.groupby(["segment", "period"])["customers"].sum()
    whole = result.tables.customers.query("period <= 3").set_index(["segment", "period"])["customers"]
    assert split.sort_index().tolist() == pytest.approx(whole.sort_index().tolist())


def test_unknown_names_are_all_reported():
    wrong = plan(
        calls("gould", 1, 1),
        calls("gold", 5, 1),
        {"segment": "gold", "period": 1, "share": 1, "efforts": [["call", 1]], "programmes": ["crm"]},
        spend=[{"channel": "ads", "period": 1, "spend": 1}],
        heads=[{"resource": "desks", "period": 1, "headcount": 1}],
        programmes=[{"programme": "crm", "start": 1}],
    )
    with pytest.raises(InvalidInput) as caught:
        evaluate(scenario(), wrong)
    messages = [str(mistake) for mistake in caught.value.mistakes]
    assert len(messages) == 7
    assert any("did you mean `gold`" in message for message in messages)
    assert any("period 5 is beyond the horizon" in message for message in messages)


def test_heads_given_twice_are_refused():
    heads = [{"resource": "desk", "period": 1, "headcount": h} for h in (2, 3)]
    with pytest.raises(InvalidInput, match="twice"):
        evaluate(scenario(), plan(heads=heads))


def test_recourse_is_refused():
    shocks = [{"scenario": "a", "probability": 1, "segment": "gold", "factor": 1}]
    with pytest.raises(InvalidInput, match="recourse"):
        Evaluator(scenario(risk={"shocks": shocks, "recourse": True}))


@pytest.mark.parametrize(
    ("rows", "stays"),
    [
        # Of a pair that is stated for period 1 alone nobody moves in any other, the time after the horizon included.
        ([("gold", None, 0.5), ("bronze", 1, 0.5)], 0.5),
        # A row that is stated by period only stays as it was stated last.
        ([("gold", 1, 0.2), ("bronze", 1, 0.5), ("gold", 2, 0.75)], 0.75),
    ],
)
def test_terminal_value_where_moves_differ_by_period(rows, stays):
    moves = [{"from": "gold", "to": to, "period": period, "probability": chance} for to, period, chance in rows]
    nobody = [{**SEGMENTS[0], "customers": 100}, {**SEGMENTS[1], "margin": 0.0}]
    model = {"segments": nobody, "transitions": [{k: v for k, v in move.items() if v is not None} for move in moves]}
    model |= {"responses": [], "levers": {}, "resources": {}}
    found = evaluate(scenario(model=model, terminal="baseline"), plan())
    staying = found.tables.customers.query("segment == 'gold' and period == 3")["customers"].item()
    assert found.terminal_value == pytest.approx(staying * 10 / (1 - stays))
