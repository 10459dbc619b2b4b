"""What must hold on every example, on the quick ones; and the tables of the benchmark say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocator.api import Scenario
from allocator.benchmarking import Benchmark, BenchmarkSettings, benchmark
from allocator.policies import choose
from benchmarks.policies.sections import sections
from benchmarks.policies.unhurried import unhurried

SCENARIOS = Path(__file__).parents[2] / "scenarios"
EXAMPLES = ("telco-growth", "telco-risk", "operators-accounts")
RIVALS = ("current", "uniform", "by_clv", "product_centric", "greedy", "optimum")


@pytest.fixture(scope="module")
def found() -> Benchmark:
    scenarios = [Scenario.read(SCENARIOS / f"{name}.yaml") for name in EXAMPLES]
    return benchmark(scenarios, choose(RIVALS, unhurried), settings=BenchmarkSettings(replications=40, volatility=0.15))


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_optimum_is_ahead_of_all_that_keep_the_rules_and_the_bound_above_both(
    found: Benchmark, example: str
) -> None:
    scores = found.scores[found.scores["scenario"] == example].set_index("policy")
    optimum = scores.loc["optimum"]
    assert optimum["rules_broken"] == 0
    kept = scores[(scores["rules_broken"] == 0) & (scores["status"] == "planned")]
    assert (kept["equity"] <= optimum["equity"] * (1.0 + 1e-9)).all()
    assert optimum["equity"] <= optimum["bound"] * (1.0 + 1e-9)
    assert found.contradictions == ()


def test_planning_by_product_and_by_customer_lead_to_different_plans(found: Benchmark) -> None:
    places = found.placements[found.placements["scenario"] == "operators-accounts"]
    moved = places["difference"].abs().sum() / 2.0
    assert moved > 0.2 * places["by_product"].sum()


def test_the_tables_state_the_gain_with_its_interval_and_the_spend(found: Benchmark) -> None:
    tables = {section.name: section for section in sections(found, "command")}
    overall, examples = tables["policies-1-overall"], tables["policies-2-examples"]
    assert any("at least that of every policy that keeps the rules" in note for note in overall.notes)
    assert len(examples.table) == (found.scores["status"] == "planned").sum()
    row = examples.table.set_index(["scenario", "policy"]).loc["telco-growth", "In proportion to CLV"]
    gain = found.differences.set_index(["scenario", "policy"]).loc["telco-growth", "by_clv"]
    assert row["gain of the optimum over it, %"] == pytest.approx(100 * gain["gain"], abs=1e-3)
    assert row["from (95%)"] < row["gain of the optimum over it, %"] < row["to"]
    assert row["spend"] > 0
    assert any(note.startswith("telco-growth: a simpler policy is good enough here") for note in examples.notes)
    assert set(tables["policies-3-views"].table["view"]) == {"product", "customer"}
