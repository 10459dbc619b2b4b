"""How treatments change who stays, comes and moves, each optimum derived by hand on the tiny scenario.

3,600 of margin where all stay, 100 of wages, calls at 3 money and half an hour.
"""

from __future__ import annotations

from math import log
from typing import Any

import pytest
from tiny_scenario import TINY, tiny

from allocator.api import solve


def moves(*rows: tuple[str, str, float]) -> list[dict[str, Any]]:
    return [{"from": origin, "to": to, "probability": chance} for origin, to, chance in rows]


def response(effect: str, slope: float, **keys: Any) -> dict[str, Any]:
    return {"lever": "calls", "effect": effect, "curve": {"curve": "linear", "slope": slope}, **keys}


def equity(*, terminal: Any = "none", **model: Any) -> float:
    return solve(tiny(terminal=terminal, model=model)).customer_equity


def test_who_is_left_is_worth_something():
    """Gold is 100, 80, 64 and silver 200, 210, 218. Margin 3,440, calls (200 + 160) x 2, wages 100, and at the end
    64 x 20 + 218 x 5."""
    transitions = moves(("gold", "gold", 0.8), ("gold", "silver", 0.1), ("silver", "silver", 1.0))
    value = {"gold": 20, "silver": 5}
    assert equity(terminal=value, transitions=transitions) == pytest.approx(3440 + 720 - 100 + 2370)


def test_baseline_value_of_who_is_left():
    """V = m / (1 - 0.8 x 0.5): 16.667 and 6.667, for 25 gold and 50 silver, weight 0.64. Margin 1,800 and 0.8 x 900,
    wages 50 x 1.8, 200 calls and then 100 that leave 2 each, the latter at 0.8."""
    transitions = moves(("gold", "gold", 0.5), ("silver", "silver", 0.5))
    left = 0.64 * (25 * 10 + 50 * 4) / 0.6
    expected = 1800 + 720 - 90 + 400 + 160 + left
    assert equity(terminal="baseline", discount_rate=0.25, transitions=transitions) == pytest.approx(expected)


def test_retention():
    """Each call doubles the odds of staying, 1 to 1 without: 1/2, 2/3, 4/5. In period 2 a customer left is worth 30:
    15, 20 - 3 or 24 - 6, so two calls, and 28 with the margin. In period 1: 14, 18.67 - 3 or 22.4 - 6, so two again:
    10 + 16.4 for each of 100. Silver 1,600, wages 100."""
    transitions = moves(("gold", "gold", 0.5), ("silver", "silver", 1.0))
    found = equity(terminal={"gold": 30}, transitions=transitions, responses=[response("retention", log(2))])
    assert found == pytest.approx(2640 + 1600 - 100)


MAILING = {"calls": {"where": {"segment": "silver"}, "effort": {"levels": [1]}, "uses": {"desk": 0.25}, "cost": 0.4}}
TO_GOLD = moves(("gold", "gold", 1.0), ("silver", "silver", 0.9), ("silver", "gold", 0.1))


def test_acquisition():
    """Silver is the market's. A call turns 0.1 into 0.1 x 2.25 / (0.9 + 0.225) = 0.2: 20 more for 10 in period 2, at
    0.4 x 200. In period 2 it would come too late. Without: 100 and 120 at 10, less 100."""
    first, second = TINY["model"]["segments"]
    segments = [first, {**second, "owner": "market"}]
    rows = [response("acquisition", log(2.25))]
    found = equity(segments=segments, transitions=TO_GOLD, levers=MAILING, responses=rows)
    assert found == pytest.approx(2100 + 200 - 80)


def test_migration():
    """The same shift between segments of ours: 20 more earn 10 instead of 4, for 80. Without: 1,800 and 1,920."""
    rows = [response("migration", log(2.25), to="gold")]
    found = equity(transitions=TO_GOLD, levers=MAILING, responses=rows)
    assert found == pytest.approx(1800 + 1920 - 100 + 120 - 80)


def test_margin_is_multiplied_before_money_is_added():
    """10 x (1 + 0.5 e) + e: a call earns 6 and leaves 3."""
    assert equity(responses=[response("margin", 0.5), response("margin_add", 1)]) == pytest.approx(3500 + 400 * 3)


def test_a_measured_row():
    """Measured at one call: 0.5 becomes 0.6, at two 0.65; a customer left is worth 40 at the end. In period 2: 20,
    24 - 3, 26 - 6, so one call, and 31 with the margin. In period 1: 15.5, 18.6 - 3, 20.15 - 6: one call by 0.1.
    Gold 10 + 15.6 each."""
    treated = [
        {"lever": "calls", "effort": effort, "from": "gold", "to": "gold", "probability": chance}
        for effort, chance in ((1, 0.6), (2, 0.65))
    ]
    transitions = moves(("gold", "gold", 0.5), ("silver", "silver", 1.0))
    found = equity(terminal={"gold": 40}, transitions=transitions, treated=treated, responses=[])
    assert found == pytest.approx(2560 + 1600 - 100)


def test_a_measured_row_beyond_the_largest_effort():
    """Measured at four calls: 0.5 becomes 0.9, so 0.6 at one and 0.7 at two, the most there may be. A customer left is
    worth 40: in period 2 20, 24 - 3, 28 - 6, so two calls, and 32 with the margin. In period 1 16, 19.2 - 3, 22.4 - 6:
    two calls again. Gold 10 + 16.4 each."""
    treated = [{"lever": "calls", "effort": 4, "from": "gold", "to": "gold", "probability": 0.9}]
    transitions = moves(("gold", "gold", 0.5), ("silver", "silver", 1.0))
    found = equity(terminal={"gold": 40}, transitions=transitions, treated=treated, responses=[])
    assert found == pytest.approx(2640 + 1600 - 100)
