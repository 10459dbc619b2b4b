"""Heads, hours, overtime, partner hours and scaling to capacity."""

import pytest
from small_scenario import CALLS, DESK, calls, plan, scenario

from allocator.evaluation import Evaluator, evaluate


def kinds(result):
    return [violation.kind for violation in result.violations]


def desk(**keys):
    return {"resources": {"desk": {**DESK, **keys}}}


def heads(*counts):
    return [{"resource": "desk", "period": t + 1, "headcount": count} for t, count in enumerate(counts)]


def amounts(result, kind):
    table = result.tables.cash
    return table.loc[table["kind"] == kind].set_index("period")["amount"].to_dict()


def test_hires_ramp_up_and_releases_cost():
    # Two heads become four, then three: 4 - 2 x 0.5 = 3 heads' hours, then 4 - 2 x 0.2 = 3.6, then 3.
    model = desk(hire={"cost": 10, "max": 2, "ramp": [0.5, 0.8]}, release={"cost": 7, "max": 1})
    result = evaluate(scenario(model=model, horizon=3), plan(heads=heads(4, 4, 3)))
    table = result.tables.resources
    assert table["hours_available"].tolist() == pytest.approx([300, 360, 300])
    assert table["hires"].tolist() == [2, 0, 0]
    assert table["releases"].tolist() == [0, 0, 1]
    assert amounts(result, "hiring") == {1: 20}
    assert amounts(result, "release") == {3: 7}
    assert amounts(result, "wages") == {1: 200, 2: 200, 3: 150}
    assert result.feasible


def test_heads_not_given_stay():
    given = [{"resource": "desk", "period": 2, "headcount": 5}]
    result = evaluate(scenario(model=desk(hire={}), horizon=3), plan(heads=given))
    assert result.tables.resources["headcount"].tolist() == [2, 5, 5]


@pytest.mark.parametrize(
    ("terms", "counts", "kind"),
    [
        ({}, (3, 3), "hires"),
        ({}, (1, 1), "releases"),
        ({"hire": {"max": 1}}, (4, 4), "hires"),
        ({"release": {"max": 1}}, (0, 0), "releases"),
        ({"hire": {}}, (2.5, 2.5), "headcount"),
    ],
)
def test_terms_of_hiring_are_checked(terms, counts, kind):
    assert kind in kinds(evaluate(scenario(model=desk(**terms)), plan(heads=heads(*counts))))


def test_cheaper_overtime_goes_first():
    # 230 hours asked: 200 regular, 20 overtime at 1, 10 from the partner at 1.5 / 0.5 = 3, that is 20 bought hours.
    model = desk(overtime={"share": 0.1, "cost": 1}, partner={"hours": 50, "cost": 1.5, "quality": 0.5})
    result = evaluate(scenario(model=model, horizon=1), plan(calls("gold", 1, 3.6), calls("bronze", 1, 0.5)))
    row = result.tables.resources.iloc[0]
    assert row["hours_used"] == pytest.approx(230)
    assert row["hours_available"] == pytest.approx(230)
    assert (row["overtime"], row["partner"]) == pytest.approx((20, 20))
    assert amounts(result, "overtime")[1] == pytest.approx(20)
    assert amounts(result, "partner")[1] == pytest.approx(30)
    assert result.feasible


def test_cheaper_partner_goes_first():
    # The partner at 0.2 / 0.5 = 0.4 an effective hour gives all of its 25, overtime the other 5.
    model = desk(overtime={"share": 0.1, "cost": 1}, partner={"hours": 50, "cost": 0.2, "quality": 0.5})
    result = evaluate(scenario(model=model, horizon=1), plan(calls("gold", 1, 3.6), calls("bronze", 1, 0.5)))
    row = result.tables.resources.iloc[0]
    assert (row["overtime"], row["partner"]) == pytest.approx((5, 50))


def test_a_broken_capacity_is_scaled_and_said():
    # 200 + 200 hours are asked for and 200 are there: half of each treatment's customers get no effort.
    # Margin of period 1: 1000 + 200 + 400 + 200; period 2 as without effort, 1040. Calls cost 3 x 400.
    result = evaluate(scenario(), plan(calls("gold", 1, 4), calls("bronze", 1, 2)))
    assert result.customer_equity == pytest.approx(1800 + 1040 - 1200 - 200)
    assert len(result.scaled) == 1
    assert "`desk` in period 1" in result.scaled[0]
    assert "400" in result.scaled[0]
    assert not result.violations
    assert not result.feasible
    assert result.tables.resources["hours_used"].tolist() == pytest.approx([200, 0])


def test_without_repair_a_broken_capacity_is_a_violation():
    result = evaluate(scenario(), plan(calls("gold", 1, 4), calls("bronze", 1, 2)), repair=False)
    assert not result.scaled
    (violation,) = result.violations
    assert (violation.kind, violation.name, violation.period) == ("capacity", "desk", 1)
    assert (violation.limit, violation.value, violation.excess) == pytest.approx((200, 400, 200))
    assert result.customer_equity == pytest.approx(2240 + 800 - 2400)


def test_scaling_takes_no_more_than_needed():
    # Gold uses desk and field, bronze only desk. Field has a quarter of what gold asks; after that cut desk
    # needs 0.25 x 200 + 100 = 150 of 200 and bronze keeps all.
    field = {"kind": "fixed", "function": "sales", "capacity": 100}
    model = {
        "resources": {"desk": DESK, "field": field},
        "levers": {"calls": CALLS, "visits": {"function": "sales", "effort": {"max": 4}, "uses": {"field": 1}}},
    }
    gold = {"segment": "gold", "period": 1, "share": 1, "efforts": [["calls", 4], ["visits", 4]]}
    result = evaluate(scenario(model=model), plan(gold, calls("bronze", 1, 1)))
    table = result.tables.treatments.query("period == 1").set_index(["segment", "effort:calls"])["customers"]
    assert table["gold", 4.0] == pytest.approx(25)
    assert table["bronze", 1.0] == pytest.approx(200)
    assert len(result.scaled) == 1


def test_fixed_resources_cost_per_unit_and_may_vary():
    ports = {"kind": "fixed", "function": "it", "pool": "desk", "capacity": [60, 10], "cost": 2}
    result = evaluate(scenario(model={"resources": {"ports": ports}}), plan(calls("gold", 1, 1), calls("gold", 2, 1)))
    # 50 units in period 1; in period 2 the 80 customers ask for 40 and 10 are there.
    assert result.tables.resources["hours_used"].tolist() == pytest.approx([50, 10])
    assert amounts(result, "fixed") == pytest.approx({1: 100, 2: 20})
    assert len(result.scaled) == 1


def test_the_nearest_unit_serves():
    local = {**DESK, "pool": "desk", "unit": "north"}
    model = {"resources": {"desk": DESK, "desk_north": local}}
    result = evaluate(scenario(model=model, horizon=1), plan(calls("gold", 1, 2), calls("bronze", 1, 1)))
    used = result.tables.resources.set_index("resource")["hours_used"]
    assert used.to_dict() == pytest.approx({"desk": 100, "desk_north": 100})


def test_solver_dust_is_not_scaled():
    result = evaluate(scenario(horizon=1), plan(calls("gold", 1, 4, share=1.0 + 1e-8)))
    assert result.feasible


def test_run_leaves_the_plan_as_it_was():
    evaluator = Evaluator(scenario())
    arrays = evaluator.arrays(plan(calls("gold", 1, 4), calls("bronze", 1, 2)))
    first = evaluator.equity(evaluator.run(arrays))
    assert arrays.share.tolist() == [1, 1]
    assert evaluator.equity(evaluator.run(arrays)) == first
