"""Heads, hours and what levers take, each on the tiny scenario with the optimum derived by hand.

There: 3,600 of margin without calls, 100 of wages. A call earns 5 and costs 3, so 2 are left; at half an hour
each the desk's 100 hours are just enough for two calls to each of 100 gold customers: 3,500 + 2 x 200 x 2 = 4,300.
At a whole hour each (``BUSY``) they are enough for 100 calls: 3,500 + 2 x 100 x 2 = 3,900, and an hour is worth 2.
"""

from __future__ import annotations

from typing import Any

import pytest
from tiny_scenario import merged, tiny

from allocator.api import solve

BUSY = {"model": {"levers": {"calls": {"uses": {"desk": 1.0}}}}}
IDLE = {"model": {"responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 2}}]}}
"""A call costs 1 more than it earns: 3,500."""


def equity(base: dict[str, Any], **model: Any) -> float:
    """Equity of the best plan for a tiny scenario with changes."""
    return solve(tiny(**merged(base, {"model": model}))).customer_equity


def desk(**terms: Any) -> dict[str, Any]:
    return {"desk": terms}


def test_hours_are_just_enough():
    assert equity({}) == pytest.approx(4300)
    assert equity(BUSY) == pytest.approx(3900)
    assert equity(IDLE) == pytest.approx(3500)


def test_hiring_with_ramp():
    """A head hired in period 1 gives 50 hours, then 80: worth 260, for 10 and 2 x 50 of wages. Two give all the 100
    hours that are short: 400 for 220. With one hire a period, the 20 hours still short in period 2 are worth 40, less
    than a second head's 60."""
    hire = {"cost": 10, "ramp": [0.5, 0.8]}
    assert equity(BUSY, resources=desk(hire=hire)) == pytest.approx(3900 + 180)
    assert equity(BUSY, resources=desk(hire={**hire, "max": 1})) == pytest.approx(3900 + 150)


def test_hiring_in_whole_heads():
    """Calls of 0.6 hours want 120: a whole head for 20 hours in each period, 2 x 20 / 0.6 x 2 = 133.3 for 110. At a
    hiring cost of 40, for 140, none: 166.7 calls a period."""
    longer = {"model": {"levers": {"calls": {"uses": {"desk": 0.6}}}}}
    assert equity(longer, resources=desk(hire={"cost": 10})) == pytest.approx(4300 - 110)
    assert equity(longer, resources=desk(hire={"cost": 40})) == pytest.approx(3500 + 2 * 2 * 100 / 0.6)


def test_hires_at_most():
    """Calls of 2 hours want 400 a period, and an hour is worth 1: each head gives 100 for 50. At most one a period:
    one in period 1 brings 2 x 50 - 10, one in period 2 50 - 10, on 3,700 without."""
    long = {"model": {"levers": {"calls": {"uses": {"desk": 2.0}}}}}
    assert equity(long, resources=desk(hire={"cost": 10, "max": 1})) == pytest.approx(3700 + 90 + 40)


def test_release():
    """Two idle heads, at most one goes a period: wages of 50 in period 1, none in period 2, and 2 x 20."""
    assert equity(IDLE, resources=desk(headcount=2, release={"cost": 20, "max": 1})) == pytest.approx(3600 - 50 - 40)


def test_release_that_costs_more_than_it_saves():
    """A head costs 100 over two periods, its release 110."""
    assert equity(IDLE, resources=desk(release={"cost": 110})) == pytest.approx(3500)


def test_overtime():
    """10 hours a period, each worth 2: at 1.5 they bring 2 x 10 x 0.5, at 2.5 they are left alone."""
    assert equity(BUSY, resources=desk(overtime={"share": 0.1, "cost": 1.5})) == pytest.approx(3910)
    assert equity(BUSY, resources=desk(overtime={"share": 0.1, "cost": 2.5})) == pytest.approx(3900)


def test_overtime_is_of_everyone_employed():
    """Overtime is of hours x heads, new ones in full: with one hired at half productivity, 50 + 20 hours in period 1
    and 100 in period 2, so 140 + 200 for 110 and 20 x 1 of overtime. A second hire would bring 60 more hours' worth
    and save the overtime, 80 together, for 110."""
    terms = {"hire": {"cost": 10, "ramp": [0.5]}, "overtime": {"share": 0.1, "cost": 1.0}}
    assert equity(BUSY, resources=desk(**terms)) == pytest.approx(3900 + 340 - 110 - 20)


def test_partner_hours_with_quality():
    """A bought hour serves as 0.8, worth 1.6, for 1.5: 2 x 40 x 0.1. As 0.7, worth 1.4, it is not bought."""
    assert equity(BUSY, resources=desk(partner={"hours": 40, "cost": 1.5, "quality": 0.8})) == pytest.approx(3908)
    assert equity(BUSY, resources=desk(partner={"hours": 40, "cost": 1.5, "quality": 0.7})) == pytest.approx(3900)


def test_the_nearest_unit_serves():
    """Gold (north) has the north desk's 60 hours, silver the general desk's 100: 160 calls, for wages of 50 + 10."""
    north = {"kind": "labour", "function": "service", "pool": "desk", "unit": "north"}
    resources = {"north": {**north, "headcount": 1, "hours": 60.0, "wage": 10.0}}
    levers = {"calls": {"where": {"segment": ["gold", "silver"]}}}
    assert equity(BUSY, resources=resources, levers=levers) == pytest.approx(3600 - 2 * 60 + 2 * 160 * 2)


def test_an_empty_desk_nearby_is_not_helped_out():
    north = {"kind": "labour", "function": "service", "pool": "desk", "unit": "north", "headcount": 0, "hours": 100.0}
    assert equity({}, resources={"north": north}) == pytest.approx(3500)


def test_fixed_capacity_by_period_with_a_cost():
    """A port per call, 80 and then 60, at 0.5: 140 calls that leave 1.5."""
    ports = {"kind": "fixed", "function": "production", "capacity": [80, 60], "cost": 0.5}
    levers = {"calls": {"uses": {"ports": 1.0}}}
    assert equity({}, resources={"ports": ports}, levers=levers) == pytest.approx(3500 + 140 * 1.5)


def test_setup():
    """Calls bring 400 a period: more than a set-up of 250, less than one of 450."""
    assert equity({}, levers={"calls": {"setup": 250}}) == pytest.approx(4300 - 2 * 250)
    assert equity({}, levers={"calls": {"setup": 450}}) == pytest.approx(3500)


def test_setup_is_not_paid_by_halves():
    """With 120 hours a period for both segments, at 1 hour a call, silver alone takes them all: one set-up of 90 a
    period, for 240. A relaxation would pay a part of it only."""
    resources = desk(hours=120.0)
    levers = {"calls": {"where": {"segment": ["gold", "silver"]}, "setup": 90}}
    assert equity(BUSY, resources=resources, levers=levers) == pytest.approx(3500 + 2 * (240 - 90))


def gold(contacts_max: float) -> list[dict[str, Any]]:
    first, second = tiny().model.segments
    plain = [segment.model_dump(by_alias=True, exclude_defaults=True) for segment in (first, second)]
    return [{**plain[0], "contacts_max": contacts_max}, plain[1]]


def test_contacts_at_most():
    """A call is two contacts: with at most three a customer, one call each brings 2 x 100 x 2."""
    assert equity({}, segments=gold(3), levers={"calls": {"contacts": 2}}) == pytest.approx(3900)
    assert equity({}, segments=gold(4), levers={"calls": {"contacts": 2}}) == pytest.approx(4300)


def test_contacts_of_all_levers_together():
    """Two contacts a customer and period: a letter leaves 3, a call 2. One letter and one call each, as a customer
    takes one letter: 2 x 100 x 5."""
    letters = {"function": "service", "where": {"segment": "gold"}, "effort": {"levels": [1]}, "cost": 1, "contacts": 1}
    worth = {"lever": "letters", "effect": "margin_add", "curve": {"curve": "linear", "slope": 4}}
    calls = {"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 5}}
    levers = {"calls": {"contacts": 1}, "letters": letters}
    assert equity({}, segments=gold(2), levers=levers, responses=[calls, worth]) == pytest.approx(3500 + 2 * 100 * 5)
