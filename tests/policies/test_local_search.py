"""The exact model's gradients, and what local search makes of its start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from allocator.domain.scenario import Scenario
from allocator.evaluation import Evaluator
from allocator.files import read_scenario
from allocator.policies import NotApplicable
from allocator.policies.exact_model import ExactModel
from allocator.policies.local_search import LocalSearch
from allocator.policies.mechanics import Setting
from allocator.policies.mechanics.choice import best_draft
from allocator.policies.mechanics.commitments import Ground
from allocator.policies.proportional import EqualSplit, Uniform

CASES = Path(__file__).parents[1] / "cases"


@pytest.mark.parametrize("case", ["everything", "rules"])
def test_gradients_are_those_of_the_model(case: str) -> None:
    setting = Setting(read_scenario(CASES / case / "scenario.yaml"))
    draft = best_draft(setting, EqualSplit())
    model = ExactModel(setting, Ground(setting, draft.commitments), draft.amounts > 0.0)
    random = np.random.default_rng(0)
    used = draft.amounts > 0.0
    amounts = np.where(used, 0.9 * draft.amounts + 0.01 * random.random(draft.amounts.shape), 0.0)
    values = model(amounts)
    step = 1e-6
    for t, item in random.permutation(np.argwhere(used))[:6]:
        up, down = amounts.copy(), amounts.copy()
        up[t, item] += step
        down[t, item] -= step
        higher, lower = model(up), model(down)
        slope = (higher.equity - lower.equity) / (2 * step)
        assert values.equity_gradient[t, item] == pytest.approx(slope, rel=1e-4, abs=1e-6 * abs(values.equity))
        slopes = (higher.left - lower.left) / (2 * step)
        np.testing.assert_allclose(values.left_gradient[:, t, item], slopes, rtol=1e-4, atol=1e-6)


def test_the_model_agrees_with_the_evaluation() -> None:
    setting = Setting(read_scenario(CASES / "everything" / "scenario.yaml"))
    draft = best_draft(setting, EqualSplit())
    model = ExactModel(setting, Ground(setting, draft.commitments), draft.amounts > 0.0)
    trajectory = setting.evaluator.run(draft.plan())
    assert model(draft.amounts).equity == pytest.approx(setting.evaluator.equity(trajectory), rel=1e-9)


def test_search_finds_the_optimum_of_a_concave_problem(business: Callable[..., Scenario]) -> None:
    # A visit adds 100 (1 - exp(-e / 4)) to a customer of either segment, so equal effort is best: 42 / 50 each.
    curve = {"curve": "exponential", "high": 100, "rate": 0.25}
    question = business(responses=[{"lever": "visits", "effect": "margin_add", "curve": curve}])
    trajectory = Evaluator(question).run(LocalSearch("uniform").plan(question))
    assert trajectory.effort.total[0, :, 0].tolist() == pytest.approx([8.4, 33.6], rel=1e-3)


def test_search_from_the_current_plan_is_never_below_it(business: Callable[..., Scenario]) -> None:
    # An S-curve whose foot the current plan stands on: the slope there is 0 and the search stays.
    curve = {"curve": "points", "efforts": [1, 3], "values": [0, 60]}
    today = [{"segment": "iron", "period": 1, "share": 1, "efforts": [("visits", 0.5)]}]
    question = business(
        responses=[{"lever": "visits", "effect": "margin_add", "curve": curve}],
        scenario={"current_plan": {"treatments": today}},
    )
    evaluator = Evaluator(question)
    assert question.current_plan is not None
    before = evaluator.equity(evaluator.run(question.current_plan))
    assert evaluator.equity(evaluator.run(LocalSearch("current").plan(question))) >= before


def test_search_meets_a_floor_on_customers_that_its_start_misses() -> None:
    question = read_scenario(CASES / "rules" / "scenario.yaml")
    evaluator = Evaluator(question)
    start, found = (evaluator.report(evaluator.run(p.plan(question))) for p in (Uniform(), LocalSearch("uniform")))
    assert [violation.kind for violation in start.violations] == ["customers"]
    assert found.feasible
    assert found.customer_equity > start.customer_equity


def test_receivables_are_a_limit_of_the_model(business: Callable[..., Scenario]) -> None:
    # 10 gold customers with revenue 200 paid after 73 days of 365 owe 10 x 200 x 73 / 365 = 400 of at most 500.
    rows = [{"segment": "gold", "customers": 10, "margin": 100, "revenue": 200, "collection_days": 73}]
    rules = [{"rule": "receivables", "max": 500}, {"rule": "customers", "min": 8, "each": "segment"}]
    setting = Setting(business(segments=rows, scenario={"rules": rules}))
    draft = best_draft(setting, EqualSplit())
    left = ExactModel(setting, Ground(setting, draft.commitments), draft.amounts > 0.0)(draft.amounts).left
    assert left[-2:].tolist() == pytest.approx([100 / 500, 2 / 8])


def test_no_current_plan_no_search_from_it(business: Callable[..., Scenario]) -> None:
    with pytest.raises(NotApplicable, match="current_plan"):
        LocalSearch("current").plan(business())
