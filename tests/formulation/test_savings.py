"""Hours that programmes save for every treatment, on the tiny scenario; each optimum is derived by hand.

A call takes an hour, adds 5 to the margin and costs 3. The desk has 100 hours a period, so that 100 of 200 calls
are made in each of two periods: 3,700 without any effort and 2 a call are 4,100 less wages, which do not change.
"""

from __future__ import annotations

from typing import Any

import pytest
from tiny_scenario import merged, tiny

from allocator.api import solve
from allocator.domain.errors import Infeasible
from allocator.domain.model import Programme
from allocator.domain.result import Result

HOURS = {"model": {"levers": {"calls": {"uses": {"desk": 1.0}}}}}


def best(**programmes: dict[str, Any]) -> Result:
    """The best plan where the programmes can be started."""
    given = {name: {"function": "service", **programme} for name, programme in programmes.items()}
    return solve(tiny(**merged(HOURS, {"model": {"programmes": given}})))


def gain(**programmes: dict[str, Any]) -> float:
    """How much more than without programmes."""
    return best(**programmes).customer_equity - best().customer_equity


def test_what_is_saved_makes_room():
    """At 0.8 hours a call, 100 hours are 125 calls: 25 more in each period, 2 each, for 30."""
    assert gain(tablet={"cost": 30, "saves": {"calls": 0.8}}) == pytest.approx(2 * 25 * 2 - 30)


def test_savings_multiply_up():
    """0.8 x 0.625 = 0.5 hours a call: all 200 calls; 100 more in each period, for 30 and 40."""
    both = {"tablet": {"cost": 30, "saves": {"calls": 0.8}}, "view": {"cost": 40, "saves": {"calls": 0.625}}}
    assert gain(**both) == pytest.approx(2 * 100 * 2 - 70)


def test_a_programme_that_is_too_dear_is_not_bought_in_part():
    """All that half a programme could save is worth half of 100; its price is 101."""
    assert gain(tablet={"cost": 101, "saves": {"calls": 0.8}}) == pytest.approx(0.0)


def test_saving_begins_when_it_works():
    """With a lead of a period it saves in the second only."""
    assert gain(tablet={"cost": 30, "lead": 1, "saves": {"calls": 0.8}}) == pytest.approx(25 * 2 - 30)


def test_a_lever_without_hours_then_takes_none():
    """At 0 hours a call all 200 calls are made."""
    assert gain(tablet={"cost": 30, "saves": {"calls": 0.0}}) == pytest.approx(2 * 100 * 2 - 30)


def test_treatments_name_what_saves_their_hours():
    result = best(tablet={"cost": 30, "lead": 1, "saves": {"calls": 0.8}})
    used = {treatment.period: treatment.programmes for treatment in result.plan.treatments}
    assert used == {1: (), 2: ("tablet",)}


def test_hours_are_not_left_unsaved_to_spend_more():
    """A call takes a port, at 2 each; at least 250 a period are to be spent on them. With the tablet 200 calls take 100
    ports, without it there are hours for 100 calls: 200 either way."""
    ports = {"kind": "fixed", "function": "production", "capacity": 300, "cost": 2}
    tablet = {"function": "service", "saves": {"calls": 0.5}, "adds": {"desk": 100}}
    floor = {"budgets": [{"name": "ports", "at_least": 250, "resources": ["ports"], "per": "period"}]}
    uses = {"calls": {"uses": {"desk": 1.0, "ports": 1.0}}}
    model = {"resources": {"ports": ports}, "levers": uses, "programmes": {"tablet": tablet}}
    with pytest.raises(Infeasible):
        solve(tiny(**merged(floor, {"model": model})))


@pytest.mark.parametrize(
    ("programme", "only"),
    [
        ({"saves": {"calls": 0.8}}, True),
        ({"saves": {"calls": 0.8, "mail": 1.0}, "adds": {"desk": 10}}, True),
        ({"saves": {"calls": 1.2}}, False),
        ({"saves": {"calls": 0.8}, "boosts": {"calls": 1.1}}, False),
        ({"adds": {"desk": 10}}, False),
    ],
)
def test_which_programmes_only_save(programme: dict[str, Any], only: bool):
    """One that takes more hours, or changes curves, is for a treatment to choose."""
    assert Programme(function="service", **programme).only_saves is only
