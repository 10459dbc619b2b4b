"""Programmes: lead time, money, windows, requirements, unlocking, boosts, savings and added hours."""

import pytest
from small_scenario import calls, plan, scenario

from allocator.evaluation import evaluate

CHANNEL = {
    "function": "marketing",
    "spend": {"max": 200},
    "response": {"curve": "linear", "slope": 0.1},
    "into": {"gold": 1},
}


def run(programmes, treatments=(), starts=None, **keys):
    model = {"programmes": {name: {"function": "it", **terms} for name, terms in programmes.items()}}
    rows = [{"programme": name, "start": start} for name, start in (starts or {}).items()]
    return evaluate(scenario(model={**model, **keys}, horizon=3), plan(*treatments, programmes=rows))


def found(result):
    return [(violation.kind, violation.name, violation.period) for violation in result.violations]


def used_by(result, period):
    table = result.tables.treatments.query(f"period == {period} and `effort:calls` > 0")
    return table["programmes"].tolist()


def test_cost_and_running_money():
    result = run({"crm": {"cost": 100, "running": 8}}, starts={"crm": 2})
    assert result.tables.cash.query("kind == 'programme'")["amount"].tolist() == [108, 8]
    assert result.tables.programmes["start"].tolist() == [2]


def test_never_started():
    result = run({"crm": {"cost": 100}})
    assert result.tables.programmes["start"].isna().all()
    assert result.tables.cash.query("kind == 'programme'").empty


def test_boost_and_saving_count_from_the_lead_time_on():
    # 100 customers get one call in period 1, when it does not work yet, and 80 in period 2: twice the curve, half
    # the hours.
    result = run(
        {"crm": {"lead": 1, "boosts": {"calls": 2}, "saves": {"calls": 0.5}}},
        [calls("gold", 1, 1), calls("gold", 2, 1)],
        {"crm": 1},
    )
    hours = result.tables.resources["hours_used"].tolist()
    assert hours == pytest.approx([50, 20, 0])
    gold = result.tables.margin.query("segment == 'gold'")["margin"].tolist()
    assert gold == pytest.approx([1000 + 100, 800 + 160, 640])
    assert used_by(result, 1) == [""]
    assert used_by(result, 2) == ["crm"]


def test_several_programmes_multiply_up():
    programmes = {"a": {"boosts": {"calls": 2}}, "b": {"boosts": {"calls": 1.5}, "saves": {"calls": 0.8}}}
    result = run(programmes, [calls("gold", 1, 1)], {"a": 1, "b": 1})
    assert result.tables.margin.query("segment == 'gold'")["margin"].iloc[0] == pytest.approx(1000 + 300)
    assert result.tables.resources["hours_used"].iloc[0] == pytest.approx(40)


def test_a_treatment_may_choose_its_programmes():
    programmes = {"a": {"boosts": {"calls": 2}}, "b": {"boosts": {"calls": 1.5}}}
    result = run(programmes, [calls("gold", 1, 1, programmes=["b"])], {"a": 1, "b": 1})
    assert result.tables.margin.query("segment == 'gold'")["margin"].iloc[0] == pytest.approx(1000 + 150)
    assert used_by(result, 1) == ["b"]


def test_a_programme_that_does_not_work_helps_nobody():
    result = run({"a": {"boosts": {"calls": 2}}}, [calls("gold", 1, 1, programmes=["a"])])
    assert found(result) == [("programme", "a", 1)]
    assert result.tables.margin.query("segment == 'gold'")["margin"].iloc[0] == pytest.approx(1000 + 100)


def test_locked_effort_is_no_effort():
    result = run({"crm": {"unlocks": ["calls"], "lead": 1}}, [calls("gold", 1, 1), calls("gold", 2, 1)], {"crm": 1})
    assert found(result) == [("locked", "calls in gold", 1)]
    assert result.tables.cash.query("kind == 'lever'")["period"].tolist() == [2]
    assert used_by(result, 2) == ["crm"]


def test_locked_channels_stay_unused():
    result = evaluate(
        scenario(model={"channels": {"ads": CHANNEL}, "programmes": {"crm": {"function": "it", "unlocks": ["ads"]}}}),
        plan(spend=[{"channel": "ads", "period": 1, "spend": 100}]),
    )
    assert found(result) == [("locked", "ads", 1)]
    assert result.tables.channels["spend"].tolist() == [0, 0]


def test_all_unlocking_programmes_are_needed():
    programmes = {"a": {"unlocks": ["calls"]}, "b": {"unlocks": ["calls"]}}
    assert found(run(programmes, [calls("gold", 1, 1)], {"a": 1})) == [("locked", "calls in gold", 1)]


def test_added_hours():
    result = run({"crm": {"adds": {"desk": 30}, "lead": 1}}, starts={"crm": 1})
    assert result.tables.resources["hours_available"].tolist() == pytest.approx([200, 230, 230])


@pytest.mark.parametrize(
    ("programmes", "starts", "expected"),
    [
        ({"a": {"window": [2, 3]}}, {"a": 1}, ("window", "a", 1)),
        ({"a": {"window": [1, 1]}}, {"a": 3}, ("window", "a", 3)),
        ({"a": {}, "b": {"requires": ["a"]}}, {"b": 1}, ("requires", "b requires a", 1)),
        ({"a": {"lead": 1}, "b": {"requires": ["a"]}}, {"a": 1, "b": 1}, ("requires", "b requires a", 1)),
        ({"a": {}, "b": {"excludes": ["a"]}}, {"a": 1, "b": 2}, ("excludes", "b excludes a", 2)),
    ],
)
def test_starts_are_checked(programmes, starts, expected):
    assert found(run(programmes, starts=starts)) == [expected]


def test_a_working_requirement_is_enough():
    assert run({"a": {"lead": 1}, "b": {"requires": ["a"]}}, starts={"a": 1, "b": 2}).feasible
