"""Channels on the tiny scenario, each optimum derived by hand.

4,300 without channels. New silver customers of period 1 earn 4 each in period 2, those of period 2 nothing.
"""

from __future__ import annotations

from math import exp, log
from typing import Any

import numpy as np
import pytest
from tiny_scenario import TINY, merged, tiny

from allocator.api import solve
from allocator.domain.result import Result

CURVE = {"curve": "exponential", "high": 100, "rate": 0.01}
"""400 x (1 - exp(-s / 100)) - s is largest, 300 - 100 ln 4 = 161.4, at s = 100 ln 4 = 138.6."""
LINE = {"curve": "linear", "slope": 1}


def solved(base: dict[str, Any] | None = None, **channels: dict[str, Any]) -> Result:
    """The best plan with the channels."""
    plain = {"function": "marketing", "spend": {"max": 500}, "response": CURVE, "into": {"silver": 1}}
    given = {name: {**plain, **channel} for name, channel in channels.items()}
    return solve(tiny(**merged(base or {}, {"model": {"channels": given}})))


def test_the_exact_value_of_a_curve():
    result = solved(ads={})
    assert result.customer_equity == pytest.approx(4300 + 300 - 100 * log(4), rel=1e-6)
    assert result.evaluation.tables.channels["spend"].tolist() == pytest.approx([100 * log(4), 0], rel=1e-2, abs=1e-6)


def test_an_s_curve():
    """100 s^2 / (50^2 + s^2) new customers at 4: the marginal condition 400 x 2 x 2500 s = (2500 + s^2)^2 holds at
    its larger root, which is found here by bisection."""
    low, high = 50.0, 500.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if 2_000_000 * middle > (2500 + middle**2) ** 2 else (low, middle)
    best = 400 * low**2 / (2500 + low**2) - low
    result = solved(ads={"response": {"curve": "adbudg", "high": 100, "half": 50, "shape": 2}})
    assert result.customer_equity == pytest.approx(4300 + best, rel=1e-6)


@pytest.mark.parametrize("money", [40.0, 90.0, 125.0])
def test_s_curves_that_share_a_budget_too_small_for_all(money):
    """Each is worth most per money at half x (shape - 1)^(1 / shape), and what is left over must go somewhere. The
    best shares on a grid of fifths, by dynamic programming, are a plan too."""
    curves = [
        {"curve": "adbudg", "high": 90 + 10 * n, "half": 40 + 7 * n, "shape": 2 + 0.3 * (n % 3)} for n in range(6)
    ]
    steps = round(5 * money)
    spends = np.arange(steps + 1) / 5
    best = np.zeros(steps + 1)
    for curve in curves:
        power = spends ** curve["shape"]
        worth = 4 * curve["high"] * power / (curve["half"] ** curve["shape"] + power) - spends
        best = np.array([(worth[: left + 1] + best[left::-1]).max() for left in range(steps + 1)])
    names = [f"ads_{number}" for number in range(len(curves))]
    budget = {"budgets": [{"name": "ads", "channels": names, "amount": money}], "solver": {"gap": 1e-6}}
    result = solved(budget, **{name: {"response": curve} for name, curve in zip(names, curves, strict=True)})
    assert result.customer_equity >= (4300 + best.max()) * (1 - 1e-6)
    assert result.bound >= 4300 + best.max()
    assert result.gap <= 1e-6


def test_least_spend():
    """At 200 the channel still brings 400 (1 - exp(-2)) - 200 = 145.9; at 450 it would lose 54."""
    assert solved(ads={"spend": {"max": 500, "min": 200}}).customer_equity == pytest.approx(
        4300 + 400 * (1 - exp(-2)) - 200
    )
    assert solved(ads={"spend": {"max": 500, "min": 450}}).customer_equity == pytest.approx(4300)


def test_fixed_cost():
    """Worth 161.4 at best: more than 10, less than 170."""
    assert solved(ads={"spend": {"max": 500, "fixed": 10}}).customer_equity == pytest.approx(4590 - 100 * log(4))
    assert solved(ads={"spend": {"max": 500, "fixed": 170}}).customer_equity == pytest.approx(4300)


def test_carryover():
    """20 new customers from a stock of 50 on; left at the end they are worth 4, so 8 and 4 by period of arrival, and
    the 200 there are 800. 50 in period 1 leave 25, and 25 more fill it up: 160 + 80 - 75."""
    points = {"curve": "points", "efforts": [0, 50, 100], "values": [0, 20, 20]}
    result = solved({"terminal": {"silver": 4}}, ads={"response": points, "spend": {"max": 100}, "carryover": 0.5})
    assert result.customer_equity == pytest.approx(4300 + 800 + 165)
    assert result.evaluation.tables.channels["stock"].tolist() == pytest.approx([50, 50])


def test_an_answer_that_falls_again():
    """40 new customers for 50, 10 for 100. A mailing adds 2 to what a silver customer earns, for 1 a period: 400 and,
    with the new ones, 480. They earn 160 besides."""
    points = {"curve": "points", "efforts": [0, 50, 100], "values": [0, 40, 10]}
    mailing = {"function": "marketing", "where": {"segment": "silver"}, "effort": {"levels": [1]}, "setup": 1}
    response = {"lever": "mailing", "effect": "margin_add", "curve": {"curve": "linear", "slope": 2.0}}
    responses = [TINY["model"]["responses"][0], response]
    base = {"model": {"levers": {"mailing": mailing}, "responses": responses}}
    result = solved(base, ads={"response": points, "spend": {"max": 100}})
    assert result.customer_equity == pytest.approx(4300 + 400 + 480 + 160 - 50 - 2)


def test_answers_are_shared_out():
    """Of 20 new customers for 20, a quarter becomes gold at 10 and half silver at 4: 50 + 40. Calls are short of hours
    already."""
    shared = {"response": LINE, "spend": {"max": 20}, "into": {"gold": 0.25, "silver": 0.5}}
    assert solved(ads=shared).customer_equity == pytest.approx(4300 + 90 - 20)


def test_spend_in_hours():
    """An hour brings 2 customers at 4; at calls it earns 4. So 50 hours of period 1 change hands: 400 less 200."""
    events = {"input": "desk", "response": {"curve": "linear", "slope": 2}, "spend": {"max": 50}}
    assert solved(events=events).customer_equity == pytest.approx(4500)


def test_hours_per_new_customer():
    """A new customer earns 4 for 1 of money and half an hour, worth 2 at calls: 1 each is left, for 40."""
    ads = {"response": LINE, "spend": {"max": 40}, "uses": {"desk": 0.5}}
    assert solved(ads=ads).customer_equity == pytest.approx(4340)
