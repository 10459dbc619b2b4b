"""What a treatment may ask for."""

import pytest
from small_scenario import CALLS, SEGMENTS, calls, plan, scenario

from allocator.evaluation import evaluate


def only(result):
    (violation,) = result.violations
    return violation


def test_effort_beyond_the_maximum():
    violation = only(evaluate(scenario(), plan(calls("gold", 1, 4.5, share=0.1))))
    assert (violation.kind, violation.name, violation.limit, violation.value) == ("effort", "calls in gold", 4, 4.5)


def test_effort_off_the_levels():
    model = {"levers": {"calls": {**CALLS, "effort": {"levels": [1, 3]}}}}
    violation = only(evaluate(scenario(model=model), plan(calls("gold", 1, 2.6, share=0.1))))
    assert (violation.kind, violation.limit) == ("level", 3)
    assert violation.excess == pytest.approx(0.4)


def test_effort_where_the_lever_does_not_reach_is_no_effort():
    result = evaluate(scenario(), plan(calls("prospect", 1, 1)))
    assert only(result).kind == "reach"
    assert result.cost == pytest.approx(200)


def test_effort_that_nobody_can_serve_is_no_effort():
    model = {"resources": {"desk": {"kind": "fixed", "function": "x", "capacity": 100, "unit": "north"}}}
    result = evaluate(scenario(model=model), plan(calls("gold", 1, 1), calls("bronze", 1, 1)))
    assert (only(result).kind, only(result).name) == ("unserved", "calls in bronze")


def test_contacts_are_capped_per_customer():
    segments = [{**SEGMENTS[0], "contacts_max": 3}, *SEGMENTS[1:]]
    model = {"segments": segments, "levers": {"calls": {**CALLS, "contacts": 2}}}
    violation = only(evaluate(scenario(model=model), plan(calls("gold", 1, 2, share=0.1), calls("bronze", 1, 1))))
    assert (violation.kind, violation.name, violation.limit, violation.value) == ("contacts", "gold", 3, 4)


def test_shares_beyond_one_are_shrunk():
    result = evaluate(scenario(), plan(calls("gold", 1, 1), calls("gold", 1, 2)))
    assert (only(result).kind, only(result).value) == ("shares", 2)
    table = result.tables.treatments.query("segment == 'gold' and period == 1")
    assert table["customers"].tolist() == pytest.approx([50, 50])
