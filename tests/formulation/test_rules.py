"""One binding instance per rule on the tiny scenario, the optimum derived by hand.

Without rules: 3,500 and 2 for each of 200 calls a period that 100 hours allow, 4,300. Where a call earns 2 instead
of 5 (``IDLE``) it loses 1, and 3,500 without calls is best.
"""

from __future__ import annotations

from typing import Any

import pytest
from tiny_scenario import TINY, merged, tiny

from allocator.api import solve
from allocator.formulation.rules import WRITERS

IDLE = {"model": {"responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 2}}]}}
VIP = {"tier": "vip"}
FREE = 4300


def channel(slope: float, most: float, into: str = "silver") -> dict[str, Any]:
    response = {"curve": "linear", "slope": slope}
    return {"function": "marketing", "spend": {"max": most}, "response": response, "into": {into: 1}}


def ads(slope: float, most: float, into: str = "silver") -> dict[str, Any]:
    return {"model": {"channels": {"ads": channel(slope, most, into)}}}


def segments(gold: dict[str, Any], silver: dict[str, Any]) -> dict[str, Any]:
    first, second = TINY["model"]["segments"]
    return {"model": {"segments": [{**first, **gold}, {**second, **silver}]}}


HIRING = {"model": {"resources": {"desk": {"hire": {"cost": 10}}}}}
ALL_SEGMENTS = {"model": {"levers": {"calls": {"where": {"segment": ["gold", "silver"]}, "uses": {"desk": 0.125}}}}}
LONGER = {"model": {"levers": {"calls": {"uses": {"desk": 0.75}}}}}
VALUED = {"model": {"levers": {"calls": {"customer_value": 2}}}}
TWO = {"model": {"channels": {"ads": channel(1.0, 20), "fairs": channel(0.5, 30)}}}
PLAN = {
    "current_plan": {
        "treatments": [{"segment": "gold", "period": t, "share": 0.5, "efforts": [["calls", 1]]} for t in (1, 2)]
    }
}

CASES: dict[str, list[tuple[dict[str, Any], dict[str, Any], float]]] = {
    "coverage": [
        # 30 customers get two calls that lose 1 each, in two periods.
        (IDLE, {"lever": "calls", "min_effort": 2, "min_share": 0.3, "where": VIP}, 3500 - 120),
        # 25 may have two calls, 75 have one: 125 calls a period.
        ({}, {"lever": "calls", "min_effort": 2, "max_share": 0.25, "where": VIP}, 3500 + 2 * 125 * 2),
    ],
    "effort": [
        # Half a call for each of 100, or for each of 300 of whom only 100 can have any.
        ({}, {"lever": "calls", "max": 0.5, "where": VIP}, 3500 + 2 * 50 * 2),
        ({}, {"lever": "calls", "max": 0.5}, 3500 + 2 * 150 * 2),
        (IDLE, {"lever": "calls", "min": 0.5, "where": VIP, "periods": [2]}, 3500 - 50),
    ],
    "customers": [
        # 20 customers more than 300, at 10 each, who earn 4.
        (ads(0.1, 500), {"min": 320, "periods": [2]}, FREE - 200 + 80),
        # At 1 each they would be welcome, but 10 is the most.
        (ads(1.0, 100), {"max": 310}, FREE + 30),
    ],
    "equity": [
        # Silver earns 1,600; 80 more take 20 customers at 10 each. A channel's cash is no segment's.
        (ads(0.1, 500), {"min": 1680, "where": {"tier": "mass"}}, FREE - 200 + 80),
    ],
    "spend": [
        # 50 calls a period for 150; and with the wages of 50, 3 x 50 is three quarters of all.
        ({}, {"max": 150, "where": VIP}, 3500 + 2 * 50 * 2),
        ({}, {"max_share": 0.75, "where": VIP}, 3500 + 2 * 50 * 2),
        (IDLE, {"min": 60, "where": VIP}, 3500 - 2 * 20),
        (IDLE, {"min_share": 0.5, "where": VIP, "periods": [1]}, 3500 - 50 / 3),
    ],
    "concentration": [
        # Gold's 2,000 and gain g against 1,600: 2,000 + g <= 0.56 (3,600 + g).
        ({}, {"by": "tier", "max": 0.56}, 3500 + 16 / 0.44),
    ],
    "equity_share": [
        # Silver is a rival's. 2,000 + 2 x of margin against 1,600: at 0.6, x = 200 calls that lose 1 each.
        (merged(IDLE, segments({}, {"owner": "rival"})), {"min": 0.6}, 2000 - 100 - 200),
    ],
    "uniform": [
        # Two calls for all would take 150 hours, so it is one. Without the rule: 100 / 0.75 calls a period.
        (LONGER, {}, 3500 + 2 * 100 * 2),
        (LONGER, {"lever": "calls"}, 3500 + 2 * 100 * 2),
    ],
    "active": [
        # An eighth of an hour a call: hours are plenty, and silver's 400 calls a period beat gold's 200.
        (ALL_SEGMENTS, {"lever": "calls", "max": 1}, 3500 + 2 * 400 * 2),
        # Ads bring 20 x (4 - 1), fairs 30 x (2 - 1).
        (TWO, {"channels": ["ads", "fairs"], "max": 1}, FREE + 60),
    ],
    "headcount": [
        # A second head that nobody needs.
        (HIRING, {"resources": ["desk"], "min": 2}, FREE - 10 - 100),
        # Longer calls want 150 hours: a second head would bring 2 x 2 x 66.7 for 110, but may not be hired.
        (merged(HIRING, LONGER), {"resources": ["desk"], "max": 1}, 3500 + 2 * 2 * 100 / 0.75),
    ],
    "change": [
        # The plan there is has 50 calls a period: 60 at most.
        (PLAN, {"lever": "calls", "max": 0.2}, 3500 + 2 * 60 * 2),
        # Where calls lose, 40 at least.
        (merged(IDLE, PLAN), {"max": 0.2}, 3500 - 2 * 40),
    ],
    "receivables": [
        # 30 x 73 / 365 = 6 a gold customer: 660 leave room for 10 new ones, who earn 10 for 1.
        (
            merged(ads(1.0, 50, "gold"), segments({"revenue": 30, "collection_days": 73}, {})),
            {"max": 660},
            FREE + 10 * 9,
        ),
    ],
    "customer_value": [
        # 50 calls a period that lose 1 each.
        (merged(IDLE, VALUED), {"min": 100}, 3500 - 100),
    ],
}


@pytest.mark.parametrize(
    ("kind", "base", "keys", "expected"), [(kind, *case) for kind, cases in CASES.items() for case in cases]
)
def test_a_rule_that_binds(kind: str, base: dict[str, Any], keys: dict[str, Any], expected: float):
    result = solve(tiny(**merged(base, {"rules": [{"rule": kind, **keys}]})))
    assert result.customer_equity == pytest.approx(expected, rel=1e-6)
    assert solve(tiny(**base)).customer_equity > expected * (1 + 1e-6)


def test_each_segment_alone():
    """A call loses 1 with silver. Of all 300 customers half is gold's 100 and 50 of silver; where it is half of each
    segment, 100 of silver."""
    worth = [
        {"lever": "calls", "effect": "margin_add", "segment": name, "curve": {"curve": "linear", "slope": slope}}
        for name, slope in (("gold", 5), ("silver", 2))
    ]
    base = merged(ALL_SEGMENTS, {"model": {"responses": worth}})
    rule = {"rule": "coverage", "lever": "calls", "min_effort": 1, "min_share": 0.5}
    together = solve(tiny(**merged(base, {"rules": [rule]})))
    alone = solve(tiny(**merged(base, {"rules": [{**rule, "each": "segment"}]})))
    assert together.customer_equity == pytest.approx(3500 + 2 * (400 - 50))
    assert alone.customer_equity == pytest.approx(3500 + 2 * (400 - 100))


def test_set_ups_are_no_part_of_what_segments_earn():
    """Gold earns 2 x (1000 + 200 x 2) with two calls for each; two set-ups of 50 are paid all the same."""
    base = {"model": {"levers": {"calls": {"setup": 50}}}}
    rule = {"rule": "equity", "where": VIP, "min": 2 * 1400}
    found = solve(tiny(**merged(base, {"rules": [rule]})))
    assert found.customer_equity == pytest.approx(3500 + 2 * (400 - 50))


def test_every_rule_has_its_case():
    assert {kind.model_fields["rule"].annotation.__args__[0] for kind in WRITERS} == set(CASES)
