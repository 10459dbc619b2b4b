"""Channels: stock, new customers, hours, and limits on spend."""

import pytest
from small_scenario import DESK, plan, scenario

from allocator.evaluation import evaluate

ADS = {
    "function": "marketing",
    "spend": {"min": 10, "max": 200, "fixed": 5},
    "carryover": 0.5,
    "response": {"curve": "linear", "slope": 0.1},
    "into": {"gold": 0.4, "bronze": 0.6},
}


def spend(*amounts):
    return [{"channel": "ads", "period": t + 1, "spend": amount} for t, amount in enumerate(amounts) if amount]


def run(channel, amounts, **keys):
    return evaluate(scenario(model={"channels": {"ads": {**ADS, **channel}}, **keys}), plan(spend=spend(*amounts)))


def test_stock_carries_over_and_customers_arrive_a_period_later():
    # Stock 100, 50; new 10, 5; gold 80 + 4 = 84, then 0.8 x 84 + 2; bronze 120 + 6, then 63 + 8.4 + 9 + 3.
    # Margin of period 2: 840 + 252. Cost: 100 + 5 once, wages 200.
    result = run({}, (100, 0))
    table = result.tables.channels
    assert table["stock"].tolist() == pytest.approx([100, 50])
    assert table["new_customers"].tolist() == pytest.approx([10, 5])
    customers = result.tables.customers.set_index(["segment", "period"])["customers"]
    assert customers["gold"].tolist() == pytest.approx([100, 84, 69.2])
    assert customers["bronze"].tolist() == pytest.approx([200, 126, 83.4])
    assert result.customer_equity == pytest.approx(1400 + 840 + 252 - 105 - 200)
    assert result.equity_new_customers == pytest.approx(20 + 40 + 12)
    assert result.feasible


@pytest.mark.parametrize(("amount", "kind"), [(5, "channel minimum"), (300, "channel maximum")])
def test_spend_is_zero_or_within_its_limits(amount, kind):
    (violation,) = run({}, (amount,)).violations
    assert (violation.kind, violation.name, violation.period, violation.value) == (kind, "ads", 1, amount)


def test_new_customers_use_hours():
    result = run({"uses": {"desk": 2}}, (100, 0))
    assert result.tables.resources["hours_used"].tolist() == pytest.approx([20, 10])


def test_new_customers_who_cannot_be_served_do_not_come():
    # 20 new customers at 20 hours ask for 400 of 200: half come, the money is spent.
    result = run({"uses": {"desk": 20}}, (200, 0))
    table = result.tables.channels
    assert table["new_customers"].tolist() == pytest.approx([10, 10])
    assert table["spend"].tolist() == [200, 0]
    assert len(result.scaled) == 1


def test_hours_can_be_what_is_spent():
    # 100 hours of the desk's 200 are put in; no money but the fixed cost.
    result = run({"input": "desk"}, (100, 0))
    assert result.tables.resources["hours_used"].tolist() == pytest.approx([100, 0])
    assert result.tables.cash.query("kind == 'channel'")["amount"].tolist() == [5]


def test_spent_hours_are_scaled_to_what_is_there():
    desk = {**DESK, "headcount": 1}
    result = run({"input": "desk"}, (160, 0), resources={"desk": desk})
    assert result.tables.channels["spend"].tolist() == pytest.approx([100, 0])
    assert result.tables.channels["stock"].tolist() == pytest.approx([100, 50])
    assert len(result.scaled) == 1


def test_a_channel_cut_below_its_minimum_is_not_used():
    desk = {**DESK, "headcount": 1, "hours": 8}
    result = run({"input": "desk"}, (160, 0), resources={"desk": desk})
    assert result.tables.channels["spend"].tolist() == [0, 0]
    assert result.tables.cash.query("kind == 'channel'").empty


def test_a_channel_answers_at_no_spend():
    curve = {"curve": "adbudg", "low": 3, "high": 10, "half": 50, "shape": 2}
    assert run({"response": curve}, (0, 0)).tables.channels["new_customers"].tolist() == pytest.approx([3, 3])
