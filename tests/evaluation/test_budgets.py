"""Which cash counts towards a budget, and how much of it is used."""

import pytest
from small_scenario import CALLS, DESK, calls, plan, scenario

from allocator.evaluation import evaluate

MODEL = {
    "levers": {"calls": {**CALLS, "setup": 7}, "mail": {"function": "marketing", "effort": {"max": 1}, "cost": 1}},
    "resources": {"desk": DESK, "local": {**DESK, "unit": "north", "wage": 20}},
    "channels": {
        "ads": {
            "function": "marketing",
            "where": {"unit": "north/city"},
            "spend": {"max": 100, "fixed": 4},
            "response": {"curve": "linear", "slope": 0},
            "into": {"gold": 1},
        }
    },
    "programmes": {"crm": {"function": "it", "cost": 500, "running": 30}},
}
# Period 1: gold calls 100 x 3 + 7 = 307, bronze mail 200, ads 60 + 4, wages 100 + 40, crm 530.
# Period 2: wages 140, crm 30.
PLAN = plan(
    calls("gold", 1, 1),
    {"segment": "bronze", "period": 1, "share": 1, "efforts": [["mail", 1]]},
    spend=[{"channel": "ads", "period": 1, "spend": 60}],
    programmes=[{"programme": "crm", "start": 1}],
)


def used(**keys):
    budget = {"name": "it", "amount": 1e6, **keys}
    return evaluate(scenario(model=MODEL, budgets=[budget]), PLAN).tables.budgets["used"].tolist()


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, [307 + 200 + 64 + 280 + 560]),
        ({"per": "period"}, [307 + 200 + 64 + 140 + 530, 170]),
        ({"periods": [2]}, [170]),
        ({"function": "marketing"}, [264]),
        ({"function": ["service", "it"]}, [307 + 280 + 560]),
        ({"where": {"unit": "north"}}, [307 + 64 + 80]),
        ({"where": {"unit": "north", "tier": "gold"}}, [307]),
        ({"where": {"tier": "bronze"}}, [200]),
        ({"levers": "calls"}, [307]),
        ({"channels": "ads", "resources": "local"}, [64 + 80]),
        ({"programmes": "crm", "periods": [1]}, [530]),
        ({"levers": ["calls", "mail"], "where": {"unit": "south"}}, [200]),
        ({"channels": "ads", "where": {"unit": "south"}}, [0]),
    ],
)
def test_what_counts(keys, expected):
    assert used(**keys) == pytest.approx(expected)


def test_breaking_a_ceiling_and_a_floor():
    budgets = [
        {"name": "marketing", "function": "marketing", "amount": 200},
        {"name": "service", "function": "service", "at_least": 200, "per": "period"},
        {"name": "kept", "levers": "calls", "amount": 307.0000001},
    ]
    violations = evaluate(scenario(model=MODEL, budgets=budgets), PLAN).violations
    assert [(v.kind, v.name, v.period) for v in violations] == [("budget", "marketing", None), ("budget", "service", 2)]
    assert [v.excess for v in violations] == pytest.approx([64, 60])
    assert "marketing" in str(violations[0])


def test_table_names_the_periods():
    budgets = [{"name": "a", "amount": 10, "per": "period"}, {"name": "b", "at_least": 1}]
    table = evaluate(scenario(model=MODEL, budgets=budgets), PLAN).tables.budgets
    assert table["name"].tolist() == ["a", "a", "b"]
    assert table["period"].isna().tolist() == [False, False, True]
    assert table["at_least"].isna().tolist() == [True, True, False]
