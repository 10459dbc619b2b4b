"""Shock tables: which factor stands where, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from allocator.domain.model import Model, Segment
from allocator.domain.risk import Risk, Shock
from allocator.domain.scenario import Scenario
from allocator.uncertainty import shock_set


def scenario(*rows: dict[str, Any]) -> Scenario:
    model = Model(
        name="two",
        period="year",
        discount_rate=0.1,
        segments=(Segment(name="gold", customers=10, margin=5), Segment(name="iron", customers=20, margin=1)),
    )
    shocks = tuple(Shock(**{"probability": 0.5, **row}) for row in rows)
    return Scenario(name="risky", model=model, horizon=2, risk=Risk(shocks=shocks) if shocks else Risk())


def test_without_shocks_there_is_no_set() -> None:
    assert shock_set(scenario()) is None


def test_rows_without_a_period_count_everywhere_and_others_override() -> None:
    shocks = shock_set(
        scenario(
            {"scenario": "boom", "segment": "gold", "period": 2, "factor": 1.5},
            {"scenario": "boom", "segment": "gold", "factor": 1.2},
            {"scenario": "bust", "segment": "iron", "factor": 0.4},
        )
    )
    assert shocks is not None
    assert shocks.names == ("boom", "bust")
    np.testing.assert_array_equal(shocks.factor[0], [[1.2, 1.5, 1.2], [1, 1, 1]])
    np.testing.assert_array_equal(shocks.factor[1], [[1, 1, 1], [0.4, 0.4, 0.4]])
    np.testing.assert_allclose(shocks.mean, [[1.1, 1.25, 1.1], [0.7, 0.7, 0.7]])
    assert not shocks.persistent
    assert shocks.keep_factor is None


def test_persistent_where_no_row_names_a_period() -> None:
    shocks = shock_set(scenario({"scenario": "a", "segment": "gold"}, {"scenario": "b", "segment": "gold"}))
    assert shocks is not None
    assert shocks.persistent


def test_odds_of_staying_cover_the_planning_periods_only() -> None:
    shocks = shock_set(
        scenario(
            {"scenario": "a", "segment": "gold", "factor": 0.9, "keep_factor": 0.5},
            {"scenario": "b", "segment": "iron", "period": 2, "keep_factor": 2.0},
        )
    )
    assert shocks is not None
    assert shocks.keep_factor is not None
    np.testing.assert_array_equal(shocks.keep_factor[0], [[0.5, 0.5], [1, 1]])
    np.testing.assert_array_equal(shocks.keep_factor[1], [[1, 1], [1, 2]])
    assert not shocks.persistent


def test_probabilities_are_divided_by_their_sum() -> None:
    third = 0.333
    shocks = shock_set(scenario(*({"scenario": n, "segment": "gold", "probability": third} for n in "abc")))
    assert shocks is not None
    np.testing.assert_allclose(shocks.probability, 1 / 3, rtol=1e-15)
