"""Prices of customers agree over the periods: the lifts are those of a Markov decision process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from infeasible_scenario import scenario, small
from test_objectives import BENT

from allocator.solving import Engine
from allocator.solving.deadline import Deadline
from allocator.solving.pricing import CellPrices

FREE = {"function": "service", "effort": {"max": 4}, "cost": 3.0}
GAIN = {"lever": "calls", "effect": "margin_add", "curve": BENT}


def engine(**more: Any) -> Engine:
    """Calls are continuous and take no hours."""
    question = small(model={"responses": [GAIN], **more})
    question["model"]["levers"]["calls"] = FREE
    return Engine(scenario(question))


def prices(engine: Engine, constant: list[float], arrival: list[float]) -> CellPrices:
    """Prices of gold in both periods: a call costs 3, margin counts as it is."""
    lists = engine.refiner.pricing.prices(np.zeros(len(engine.program.row_lower)))
    ends = np.zeros_like(lists.arrival)
    ends[:, 0] = arrival
    return replace(
        lists, effort=np.full((2, 1), -3.0), margin=np.ones(2), arrival=ends, constant=np.array(constant, dtype=float)
    )


def test_a_late_gain_is_felt_in_the_period_before():
    """Two calls earn 9 for 6: 3 above the margin of 10, a third loses. At a price of 10 in period 2, a customer
    there is worth 3 more. In period 1 the price is 20, for the margin and an arrival at 10: 3 more there, and the
    3 more of the arrival. 100 customers are there at the start."""
    built = engine()
    cells = prices(built, [-20, -10], [10, 0])
    lifted = built.refiner.chain.back(cells, lambda part, _: built.pricer.prove(part, tolerance=1e-9))
    assert lifted.lift == pytest.approx(np.array([[6.0, 3.0]]), abs=1e-6)
    assert lifted.best.efforts == pytest.approx(np.full((2, 1), 2.0))
    assert lifted.prices.arrival[:, 0] == pytest.approx([13.0, 0.0])
    scaled = 100 / built.instance.units.customers
    assert built.refiner.chain.excess(lifted.lift) == pytest.approx(6.0 * scaled, rel=1e-6)


def test_what_is_worth_less_than_its_price_lifts_nothing():
    built = engine()
    cells = prices(built, [-40, -20], [10, 0])
    lifted = built.refiner.chain.back(cells, lambda part, _: built.pricer.prove(part, tolerance=1e-9))
    assert lifted.lift.tolist() == [[0.0, 0.0]]
    assert built.refiner.chain.excess(lifted.lift) == 0.0


def test_what_channels_bring_is_counted():
    """A channel that may win customers for gold in period 1 brings them at the lift of period 2."""
    response = {"curve": "linear", "slope": 1.0}
    channel = {"function": "marketing", "spend": {"max": 50}, "into": {"gold": 1.0}, "response": response}
    built = engine(channels={"fairs": channel})
    lift = np.array([[0.0, 3.0]])
    # 50 money win 50 customers; period 2's spend brings them after the horizon, at no lift.
    assert built.refiner.chain.excess(lift) == pytest.approx(150 / built.instance.units.customers, rel=1e-6)


def test_the_bound_is_proven_at_lifted_prices():
    """Margin 10 + 3 in each of two periods, less wages of 100 a period: 100 x 26 - 200 = 2,400."""
    built = engine()
    best, bound = built.solve(Deadline(), gap=1e-6)
    assert built.natural(best.objective) == pytest.approx(2400.0)
    assert 0.0 <= bound - best.objective <= 1e-6 * abs(best.objective)
