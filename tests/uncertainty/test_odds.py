"""Drawn factors on the odds of staying with us."""

from __future__ import annotations

from typing import Any

import numpy as np

from allocator.domain.model import Model, Segment
from allocator.domain.risk import Generate, Risk, Shock
from allocator.domain.scenario import Scenario
from allocator.uncertainty import ShockSet, as_table, describe, fresh, shock_set, staying

TERMS: dict[str, Any] = {"scenarios": 4096, "seed": 7, "volatility": 0.25, "by": "tier", "correlation": 0.4}


def scenario(**terms: Any) -> Scenario:
    """Two segments of ours in each of two tiers, and a rival's."""
    tiers = ("gold", "iron", "gold", "iron", "gold")
    rows = tuple(
        Segment(name=f"s{number}", customers=100, margin=10, tier=tier, owner="them" if number == 4 else "us")
        for number, tier in enumerate(tiers)
    )
    model = Model(name="drawn", period="year", discount_rate=0.1, segments=rows)
    risk = Risk(generate=Generate(**{**TERMS, "keep_volatility": 0.5, **terms}), recourse=True)
    return Scenario(name="drawn", model=model, horizon=3, risk=risk)


def drawn(question: Scenario) -> ShockSet:
    shocks = shock_set(question)
    assert shocks is not None
    assert shocks.keep_factor is not None
    return shocks


def test_the_odds_have_the_asked_distribution() -> None:
    shocks = drawn(scenario())
    logarithm = np.log(shocks.odds[:, :, 0])
    np.testing.assert_allclose(np.median(logarithm[:, :2], axis=0), 0.0, atol=0.03)
    np.testing.assert_allclose(logarithm[:, :2].std(axis=0), 0.5, atol=0.024)
    between = np.corrcoef(logarithm[:, 0], logarithm[:, 1])[0, 1]
    np.testing.assert_allclose(between, 0.4, atol=0.05)
    # One factor for a tier, none for a rival's customers, and nothing to do with the factor on margins.
    np.testing.assert_array_equal(logarithm[:, 0], logarithm[:, 2])
    assert (shocks.odds[:, 4] == 1.0).all()
    apart = np.corrcoef(logarithm[:, 0], np.log(shocks.factor[:, 0, 0]))[0, 1]
    np.testing.assert_allclose(apart, 0.0, atol=0.05)
    assert shocks.persistent
    assert shocks.odds.shape == (4096, 5, 3)


def test_margins_are_drawn_as_without_odds() -> None:
    np.testing.assert_allclose(drawn(scenario()).mean, 1.0, atol=1e-9)


def test_fresh_odds_and_odds_over_the_periods() -> None:
    new = fresh(scenario(), 3, 50)
    assert new is not None
    assert new.odds.std() > 0.1
    varying = drawn(scenario(autocorrelation=0.5))
    steps = np.corrcoef(np.log(varying.odds[:, 0, 0]), np.log(varying.odds[:, 0, 1]))[0, 1]
    np.testing.assert_allclose(steps, 0.5, atol=0.06)


def test_a_drawn_table_reads_back() -> None:
    for terms in ({"scenarios": 6}, {"scenarios": 6, "autocorrelation": 0.5}, {"scenarios": 64, "reduce_to": 4}):
        question = scenario(**terms)
        shocks = drawn(question)
        rows = as_table(shocks).astype(object).where(lambda table: table.notna(), None).to_dict("records")
        table = tuple(Shock.model_validate({**row, "scenario": str(row["scenario"])}) for row in rows)
        again = shock_set(question.model_copy(update={"risk": Risk(shocks=table, recourse=True)}))
        assert again is not None
        np.testing.assert_array_equal(again.odds, shocks.odds)
        np.testing.assert_array_equal(again.factor, shocks.factor)


def test_what_was_drawn_for_the_odds_can_be_described() -> None:
    shocks = drawn(scenario())
    odds = staying(shocks)
    assert odds is not None
    assert odds.segments == ("s0", "s1", "s2", "s3"), "a rival's customers have no odds of staying with us"
    table = describe(odds).set_index("group")
    assert table["segments"].tolist() == [2, 2]
    np.testing.assert_allclose(table["volatility"].to_numpy(dtype=float), 0.5, atol=0.024)
    assert staying(drawn(scenario()).calm()) is None
