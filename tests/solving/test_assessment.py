"""How good a plan really is: estimates that hold, gaps that bound, stability that tells."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from recourse_scenarios import keeping_in_two_weathers, two_weathers

from allocator.domain.errors import InvalidInput
from allocator.domain.plan import Plan
from allocator.domain.risk import Risk
from allocator.domain.scenario import Scenario
from allocator.evaluation import evaluate
from allocator.evaluation.out_of_sample import (
    cvar_estimate,
    fresh_shocks,
    mean_estimate,
    share_estimate,
)
from allocator.files import read_scenario
from allocator.reporting.assessment_page import assessment_study
from allocator.reporting.study import write_study
from allocator.solving.assessment import Assessment, assess
from allocator.solving.recourse import best_plan
from allocator.solving.valuing import Adapting, CarriedOut, Fixed

CASE = Path(__file__).parents[1] / "cases" / "risk" / "scenario.yaml"
DRAWN = {"generate": {"scenarios": 16, "volatility": 0.3, "by": "tier", "seed": 4}, "confidence": 0.75}


def drawn(**risk: object) -> Scenario:
    case = read_scenario(CASE)
    return case.model_copy(update={"risk": Risk.model_validate(DRAWN | risk)})


@pytest.fixture(scope="module")
def averse() -> Assessment:
    return assess(drawn(aversion=0.5), shocks=4_000, samples=4)


def test_estimates_of_a_known_distribution() -> None:
    # Uniform on [0, 1]: mean 1/2; the worst quarter lies below 1/4 and has mean 1/8; a tenth lies below 1/10.
    values = np.random.default_rng(5).random(20_000)
    for estimate, truth in (
        (mean_estimate(values), 0.5),
        (cvar_estimate(values, 0.75), 0.125),
        (share_estimate(values < 0.1), 0.1),
    ):
        assert estimate.low < truth < estimate.high
        assert 0.0 < estimate.error < 0.005


def test_intervals_cover_as_often_as_they_say() -> None:
    values = np.random.default_rng(6).random((400, 500))
    for estimated, truth in ((mean_estimate, 0.5), (lambda row: cvar_estimate(row, 0.75), 0.125)):
        estimates = [estimated(row) for row in values]
        covered = np.mean([estimate.low < truth < estimate.high for estimate in estimates])
        # 400 intervals of 95 percent: one standard error is 1.1 percent.
        assert 0.91 < covered < 0.99


def test_fresh_shocks_are_the_same_for_every_plan_and_seed_decides() -> None:
    question = drawn()
    nothing = Fixed(question, Plan())
    one = nothing.fresh(1_500, 1).equity
    assert len(one) == 1_500
    np.testing.assert_array_equal(one, nothing.fresh(1_500, 1).equity)
    assert (one != nothing.fresh(1_500, 2).equity).all()


def test_the_plan_is_never_better_than_the_best_of_a_sample(averse: Assessment) -> None:
    gaps = averse.gaps["gap"].to_numpy(dtype=float)
    assert len(gaps) == 4
    assert (gaps >= -1e-4 * abs(averse.evaluation.objective)).all()
    mean, bound = averse.gap
    assert mean == pytest.approx(gaps.mean())
    assert bound > mean


def test_in_sample_and_fresh_figures(averse: Assessment) -> None:
    figures = averse.figures.set_index("figure")
    assert figures.loc["mean", "in_sample"] == averse.evaluation.customer_equity
    assert figures.loc["CVaR", "in_sample"] == averse.evaluation.cvar
    assert (figures["low"] < figures["fresh"]).all()
    assert (figures["fresh"] < figures["high"]).all()
    assert figures.loc["CVaR", "fresh"] < figures.loc["mean", "fresh"]


def test_without_aversion_the_sample_does_not_matter() -> None:
    # Every sample has mean factors of one, so that all have the same best plan.
    found = assess(drawn(), shocks=100, samples=2)
    assert found.gaps["gap"].to_numpy(dtype=float) == pytest.approx([0.0, 0.0], abs=1.0)
    assert not found.stability["changes"].any()


def test_a_table_is_drawn_again() -> None:
    found = assess(read_scenario(CASE), Plan(), shocks=100, samples=3)
    assert (found.gaps["gap"] > 0.0).all(), "no effort is worse than the best plan"
    assert found.gaps["best"].nunique() == 3


def test_without_shocks_there_is_nothing_to_assess() -> None:
    calm = read_scenario(CASE).model_copy(update={"risk": Risk()})
    with pytest.raises(InvalidInput, match="no shocks"):
        assess(calm)


def test_the_page_and_the_tables(averse: Assessment, tmp_path: Path) -> None:
    page = write_study(assessment_study(averse), tmp_path / "out")
    assert "with 95 % confidence this plan is within" in page.read_text(encoding="utf-8")
    assert len(pd.read_csv(page.parent / "stability.csv")) == len(averse.stability)


def test_one_plan_says_nothing_about_stability(averse: Assessment, tmp_path: Path) -> None:
    gaps = averse.gaps.assign(best=averse.gaps["best"].where(averse.gaps["sample"] == 1))
    page = write_study(assessment_study(replace(averse, gaps=gaps)), tmp_path / "out").read_text(encoding="utf-8")
    assert f"On {len(gaps) - 1} of {len(gaps)} samples no plan at all meets the requirements." in page
    assert "from sample to sample" not in page
    assert "Stability" not in page


# With recourse (derived in test_recourse.py) the plan hires two heads: 5,500 in good weather, 1,500 in bad. A sample of
# the two weathers has both, and nothing is lost; or good weather alone, for which two heads are best, too; or bad
# weather alone, for which no head is: 2,000.


def test_where_treatments_adapt_the_commitments_are_valued() -> None:
    found = assess(two_weathers(), shocks=600, samples=6, seed=1)
    figures = found.figures.set_index("figure")
    mean = figures.loc["mean"]
    assert mean["in_sample"] == pytest.approx(3500.0)
    assert mean["low"] < 3500.0 < mean["high"]
    assert figures.loc["CVaR", "fresh"] == pytest.approx(1500.0)
    gaps = found.gaps.set_index("best")["gap"]
    assert set(gaps.index.to_numpy(dtype=float).round(6)) == {5500.0, 3500.0, 2000.0}
    assert gaps.to_numpy(dtype=float) == pytest.approx(np.where(gaps.index < 2500.0, 500.0, 0.0), abs=1e-6)
    heads = found.stability[found.stability["kind"] == "headcount"]
    assert heads["changes"].all()
    assert (heads["plan"] == 2.0).all()


def test_adapting_to_fresh_shocks_is_never_worse_than_what_is_stated_for_the_most_similar() -> None:
    terms = {"scenarios": 4, "volatility": 0.5, "keep_volatility": 0.4, "seed": 3}
    risk = Risk.model_validate({"generate": terms, "recourse": True, "confidence": 0.5})
    moving = [{"from": name, "to": name, "probability": 0.8} for name in ("gold", "silver")]
    question = two_weathers(model={"transitions": moving}).model_copy(update={"risk": risk})
    plan = best_plan(question).plan
    stated = CarriedOut(question, plan).fresh(12, 5)
    adapting = Adapting(question, plan, evaluate(question, plan), None).fresh(12, 5)
    assert adapting.keeps.all()
    assert (adapting.equity >= stated.equity * (1 - 1e-6)).all()
    assert adapting.equity.mean() > stated.equity.mean()


def test_where_commitments_leave_no_treatments_it_is_said() -> None:
    # In bad weather, 1 in 10, calls must keep 45 of 100 gold customers, and nobody is there to make them.
    question = keeping_in_two_weathers()
    found = assess(question, Plan(), shocks=500, samples=1)
    row = found.figures.set_index("figure").loc["probability that no treatments keep all limits"]
    assert row["low"] < 0.1 < row["high"]
    # Without heads nobody is called: in good weather 0.6 / 1.1 of gold stay, in bad weather 0.2 / 0.7.
    good, bad = (1600.0 + 1000.0 + 1000.0 * k * 0.5 / (k * 0.5 + 0.5) for k in (1.2, 0.4))
    mean = found.figures.set_index("figure").loc["mean"]
    assert mean["fresh"] == pytest.approx(good + row["fresh"] * (bad - good))
    page = assessment_study(found)
    assert any("no treatments" in sentence for sentence in page.sentences)


@pytest.mark.parametrize(
    ("changes", "good", "bad", "gap"),
    [
        # In each period of good weather that calls are made, 5 are paid: 5,490. Best in bad weather alone: no head.
        pytest.param({"model": {"levers": {"calls": {"setup": 5.0}}}}, 5490.0, 1500.0, 500.0, id="setup"),
        # Everyone is called twice in good weather, nobody in bad.
        pytest.param({"rules": [{"rule": "uniform"}]}, 5500.0, 1500.0, 500.0, id="uniform"),
        # Calls in the first period only: 2 heads earn 800 and cost 150 + 100 each, so none are hired: margins alone.
        pytest.param(
            {"rules": [{"rule": "active", "lever": "calls", "max": 0, "periods": 2}]}, 4400.0, 2000.0, 0.0, id="active"
        ),
    ],
)
def test_whole_numbers_in_each_shock_scenario(changes: dict[str, Any], good: float, bad: float, gap: float) -> None:
    found = assess(two_weathers(**changes), shocks=400, samples=6, seed=1)
    assert found.evaluation.tables.risk["equity"].to_numpy(dtype=float) == pytest.approx([good, bad])
    mean = found.figures.set_index("figure").loc["mean"]
    assert mean["in_sample"] == pytest.approx(0.5 * (good + bad))
    assert mean["low"] < 0.5 * (good + bad) < mean["high"]
    gaps = found.gaps.set_index("plan")["gap"]
    assert set(gaps.index.to_numpy(dtype=float).round(6)) == {good, 0.5 * (good + bad), bad}
    assert gaps[gaps.index < bad + 1.0].to_numpy(dtype=float) == pytest.approx(gap, abs=1e-6)


# Gold earns at most 2,800 and silver 1,600 in good weather; calls add 4 each to gold. In bad weather gold earns 400.
# Gold may earn 55 percent in the mean: 0.55 / 0.45 x 1,600 = 1,955.56. Without heads it earns 1,600, with one head of
# 200 calls 2,000 at most: what is too much is not earned, by fewer calls in good weather or calls at a loss in bad.
# One head: 1,955.56 + 1,600 - 250 = 3,305.56; two cost 250 more. Where a part q of shocks is good, one head earns
# 400 + 3,200 q of gold, or the 1,955.56 if that is more.

CONCENTRATED = {"rule": "concentration", "by": "segment", "max": 0.55}


def test_a_rule_on_customer_equity_holds_over_all_fresh_shocks() -> None:
    question = two_weathers(rules=[CONCENTRATED])
    found = assess(question, shocks=600, samples=2, seed=3)
    assert found.evaluation.customer_equity == pytest.approx(3305.56, abs=0.01)
    factors = np.concatenate([part.factor[:, 0, 0] for part in fresh_shocks(question, count=600, seed=3)])
    gold = min(400.0 + 3200.0 * float((factors > 1.0).mean()), 0.55 / 0.45 * 1600.0)
    figures = found.figures.set_index("figure")
    assert figures.loc["mean", "fresh"] == pytest.approx(gold + 1600.0 - 250.0)
    # Whatever the part, as long as the rule binds: what luck adds in good weather is not kept.
    assert gold == pytest.approx(1955.56, abs=0.01)
    assert figures.loc["mean", "high"] - figures.loc["mean", "low"] == pytest.approx(0.0, abs=1e-3)
    assert figures.loc["rule `concentration: gold`", "in_sample"] == pytest.approx(0.55)
    assert figures.loc["rule `concentration: gold`", "fresh"] == pytest.approx(gold / (gold + 1600.0))
    assert found.kept
    assert found.gaps["keeps_limits"].all()
    assert found.gaps["gap"].to_numpy(dtype=float) == pytest.approx(0.0, abs=1e-3)


def test_where_a_rule_on_customer_equity_cannot_be_kept_it_is_left_out_and_said() -> None:
    # Nobody is hired: gold earns 1,600 in the mean, of the 2,400 asked for.
    question = two_weathers(rules=[{"rule": "equity", "where": {"segment": "gold"}, "min": 2400.0}])
    found = assess(question, Plan(), shocks=100, samples=2)
    assert not found.kept
    # A sample of good weather alone gives gold 2,800.
    assert (found.gaps["keeps_limits"] == (found.gaps["plan"] > 4000.0)).all()
    assert found.figures.set_index("figure").loc["CVaR", "fresh"] == pytest.approx(2000.0)
    page = assessment_study(found)
    assert any("rules on customer equity" in sentence for sentence in page.sentences)


def test_a_limit_on_risk_weighs_on_what_all_shock_scenarios_share() -> None:
    # As above, but what is too much in the mean is not to be given up in bad weather: CVaR is that of bad weather, in
    # which the head earns nothing, 400 + 1,600 - 250 = 1,750. In good weather gold earns 2 x 1,955.56 - 400 = 3,511.11.
    question = two_weathers(rules=[CONCENTRATED], risk={"cvar_floor": 1750.0})
    plan = best_plan(question).plan
    outcome = Adapting(question, plan, evaluate(question, plan), None).on(question)
    assert outcome.equity == pytest.approx([3511.11 + 1600.0 - 250.0, 1750.0], abs=0.01)
    assert outcome.possible
