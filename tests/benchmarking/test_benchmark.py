"""The benchmark: same numbers however it is run, picked up where it was stopped, and what the tables say."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.benchmarking import Benchmark, BenchmarkSettings, benchmark, write_tables
from allocator.benchmarking.run import CHUNK, UNITS
from allocator.benchmarking.store import Store
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.engine import solve_scenario
from allocator.evaluation import Evaluator
from allocator.policies import NotApplicable, choose
from allocator.policies.greedy import Greedy
from allocator.policies.optimum import Optimum

Market = Callable[..., Scenario]
FEW = BenchmarkSettings(replications=40)
TIMES = ["seconds"]


class Broken:
    """A policy that promises more than there is."""

    name = "lavish"
    title = "Lavish"

    def plan(self, scenario: Scenario) -> Plan:
        treatment = {"segment": "gold", "period": 1, "share": 1, "efforts": [("visits", 3)]}
        return Plan.model_validate({"treatments": [treatment]})


class Bold(Broken):
    """Visits within the hours, whatever rules say."""

    title = "Bold"

    def plan(self, scenario: Scenario) -> Plan:
        treatment = {"segment": "gold", "period": 1, "share": 1, "efforts": [("visits", 1)]}
        return Plan.model_validate({"treatments": [treatment]})


class Shy(Broken):
    name = "shy"
    title = "Shy"

    def plan(self, scenario: Scenario) -> Plan:
        raise NotApplicable("needs more courage")


class Best:
    """A stand-in for the solver: the greedy plan, with a bound that is stated to be 10 percent higher."""

    def __init__(self, scenario: Scenario) -> None:
        self.plan = Greedy().plan(scenario)
        evaluator = Evaluator(scenario)
        self.objective = evaluator.equity(evaluator.run(self.plan))
        self.bound = 1.1 * self.objective


class Lazy(Best):
    """An optimum that stopped with nothing done, and a bound that holds."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.plan = Plan()


class Worst(Lazy):
    """The same with a bound that does not hold."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.bound = 0.5 * self.objective


def same(one: Benchmark, other: Benchmark) -> None:
    for name in ("scores", "differences", "overall", "scorecard"):
        first, second = (getattr(b, name).drop(columns=TIMES, errors="ignore") for b in (one, other))
        pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert one.verdicts == other.verdicts


def test_numbers_do_not_depend_on_workers_or_executor(market: Market) -> None:
    policies = choose(["uniform", "by_clv"])
    settings = BenchmarkSettings(replications=CHUNK + 20)
    alone = benchmark([market()], policies, settings=settings)
    same(alone, benchmark([market()], policies, settings=settings, workers=2))
    with ThreadPoolExecutor(2) as pool:
        same(alone, benchmark([market()], policies, settings=settings, executor=pool))


def test_a_stopped_benchmark_goes_on_where_it_was(market: Market, tmp_path: Path) -> None:
    policies = choose(["uniform", "by_clv"])
    whole = benchmark([market()], policies, settings=FEW)
    units = 0

    def stop(done: int, total: int, label: str) -> None:
        nonlocal units
        units = done
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        benchmark([market()], policies, settings=FEW, out=tmp_path, progress=stop)
    assert len(list((tmp_path / UNITS).iterdir())) == units == 2
    left: list[int] = []
    resumed = benchmark([market()], policies, settings=FEW, out=tmp_path, progress=lambda d, n, _: left.append(n))
    assert left[0] == 1  # of three plans
    same(whole, resumed)
    again: list[int] = []
    benchmark([market()], policies, settings=FEW, out=tmp_path, progress=lambda d, n, _: again.append(n))
    assert again == [0, 0]


def test_a_changed_input_is_done_again_and_a_torn_file_too(market: Market, tmp_path: Path) -> None:
    policies = choose(["uniform"])
    benchmark([market()], policies, settings=FEW, out=tmp_path)
    seen: list[int] = []
    benchmark([market(horizon=1)], policies, settings=FEW, out=tmp_path, progress=lambda d, n, _: seen.append(n))
    assert seen[0] == 2
    torn = sorted((tmp_path / UNITS).iterdir())[0]
    torn.write_text(torn.read_text()[:-5])
    again: list[int] = []
    for question in (market(), market(horizon=1)):
        benchmark([question], policies, settings=FEW, out=tmp_path, progress=lambda d, n, _: again.append(n))
    assert sum(again) > 0


def test_a_record_is_whole_or_not_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(AttributeError):
        store.put("key", object())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_scores_of_a_policy_are_those_of_its_plan(market: Market) -> None:
    question = market()
    found = benchmark([question], choose(["greedy"]), settings=FEW)
    scores = found.scores.set_index("policy")
    assert list(scores.index) == ["no_effort", "greedy"]
    evaluator = Evaluator(question)
    trajectory = evaluator.run(Greedy().plan(question))
    assert scores.loc["greedy", "equity"] == evaluator.equity(trajectory)
    assert scores.loc["greedy", "hours"] == pytest.approx(120)
    assert scores.loc["greedy", "share_of_optimum"] == 1.0
    assert scores.loc["no_effort", "share_of_gain"] == 0.0
    lives = found.lives["small", "greedy"]
    # The worst fifth of 40 equally likely lives are the lowest 8.
    assert scores.loc["greedy", "cvar"] == pytest.approx(np.sort(lives)[:8].mean())
    idle = found.lives["small", "no_effort"]
    assert scores.loc["greedy", "loss_probability"] == (lives < idle).mean()
    assert scores.loc["greedy", "standard_error"] == pytest.approx(lives.std(ddof=1) / np.sqrt(40))


def test_differences_are_paired(market: Market) -> None:
    found = benchmark([market()], choose(["uniform", "greedy"]), settings=FEW)
    row = found.differences.set_index("policy").loc["uniform"]
    gaps = found.lives["small", "greedy"] - found.lives["small", "uniform"]
    assert row["reference"] == "greedy"
    assert row["difference"] == pytest.approx(gaps.mean())
    # 97.5 percent of Student's t with 39 degrees of freedom lie below 2.0227.
    assert row["high"] - row["low"] == pytest.approx(2 * 2.0227 * gaps.std(ddof=1) / np.sqrt(40), rel=1e-4)
    unpaired = found.lives["small", "greedy"].var() + found.lives["small", "uniform"].var()
    assert gaps.var() < unpaired


def test_the_optimum_is_the_reference_and_brings_its_bound(market: Market) -> None:
    found = benchmark([market()], [*choose(["by_clv"]), Optimum(Best)], settings=FEW)
    scores = found.scores.set_index("policy")
    assert scores.loc["optimum", "bound"] == pytest.approx(1.1 * scores.loc["optimum", "equity"])
    assert set(found.differences["reference"]) == {"optimum"}


def test_broken_limits_and_missing_plans_are_said(market: Market) -> None:
    found = benchmark([market()], [*choose(["by_clv"]), Broken(), Shy()], settings=FEW)
    scores = found.scores.set_index("policy")
    assert scores.loc["lavish", "rules_broken"] == 1
    assert "60" in scores.loc["lavish", "broken"]
    assert not found.differences.set_index("policy").loc["lavish", "good_enough"]
    assert (scores.loc["shy", "status"], scores.loc["shy", "message"]) == ("not applicable", "needs more courage")
    assert "shy" not in set(found.overall["policy"])


def test_both_views_of_a_plan(market: Market) -> None:
    # One period, nothing done: sales are 40 x 200 + 100 x 60, margin 40 x 100 + 100 x 10; of 140 customers 28 + 60
    # stay, while 54 + 4 are the rival's; `nobody` does not count.
    question = market(horizon=1, terminal="none", risk={})
    card = benchmark([question], choose(["no_effort"]), settings=FEW).scorecard.iloc[0]
    assert card["sales"] == pytest.approx(14_000)
    assert card["product_margin"] == pytest.approx(5_000)
    assert card["market_share"] == pytest.approx(88 / 146)
    assert card["customer_margin"] == pytest.approx(5_000 / 140)
    assert card["customer_equity"] == pytest.approx(5_000 - 300)
    # What the rival's 60 customers earn it: 60 x 50.
    assert card["customer_equity_share"] == pytest.approx(5_000 / 8_000)


def test_verdicts_name_what_is_good_enough(market: Market) -> None:
    questions = [market("first"), market("second", horizon=1)]
    found = benchmark(questions, [*choose(["uniform", "greedy"]), Optimum(Best)], settings=FEW)
    assert any("good enough here" in text and "Greedy" in text for text in found.verdicts)
    assert any(text.startswith("Greedy") and "good enough in 2 of 2 scenarios" in text for text in found.verdicts)
    assert found.overall.set_index("policy").loc["greedy", "gain"] == 0.0
    # The only one left is named once, not as both ends of a range.
    assert any(text.startswith("first: the gain over The same for every segment is ") for text in found.verdicts)


def test_tables_are_written(market: Market, tmp_path: Path) -> None:
    found = benchmark([market()], [*choose(["uniform"]), Shy()], settings=FEW)
    content = json.loads(write_tables(found, tmp_path).read_text())
    assert content["settings"] == {
        "replications": 40,
        "shocks": "fresh",
        "seed": 0,
        "volatility": 0.0,
        "response_error": 0.0,
    }
    assert [row["policy"] for row in content["scores"]] == ["no_effort", "uniform", "shy"]
    assert pd.read_csv(tmp_path / "scores.csv")["policy"].tolist() == ["no_effort", "uniform", "shy"]
    assert {path.name for path in tmp_path.glob("*.csv")} == {
        "adaptation.csv",
        "scores.csv",
        "differences.csv",
        "overall.csv",
        "scorecard.csv",
        "views.csv",
        "placements.csv",
    }


def test_shocks_of_the_settings_are_for_scenarios_that_state_none(market: Market) -> None:
    # A life's spread is that of customers' chance alone, unless margins swing as well; plans do not change.
    stated, silent = market("stated"), market("silent", risk={})
    calm = benchmark([stated, silent], choose(["uniform"]), settings=FEW)
    rough = benchmark(
        [stated, silent], choose(["uniform"]), settings=BenchmarkSettings(replications=40, volatility=0.5)
    )
    assert calm.scores["equity"].tolist() == rough.scores["equity"].tolist()
    assert calm.lives["stated", "uniform"].tolist() == rough.lives["stated", "uniform"].tolist()
    assert rough.lives["silent", "uniform"].std() > 2 * calm.lives["silent", "uniform"].std()


def test_responses_off_what_was_judged_spread_the_lives(market: Market) -> None:
    """Plans are made for the judged responses; who does nothing cannot be wrong about what it does."""
    judged, wrong = (
        benchmark([market()], choose(["uniform"]), settings=BenchmarkSettings(40, shocks=None, response_error=error))
        for error in (0.0, 0.8)
    )
    assert judged.scores["equity"].tolist() == wrong.scores["equity"].tolist()
    assert wrong.lives["small", "uniform"].std() > 1.5 * judged.lives["small", "uniform"].std()
    assert judged.lives["small", "no_effort"].tolist() == wrong.lives["small", "no_effort"].tolist()


def test_gain_is_the_ratio_of_mean_equities(market: Market) -> None:
    found = benchmark([market()], choose(["uniform", "greedy"]), settings=FEW)
    row = found.differences.set_index("policy").loc["uniform"]
    best, rival = found.lives["small", "greedy"], found.lives["small", "uniform"]
    assert row["gain"] == pytest.approx(best.mean() / rival.mean() - 1.0)
    # The delta method's interval covers what leaving out one life at a time gives (the jackknife), nearly.
    left = [np.delete(best, i).mean() / np.delete(rival, i).mean() for i in range(40)]
    error = np.sqrt(39 / 40 * np.square(np.array(left) - np.mean(left)).sum())
    assert row["gain_high"] - row["gain_low"] == pytest.approx(2 * 2.0227 * error, rel=0.05)


def test_a_policy_that_keeps_every_limit_and_is_ahead_is_said(market: Market) -> None:
    found = benchmark([market()], [*choose(["greedy"]), Optimum(Worst)], settings=FEW)
    said = "small: Greedy by equity per scarce unit keeps every limit and is beyond the proven bound."
    assert said in found.contradictions
    assert "small: Optimum keeps every limit and is beyond the proven bound." in found.contradictions
    assert found.verdicts[0] == found.contradictions[0]
    lazy = benchmark([market()], [*choose(["greedy"]), Optimum(Lazy)], settings=FEW)
    assert [text.split(" keeps")[1] for text in lazy.contradictions] == [
        " every limit and is ahead of the optimum, within its gap."
    ]
    assert benchmark([market()], [*choose(["greedy"]), Optimum(Best)], settings=FEW).contradictions == ()


def test_a_policy_that_is_ahead_by_breaking_a_rule_is_shown_as_breaking_it(market: Market) -> None:
    question = market(rules=[{"rule": "effort", "lever": "visits", "max": 0, "periods": [1]}])
    found = benchmark([question], [Bold(), Optimum(Lazy)], settings=FEW)
    scores = found.scores.set_index("policy")
    assert scores.loc["lavish", "equity"] > scores.loc["optimum", "equity"]
    assert scores.loc["lavish", "rules_broken"] == 1
    assert any("Bold is" in text and "ahead, but breaks 1 limit." in text for text in found.verdicts)
    assert found.contradictions == ()


def test_planned_by_product_and_by_customer_stand_side_by_side(market: Market) -> None:
    found = benchmark([market()], [*choose(["product_centric"]), Optimum(Best)], settings=FEW)
    cards, seen = found.scorecard.set_index("policy"), found.views.set_index("measure")
    assert seen.loc["customer_equity", "by_product"] == cards.loc["product_centric", "customer_equity"]
    assert seen.loc["customer_equity", "by_customer"] == cards.loc["optimum", "customer_equity"]
    assert seen.loc["sales", "view"] == "product"
    # 60 hours in each of two years at 300 / 60 money an hour, whoever gets them.
    places = found.placements
    assert places["by_product"].sum() == pytest.approx(2 * 300)
    assert places["by_customer"].sum() == pytest.approx(2 * 300)
    assert any("planned by customer instead of by product" in text for text in found.verdicts)


def test_recourse_is_left_out(market: Market) -> None:
    """Both plans are made: the odds of staying, which only recourse can follow, are left out with it."""
    risk = {"generate": {"scenarios": 4, "volatility": 0.2, "keep_volatility": 0.3}, "recourse": True}
    found = benchmark([market(risk=risk)], choose(["uniform"]), settings=FEW)
    assert found.scores["status"].tolist() == ["planned", "planned"]
    assert found.adaptation.empty, "without the optimum there is nothing to add to"


def test_what_adapting_would_add_stands_beside_the_optimum(market: Market) -> None:
    """In one of two shock scenarios gold earns nothing, and who is visited changes with it."""
    shocks = [
        {"scenario": "calm", "probability": 0.5, "segment": "gold", "factor": 1.0},
        {"scenario": "turned", "probability": 0.5, "segment": "gold", "factor": 0.0},
    ]
    question = market(risk={"shocks": shocks, "recourse": True})
    found = benchmark([question], [Optimum(solve_scenario)], settings=FEW)
    row = found.adaptation.iloc[0]
    once, adapting = solve_scenario(_one_plan(question)), solve_scenario(question)
    # Where shocks touch margins alone, the plan made once earns the same in either reading.
    assert row["one_plan"] == pytest.approx(once.objective)
    assert row["adapting"] == pytest.approx(adapting.objective)
    assert row["gain"] == pytest.approx(adapting.objective - once.objective)
    assert row["gain"] > 0.001 * once.objective
    assert any("Treatments that adapt to them would add" in sentence for sentence in found.verdicts)


def _one_plan(question: Scenario) -> Scenario:
    return question.model_copy(update={"risk": question.risk.with_one_plan()})


@pytest.mark.parametrize(
    ("change", "message"),
    [({"workers": 0}, "workers"), ({"twice": True}, "same name")],
)
def test_wrong_calls(market: Market, change: dict[str, object], message: str) -> None:
    questions = [market()] * (2 if change.pop("twice", False) else 1)
    with pytest.raises(ValueError, match=message):
        benchmark(questions, choose(["uniform"]), settings=FEW, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["volatility", "response_error"])
def test_no_deviation_is_negative(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must not be negative"):
        BenchmarkSettings(**{name: -0.1})


def test_two_replications_at_least() -> None:
    with pytest.raises(ValueError, match="replications"):
        BenchmarkSettings(replications=1)
