"""The Python API: every verb on one small question, held against what the files would give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import allocator
from allocator.api import Scenario
from allocator.domain.errors import InvalidInput
from allocator.domain.scenario import Scenario as DomainScenario
from allocator.policies import Policy


def market(**changes: Any) -> Scenario:
    """Two kinds of customers of ours, visits that keep them, 60 hours, and shocks by segment."""
    model = {
        "model": "market",
        "period": "year",
        "discount_rate": 0.1,
        "segments": [
            {"segment": "gold", "customers": 40, "margin": 100},
            {"segment": "iron", "customers": 100, "margin": 10},
        ],
        "transitions": [
            {"from": "gold", "to": "gold", "probability": 0.7},
            {"from": "iron", "to": "iron", "probability": 0.6},
        ],
        "resources": {"sales": {"kind": "labour", "function": "sales", "headcount": 1, "hours": 60, "wage": 300}},
        "levers": {"visits": {"function": "sales", "effort": {"max": 3}, "uses": {"sales": 1}}},
        "responses": [
            {"lever": "visits", "effect": "retention", "curve": {"curve": "adbudg", "high": 2, "half": 1, "shape": 1.5}}
        ],
    }
    risk = {"generate": {"scenarios": 8, "volatility": 0.3, "by": "segment"}, "confidence": 0.75}
    return Scenario.model_validate({"scenario": "small", "horizon": 2, "model": model, "risk": risk, **changes})


def test_a_change_is_checked_and_solved_again() -> None:
    before = market(budgets=[{"name": "all", "amount": 2000}])
    after = before.changed(
        horizon=3, budgets=[], overrides={"segments": {"gold": {"margin": 110}}, "levers": {"visits": {"cost": 2}}}
    )
    assert (after.horizon, after.budgets, after.model.segments[0].margin) == (3, (), 110.0)
    assert (after.model.levers["visits"].cost, after.risk) == (2.0, before.risk)
    found = allocator.solve(after)
    assert found.customer_equity > allocator.solve(before).customer_equity
    assert isinstance(found.tables.allocation, pd.DataFrame)
    assert before == market(budgets=[{"name": "all", "amount": 2000}])
    with pytest.raises(InvalidInput) as caught:
        before.changed(solver={"gap": -1}, budgets=[{"name": "calls", "amount": 1, "levers": ["calls"]}], horizn=3)
    assert len(caught.value.mistakes) == 3


def test_a_plan_is_made_of_a_frame_or_a_file(tmp_path: Path) -> None:
    columns = ["kind", "name", "segment", "period", "value", "share"]
    frame = pd.DataFrame([("effort", "visits", "gold", 1, 2.0, 0.25)], columns=columns)
    frame.to_csv(tmp_path / "plan.csv", index=False)
    plan = market().plan(frame)
    assert plan == market().plan(tmp_path / "plan.csv")
    assert plan.treatments[0].efforts == (("visits", 2.0),)
    with pytest.raises(InvalidInput, match="visit`"):
        market().plan(frame.assign(name="visit"))
    with pytest.raises(InvalidInput, match=r"plan\.0\.value"):
        market().plan(frame.assign(value=-1.0))


def test_what_is_no_scenario_or_plan_is_refused_by_type() -> None:
    for verb in (allocator.solve, allocator.frontier, allocator.sensitivity, allocator.assess, allocator.benchmark):
        with pytest.raises(TypeError, match="a Scenario is needed, not str"):
            verb("scenario.yaml")  # type: ignore[operator]
    for verb in (allocator.evaluate, allocator.simulate):
        with pytest.raises(TypeError, match="a Plan is needed, not DataFrame"):
            verb(market(), pd.DataFrame())  # type: ignore[operator]
    tables = {"segments": pd.DataFrame(), "transitions": []}
    with pytest.raises(TypeError, match="`transitions` is a list"):
        Scenario.from_frames(**tables, model={}, scenario={})


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: allocator.frontier(market(), points=1), "`points` is 1; it must be at least 2"),
        (lambda: allocator.sensitivity(market(), change=1.5), "`change` is 1.5; it must be between"),
        (lambda: allocator.sensitivity(market(), change=float("nan")), "`change` is nan"),
        (lambda: allocator.sensitivity(market(), solved=-1), "`solved` is -1"),
        (lambda: allocator.assess(market(), shocks=1), "`shocks` is 1"),
        (lambda: allocator.assess(market(), samples=-1), "`samples` is -1"),
        (lambda: allocator.simulate(market(), allocator.Plan(), replications=0), "at least 1"),
        (lambda: allocator.simulate(market(), allocator.Plan(), response_error=float("nan")), "at least 0"),
        (lambda: allocator.simulate(market(), allocator.Plan(), shocks="new"), "not `new`"),  # type: ignore[arg-type]
        (lambda: allocator.benchmark(market(), "uniform", replications=1), "at least 2"),
        (lambda: allocator.benchmark(market(), "uniform", shocks="new"), "not `new`"),  # type: ignore[arg-type]
        (lambda: allocator.benchmark([], "uniform"), "no scenario"),
    ],
)
def test_numbers_out_of_range_are_refused_before_any_work(ask: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ask()


def test_what_is_no_policy_is_refused_by_type() -> None:
    with pytest.raises(TypeError, match="`policies` is a int"):
        allocator.benchmark(market(), [3])  # type: ignore[list-item]


def test_a_frontier_begins_at_the_best_plan() -> None:
    best, found = allocator.solve(market()), allocator.frontier(market(), points=3)
    assert found.points[0].equity == pytest.approx(best.customer_equity, rel=1e-4)
    assert found.table()["customer_equity"].is_monotonic_decreasing
    assert found.evaluation(found.points[-1]).cvar == found.points[-1].cvar


def test_sensitivity_changes_every_input() -> None:
    found = allocator.sensitivity(market(), change=0.1, solved=0)
    assert set(found.table["kind"]) == {"response", "margin", "retention"}
    assert len(found.table) == 1 + 2 + 2


def test_assess_takes_a_plan_or_finds_one() -> None:
    nothing = allocator.assess(market(), allocator.Plan(), shocks=20, samples=2)
    best = allocator.assess(market(), shocks=20, samples=2)
    assert nothing.gap[0] > 0.0
    assert best.evaluation.customer_equity > nothing.evaluation.customer_equity


def test_simulate_gives_the_expected_equity_on_average() -> None:
    plan = allocator.Plan()
    lives = allocator.simulate(market(), plan, replications=400, shocks=None, seed=3)
    expected = allocator.evaluate(market(), plan).customer_equity
    error = lives.equity.std() / np.sqrt(len(lives.equity))
    assert abs(lives.equity.mean() - expected) < 4.0 * error


class Always:
    """A policy of one's own: one visit to every gold customer."""

    name = "always"
    title = "One visit to gold"

    def plan(self, scenario: DomainScenario) -> allocator.Plan:
        visit = {"segment": "gold", "share": 1.0, "efforts": (("visits", 1.0),)}
        return allocator.Plan.model_validate({"treatments": [visit | {"period": t} for t in (1, 2)]})


def test_benchmark_takes_names_and_policies() -> None:
    assert isinstance(Always(), Policy)
    found = allocator.benchmark(market(), ["uniform", Always()], replications=10)
    assert found.scores["policy"].tolist() == ["no_effort", "uniform", "always"]
    assert (found.scores["status"] == "planned").all()


def test_a_verb_refuses_what_does_not_fit_together() -> None:
    wrong = market(budgets=[{"name": "calls", "amount": 1, "levers": ["calls"]}])
    for verb in (allocator.frontier, allocator.sensitivity, allocator.assess, allocator.benchmark):
        with pytest.raises(InvalidInput, match="calls"):
            verb(wrong)
    with pytest.raises(InvalidInput, match="calls"):
        allocator.simulate(wrong, allocator.Plan())
