"""The engine's answers stand up to the evaluation, or they are no answers."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest

from allocator import engine
from allocator.domain.errors import InternalError, InvalidInput, StoppedWithoutPlan
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import evaluate
from allocator.files import resolved_yaml
from allocator.solving import Solved, solve

CALLS = {
    "function": "service",
    "effort": {"levels": [1]},
    "cost": 1,
}


def shop(**changes: Any) -> Scenario:
    """A hundred customers worth 10 for one period; a call costs 1 and adds 2, and there is money for 50 calls.

    The best plan calls half of them: 1000 + 50 x (2 - 1) = 1050; nobody called gives 1000.
    """
    model = {
        "model": "shop",
        "period": "year",
        "discount_rate": 0.0,
        "segments": [{"segment": "gold", "customers": 100, "margin": 10}],
        "transitions": [],
        "levers": {"calls": CALLS},
        "responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 2}}],
    }
    question = {"scenario": "shop", "horizon": 1, "budgets": [{"name": "all", "amount": 50}], "model": model}
    return Scenario.model_validate({**question, **changes})


def called(share: float) -> Plan:
    treatment = {"segment": "gold", "period": 1, "share": share, "efforts": (("calls", 1.0),)}
    return Plan.model_validate({"treatments": [treatment]})


def answer(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the solver answer with other figures than it found."""

    def altered(scenario: Scenario, **keys: Any) -> Solved:
        return replace(solve(scenario, **keys), **changes)

    monkeypatch.setattr(engine, "solve", altered)


def test_an_answer_that_is_confirmed() -> None:
    result = engine.solve_scenario(shop())
    assert (result.status, result.customer_equity) == ("optimal", pytest.approx(1050.0))


@pytest.mark.parametrize("objective", [1050.0 * (1 + 2e-6), 1050.0 * (1 - 2e-6), float("nan")])
def test_an_objective_that_the_evaluation_does_not_find_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, objective: float
) -> None:
    answer(monkeypatch, objective=objective)
    with pytest.raises(InternalError, match="differ"):
        engine.solve_scenario(shop())


def test_a_plan_that_breaks_a_limit_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    # All called: 1000 + 100 x (2 - 1), and 100 spent of 50.
    answer(monkeypatch, plan=called(1.0), objective=1100.0)
    with pytest.raises(InternalError, match="breaks"):
        engine.solve_scenario(shop())


def test_nothing_is_written_of_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer(monkeypatch, objective=1060.0)
    path = tmp_path / "shop.yaml"
    path.write_text(engine.files.resolved_yaml(shop()), encoding="utf-8")
    with pytest.raises(InternalError):
        engine.run(path, tmp_path / "results")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"gap": -1.0}, "`gap` is `-1`"), ({"gap": float("nan")}, "`gap` is `nan`"), ({"threads": 0}, "`threads` is `0`")],
)
def test_settings_of_a_run_are_checked_like_the_scenario_s(tmp_path: Path, settings: Any, says: str) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(engine.files.resolved_yaml(shop()), encoding="utf-8")
    with pytest.raises(InvalidInput, match=says):
        engine.run(path, tmp_path / "results", **settings)


def no_time(scenario: Scenario, **_: Any) -> Solved:
    raise StoppedWithoutPlan("the time limit was reached before any plan was found")


@pytest.mark.parametrize(("objective", "bound"), [({}, inf), ({"kind": "spend", "target": 1040.0}, -inf)])
def test_where_time_ends_before_any_solve_the_plan_at_hand_is_the_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, objective: dict[str, Any], bound: float
) -> None:
    monkeypatch.setattr(engine, "solve", no_time)
    asked = shop(current_plan=called(0.4), objective=objective, solver={"worth": True})
    path = tmp_path / "shop.yaml"
    path.write_text(engine.files.resolved_yaml(asked), encoding="utf-8")
    outcome = engine.run(path, tmp_path / "results")
    result = outcome.result
    assert (result.plan, result.status, result.customer_equity) == (called(0.4), "stopped", pytest.approx(1040.0))
    assert (result.bound, result.gap) == (bound, inf)
    summary = json.loads((outcome.folder / "summary.json").read_text(encoding="utf-8"))
    assert (summary["bound"], summary["gap"], summary["current_plan_equity"]) == (None, None, pytest.approx(1040.0))
    assert "Nothing is proven yet" in outcome.report.read_text(encoding="utf-8")


@pytest.mark.parametrize("plan", [None, called(1.0)])
def test_without_a_current_plan_that_keeps_the_limits_it_is_to_do_nothing(
    monkeypatch: pytest.MonkeyPatch, plan: Plan | None
) -> None:
    monkeypatch.setattr(engine, "solve", no_time)
    result = engine.solve_scenario(shop(current_plan=plan))
    assert (result.plan, result.status, result.gap) == (Plan(), "stopped", inf)
    # To do nothing misses the target.
    with pytest.raises(StoppedWithoutPlan):
        engine.solve_scenario(shop(current_plan=plan, objective={"kind": "spend", "target": 1040.0}))


def test_a_better_plan_at_hand_is_returned_with_its_own_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    # Stopped at 40 called, 1040 with a bound of 1050; the plan at hand calls 50.
    answer(monkeypatch, plan=called(0.4), objective=1040.0, bound=1050.0, gap=10.0 / 1040.0, status="stopped")
    result = engine.solve_scenario(shop(current_plan=called(0.5)))
    assert result.plan == called(0.5)
    assert (result.customer_equity, result.gap, result.status) == (pytest.approx(1050.0), pytest.approx(0.0), "optimal")
    assert evaluate(shop(), result.plan).feasible


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_solved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def never(*given: Any, **keys: Any) -> None:
        raise AssertionError("solved")

    monkeypatch.setattr(engine, "solve_scenario", never)
    path = tmp_path / "shop.yaml"
    path.write_text(resolved_yaml(shop()), encoding="utf-8")
    with pytest.raises(InvalidInput, match="holds no results"):
        engine.run(path, tmp_path)
