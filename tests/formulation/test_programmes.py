"""Programmes on the tiny scenario, each optimum derived by hand.

With calls of an hour (``BUSY``) the best is 3,900 and an hour is worth 2; see ``test_staffing``.
"""

from __future__ import annotations

from typing import Any

import pytest
from tiny_scenario import TINY, merged, tiny

from allocator.api import solve

GOLD = {"segment": "gold"}
BUSY = {"model": {"levers": {"calls": {"uses": {"desk": 1.0}}}}}
VERY_BUSY = {"model": {"levers": {"calls": {"uses": {"desk": 2.0}}}}}
"""Two hours a call: 50 calls a period, 3,700, and an hour is worth 1 as long as fewer than 400 are there."""


def equity(base: dict[str, Any], **programmes: dict[str, Any]) -> float:
    """Equity of the best plan where the programmes can be started."""
    given = {name: {"function": "service", **programme} for name, programme in programmes.items()}
    return solve(tiny(**merged(base, {"model": {"programmes": given}}))).customer_equity


def test_lead_and_running_cost():
    """Started in period 1 it works in period 2: 40 hours worth 80, for 30 and 2 x 5."""
    assert equity(BUSY, training={"cost": 30, "running": 5, "lead": 1, "adds": {"desk": 40}}) == pytest.approx(3940)


def test_window():
    """Started in period 2 at the earliest: 80 for 30 and 5. With a lead time it would work too late."""
    training = {"cost": 30, "running": 5, "window": [2, 2], "adds": {"desk": 40}}
    assert equity(BUSY, training=training) == pytest.approx(3900 + 80 - 35)
    assert equity(BUSY, training={**training, "lead": 1}) == pytest.approx(3900)


def test_a_window_beyond_the_horizon():
    """A model serves shorter scenarios too: what can only start after their end never starts."""
    assert equity(BUSY, training={"window": [3, 5], "adds": {"desk": 40}}) == pytest.approx(3900)
    needed = {"requires": ["training"], "adds": {"desk": 40}}
    assert equity(BUSY, training={"window": [3, 5]}, other=needed) == pytest.approx(3900)


def test_requires():
    """Cleaning works in period 2, so that the view starts then: 100 hours worth 200, for 30. Alone: 400."""
    cleaning, view = {"cost": 30, "lead": 1}, {"adds": {"desk": 100}}
    assert equity(BUSY, cleaning=cleaning, view={**view, "requires": ["cleaning"]}) == pytest.approx(4070)
    assert equity(BUSY, cleaning=cleaning, view=view) == pytest.approx(4300)


def test_excludes():
    """One adds 100 hours for 50, the other 80 for 20: 150 or 140 on 3,700, or both."""
    first, second = {"cost": 50, "adds": {"desk": 100}}, {"cost": 20, "adds": {"desk": 80}}
    assert equity(VERY_BUSY, first={**first, "excludes": ["second"]}, second=second) == pytest.approx(3850)
    assert equity(VERY_BUSY, first=first, second=second) == pytest.approx(3990)


def test_boosts():
    """A call earns 7.5 instead of 5: 400 calls bring 1,000 more, for 100."""
    assert equity({}, view={"cost": 100, "boosts": {"calls": 1.5}}) == pytest.approx(5200)


def test_a_boost_counts_at_no_effort_too():
    """Gold customers earn 2 more without any call, 3 with the boost: 100 more in each period, for 50.
    Calls are too dear."""
    curve = {"curve": "adbudg", "low": 2.0, "high": 2.0, "half": 1.0, "shape": 1.0}
    responses = [{"lever": "calls", "effect": "margin_add", "curve": curve}]
    base = {"model": {"levers": {"calls": {"cost": 100.0}}, "responses": responses}}
    assert equity(base) == pytest.approx(3900)
    programmes = {"view": {"function": "service", "cost": 50, "boosts": {"calls": 1.5}}}
    result = solve(tiny(**merged(base, {"model": {"programmes": programmes}})))
    assert result.customer_equity == pytest.approx(4050)
    gold = result.evaluation.tables.treatments.query("segment == 'gold'")
    assert gold["treatment"].tolist() == ["no effort"] * 2
    assert gold["programmes"].tolist() == ["view"] * 2


def test_a_boost_that_harms_is_not_used():
    assert equity({}, view={"boosts": {"calls": 0.5}}) == pytest.approx(4300)


def test_boosts_multiply_up():
    """1.5 x 1.2 = 1.8 times 5: a call leaves 6 instead of 2, 400 calls 1,600 more."""
    assert equity({}, view={"boosts": {"calls": 1.5}}, offer={"boosts": {"calls": 1.2}}) == pytest.approx(5900)


def test_saves():
    """A call takes half an hour instead of one: 200 more calls over both periods, for 100."""
    assert equity(BUSY, tool={"cost": 100, "saves": {"calls": 0.5}}) == pytest.approx(4200)


def test_saves_multiply_up():
    """Two hours x 0.5 x 0.5: all 400 calls are made instead of 100, worth 600, for 2 x 100."""
    tool = {"cost": 100, "saves": {"calls": 0.5}}
    assert equity(VERY_BUSY, tool=tool, script=tool) == pytest.approx(3700 + 600 - 200)


def test_unlocks_a_lever():
    """Calls bring 400 in each period in which they can be made, on 3,500 without."""
    assert equity({}, launch={"cost": 100, "unlocks": ["calls"]}) == pytest.approx(3500 + 800 - 100)
    assert equity({}, launch={"cost": 100, "lead": 1, "unlocks": ["calls"]}) == pytest.approx(3500 + 400 - 100)
    assert equity({}, launch={"cost": 900, "unlocks": ["calls"]}) == pytest.approx(3500)


def test_what_is_unlocked_may_go_without_the_boost():
    """Mailings are never made, yet gold customers earn 1 less for them, 2 with the boost: 200 in all, not 400."""
    curve = {"curve": "adbudg", "low": -1.0, "high": -1.0, "half": 1.0, "shape": 1.0}
    calls = TINY["model"]["responses"][0]
    base = {
        "model": {
            "levers": {"mailings": {"function": "service", "effort": {"levels": [1]}, "cost": 100.0, "where": GOLD}},
            "responses": [calls, {"lever": "mailings", "effect": "margin_add", "curve": curve}],
        }
    }
    launch = {"cost": 100, "unlocks": ["calls"], "boosts": {"mailings": 2.0}}
    assert equity(base, launch=launch) == pytest.approx(3500 + 800 - 100 - 200)


def test_unlocks_a_channel():
    """20 new customers for 20 earn 80 in period 2: worth the launch at 50, not at 70."""
    response = {"curve": "linear", "slope": 1}
    ads = {"function": "marketing", "spend": {"max": 20}, "response": response, "into": {"silver": 1}}
    base = {"model": {"channels": {"ads": ads}}}
    assert equity(base, launch={"cost": 50, "unlocks": ["ads"]}) == pytest.approx(4300 + 10)
    assert equity(base, launch={"cost": 70, "unlocks": ["ads"]}) == pytest.approx(4300)
