"""Least spend and target returns on fresh shocks and other samples, derived by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recourse_scenarios import two_weathers
from tiny_scenario import merged, tiny

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.out_of_sample import ratio_estimate
from allocator.reporting.assessment_page import assessment_study
from allocator.solving.assessment import assess

BENT = {"curve": "points", "efforts": [0, 1, 2], "values": [0, 5, 9]}


def between(low: float, high: float, **changes: Any) -> Scenario:
    """Gold has margin 1; the first call of a customer adds 5, the second 4, each for 3. What gold earns is multiplied
    by ``low`` or ``high``, each as likely. Gold and silver earn 200 f + 1,600, wages are 100."""
    responses = [{"lever": "calls", "effect": "margin_add", "curve": BENT}]
    segments = [
        {"segment": "gold", "customers": 100, "margin": 1.0},
        {"segment": "silver", "customers": 200, "margin": 4.0},
    ]
    shocks = [
        {"scenario": name, "probability": 0.5, "segment": "gold", "factor": factor}
        for name, factor in (("low", low), ("high", high))
    ]
    base = {"risk": {"shocks": shocks}, "model": {"responses": responses, "segments": segments}}
    return tiny(**merged(base, changes))


def called_twice(share: float) -> Plan:
    """Two calls in each period for a share of gold."""
    rows = [{"segment": "gold", "period": t, "share": share, "efforts": (("calls", 2.0),)} for t in (1, 2)]
    return Plan.model_validate({"treatments": rows})


SPEND = {"kind": "spend", "target": 1760.0}


def test_the_least_spend_for_an_equity_lacks_nothing_on_any_sample() -> None:
    # f = 0.9 in the mean: 1,680 without calls, and the first call earns 1.5. 80 more equity: 53.3 calls, 160 of cash.
    # f = 0.8: 100 calls at 1 each, 300 of cash, 3 for each unit of equity; f = 1: 30 calls at 2 each, 90, and 1.5. The
    # 53.3 calls then earn 46.7 too little, at 3 each, or 46.7 too much, at 1.5: 300 and 90 as well.
    found = assess(between(0.8, 1.0, objective=SPEND), shocks=500, samples=6, seed=1)
    assert found.evaluation.cost == pytest.approx(260.0)
    gaps = found.gaps.set_index("target")
    assert set(gaps.index.to_numpy(dtype=float).round(1)) == {1713.3, 1760.0, 1806.7}
    assert gaps["gap"].to_numpy(dtype=float) == pytest.approx(0.0, abs=1e-6)
    assert gaps["best"].to_numpy(dtype=float) == pytest.approx(
        np.select([gaps.index < 1750.0, gaps.index > 1770.0], [400.0, 190.0], 260.0)
    )
    assert gaps["target_price"].to_numpy(dtype=float) == pytest.approx(
        np.select([gaps.index < 1750.0, gaps.index > 1770.0], [3.0, 1.5], 2.0)
    )
    assert (gaps["keeps_limits"] == (gaps.index > 1750.0)).all()


def test_what_spends_too_much_for_its_equity_lacks_that() -> None:
    # Two calls each for half of gold: 600 of cash, and 9 f - 6 for each of 100: 130 above the target where f = 0.9.
    # At 2 of cash each that is 440 of spend, 180 above the least.
    question = between(0.8, 1.0, objective=SPEND)
    found = assess(question, called_twice(0.5), shocks=500, samples=6, seed=1)
    gaps = found.gaps.set_index("target")["gap"]
    assert gaps[gaps.index.to_numpy().round(6) == 1890.0].to_numpy(dtype=float) == pytest.approx(180.0)
    figures = found.figures.set_index("figure")
    assert figures.loc["discounted cash", ["in_sample", "fresh", "low", "high"]].tolist() == pytest.approx([700.0] * 4)
    page = assessment_study(found)
    assert "The equity of 1,760 is reached on fresh shocks, beyond chance." in page.sentences
    assert any("least spend" in sentence for sentence in page.sentences)


def test_a_return_on_spend() -> None:
    # f = 0.8: the first calls earn 1 for 3, the second 0.2 for 3; (1 + 0.2 x) / (3 + 3 x) = 1/4 at x = 5/11. f = 1.4: 4
    # and 2.6, everyone is called twice. f = 0.2: nobody is, and the plan loses 2 and 2.2 x on each of 200.
    found = assess(between(0.2, 1.4, objective={"kind": "return", "target": 0.25}), shocks=500, samples=6, seed=1)
    gaps = found.gaps.set_index("target")["gap"]
    good, bad = 200.0 * 2.6 * 6.0 / 11.0, 200.0 * (2.0 + 2.2 * 5.0 / 11.0)
    expected = np.select([gaps.index > 0.3, gaps.index < 0.2], [good, bad], 0.0)
    assert gaps.to_numpy(dtype=float) == pytest.approx(expected, abs=1e-6)
    assert set(expected) == {0.0, good, bad}
    row = found.figures.set_index("figure").loc["return on spend"]
    assert row["in_sample"] == pytest.approx(0.25)
    assert row["low"] < 0.25 < row["high"]
    assert any("is a matter of chance" in sentence for sentence in assessment_study(found).sentences)


def test_who_spends_nothing_has_no_return() -> None:
    found = assess(between(0.2, 1.0, objective={"kind": "return", "target": 0.25}), shocks=50, samples=1)
    assert found.evaluation.cost == pytest.approx(100.0)
    assert found.figures.set_index("figure").loc["return on spend", ["in_sample", "fresh"]].isna().all()
    assert any("no return on spend" in sentence for sentence in assessment_study(found).sentences)


# With recourse (derived in test_recourse.py) two heads cost 500; in good weather a call earns 4 for 3. Without them the
# mean is 3,200. 200 more of the 300 that they can bring: 350 calls, 1,050 of cash in good weather.


def test_treatments_adapt_so_as_to_reach_the_target() -> None:
    found = assess(two_weathers(objective={"kind": "spend", "target": 3400.0}), shocks=400, samples=6, seed=1)
    assert found.evaluation.cost == pytest.approx(500.0 + 0.5 * 1050.0)
    figures = found.figures.set_index("figure")
    assert figures.loc["mean", "fresh"] == pytest.approx(3400.0)
    # Where a part q of the fresh shocks is good: 2,000 + 2,400 q without calls, less 500, and 4 for each 3 of cash.
    good = _good(float(figures.loc["discounted cash", "fresh"]))
    assert figures.loc["discounted cash", "low"] < 1025.0 < figures.loc["discounted cash", "high"]
    assert 0.4 < good < 0.6
    gaps = found.gaps.set_index("plan")
    # In good weather alone nobody need be hired: 500 too much. In bad weather alone 3,400 is out of reach.
    assert gaps.loc[gaps["target"] > 3400.1, "gap"].to_numpy(dtype=float) == pytest.approx(500.0)
    assert gaps.loc[gaps["target"] < 3399.9, "gap"].isna().all()
    assert not gaps.loc[gaps["target"] < 3399.9, "keeps_limits"].any()
    assert any("Treatments reach the equity of 3,400" in sentence for sentence in assessment_study(found).sentences)


def _good(cash: float) -> float:
    """The part of good weather at which 3,400 takes so much cash."""
    return (3400.0 - 1500.0 - 4.0 / 3.0 * (cash - 500.0)) / 2400.0


def test_where_treatments_cannot_reach_the_target_they_earn_the_most() -> None:
    # Nobody is hired, nobody is called: 3,200 in the mean. A return is of what is spent beyond no effort.
    question = two_weathers(objective={"kind": "spend", "target": 3600.0})
    found = assess(question, Plan(), shocks=200, samples=1)
    assert found.target is not None
    assert found.target.value == pytest.approx(found.figures.set_index("figure").loc["mean", "fresh"])
    assert any("No treatments reach the equity of 3,600" in sentence for sentence in assessment_study(found).sentences)


def test_a_return_where_treatments_adapt() -> None:
    # Two heads and all 400 calls in good weather bring 300 for 1,100; on fresh shocks, q good ones, q x 1,600 - 500 for
    # 500 + 1,200 q, of the sample's own no effort.
    found = assess(two_weathers(objective={"kind": "return", "target": 0.25}), shocks=400, samples=2, seed=1)
    row = found.figures.set_index("figure").loc["return on spend"]
    assert row["in_sample"] == pytest.approx(300.0 / 1100.0)
    good = (500.0 + 500.0 * row["fresh"]) / (1600.0 - 1200.0 * row["fresh"])
    assert good * 400.0 == pytest.approx(round(good * 400.0), abs=1e-3)
    assert 0.4 < good < 0.6


def test_a_ratio_of_means() -> None:
    # Twice what it is a part of, with errors of standard deviation 1 around it: the mean of bases is 1.5.
    random = np.random.default_rng(3)
    bases = 1.0 + random.random(10_000)
    estimate = ratio_estimate(2.0 * bases + random.standard_normal(10_000), bases)
    assert estimate.low < 2.0 < estimate.high
    assert estimate.error == pytest.approx(0.01 / 1.5, rel=0.05)
