"""Frontiers whose points are mixtures of a few corners: concave, proven, and evaluated like any others."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from infeasible_scenario import scenario, small

from allocator.domain.scenario import Scenario, SolverSettings
from allocator.engine import solve_scenario
from allocator.evaluation import evaluate
from allocator.solving.answers import LpAnswer
from allocator.solving.corners import Corners
from allocator.solving.deadline import ENDLESS
from allocator.solving.frontier import Frontier, frontier
from allocator.solving.limits import subject_of
from allocator.solving.mixing_sweep import MixingSweep
from allocator.solving.refine import Refiner

POINTS = 12
GAP = 1e-4
CURVE = {"curve": "exponential", "high": 20.0, "rate": 1.0}


@pytest.fixture(scope="module")
def question() -> Scenario:
    """A call costs 3; e of them add 20 (1 - exp(-e)) to the margin of each of 100 customers in each of two periods."""
    model = {"responses": [{"lever": "calls", "effect": "margin_add", "curve": CURVE}]}
    budget = {"name": "calls", "amount": 500, "levers": ["calls"]}
    stated = small(model=model, budgets=[budget], solver={"gap": GAP})
    stated["model"]["levers"]["calls"]["effort"] = {"max": 4}
    return scenario(stated)


@pytest.fixture(scope="module")
def found(question: Scenario) -> Frontier:
    return frontier(question, against="budget:calls", points=POINTS)


def test_equity_is_what_the_curve_gives_for_the_money(found: Frontier) -> None:
    # All 200 are alike: for an amount A each gets e = A / 600 calls, worth 20 (1 - exp(-e)), of equity 1800 + ... - A.
    for point in found.points:
        best = 1800.0 + 200.0 * 20.0 * (1.0 - np.exp(-point.limit / 600.0)) - point.limit
        assert point.equity <= best * (1.0 + 1e-9)
        assert best <= point.bound * (1.0 + 1e-9)


def test_each_bound_is_above_its_equity_and_within_the_gap(found: Frontier) -> None:
    assert len(found.points) == POINTS
    for point in found.points:
        assert -1e-9 <= (point.bound - point.equity) / point.equity <= 1.001 * GAP


def test_equity_is_concave_and_so_are_the_bounds(found: Frontier) -> None:
    limit = np.array([point.limit for point in found.points])
    for value in ([point.equity for point in found.points], [point.bound for point in found.points]):
        slope = np.diff(value) / np.diff(limit)
        assert (np.diff(slope) >= -1e-9 * abs(slope).max()).all(), "the less money, the more a unit of it is worth"


@pytest.mark.parametrize("place", [2, 6, POINTS - 2])
def test_a_separate_solve_lies_between_equity_and_bound(question: Scenario, found: Frontier, place: int) -> None:
    point = found.points[place]
    exact = subject_of(question, "budget:calls").at(point.limit)
    exact = exact.model_copy(update={"solver": SolverSettings(gap=1e-8)})
    alone = solve_scenario(exact).customer_equity
    assert point.equity <= alone * (1.0 + 1e-8)
    assert alone <= point.bound * (1.0 + 1e-9)


def test_a_mixture_is_evaluated_as_any_plan_is(question: Scenario, found: Frontier) -> None:
    point = found.points[5]
    alone = evaluate(subject_of(question, "budget:calls").at(point.limit), point.plan)
    assert alone.feasible
    assert alone.customer_equity == point.equity
    shares = [(each.segment, each.period, each.efforts) for each in point.plan.treatments]
    assert len(shares) == len(set(shares)), "alike treatments of both corners are one"


def test_fewer_proofs_than_points(question: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    proofs, prove, prove_all = [], Refiner.prove, Refiner.prove_all

    def counted(self: Refiner, answer: LpAnswer, *given: object) -> tuple[int, float]:
        proofs.append(answer)
        return prove(self, answer, *given)  # type: ignore[arg-type]

    def all_counted(self: Refiner, answers: Sequence[LpAnswer], *given: object) -> list[float]:
        proofs.extend(answers)
        return prove_all(self, answers, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Refiner, "prove", counted)
    monkeypatch.setattr(Refiner, "prove_all", all_counted)
    rough = question.model_copy(update={"solver": SolverSettings(gap=1e-2)})
    assert len(frontier(rough, against="budget:calls", points=40).points) == 40
    assert 0 < len(proofs) < 20


def test_many_answers_proven_together_have_the_bounds_that_each_has_alone(question: Scenario) -> None:
    sweep = MixingSweep(subject_of(question, "budget:calls"))
    _, loose = sweep.loose()
    tight = sweep.tight(loose)
    sweep.outline(np.linspace(tight, loose, POINTS)[:-1].tolist())
    refiner, corners = sweep.engine.refiner, sweep._corners._found
    answers, allowed = [corner.solution.answer for corner in corners], [1e-6] * len(corners)
    together = refiner.prove_all(answers, allowed, ENDLESS)
    for answer, excess in zip(answers, together, strict=True):
        assert excess == pytest.approx(refiner.prove(answer, 1e-6)[1], abs=1e-6)


def test_corners_are_in_order_and_no_chord_lies_above_one(question: Scenario) -> None:
    sweep = MixingSweep(subject_of(question, "budget:calls"))
    _, loose = sweep.loose()
    tight = sweep.tight(loose)
    sweep.outline(np.linspace(tight, loose, POINTS)[:-1].tolist())
    corners = sweep._corners._found
    assert len(corners) > 2
    slopes = []
    for low, high in pairwise(corners):
        assert low.at < high.at
        slopes.append((high.objective - low.objective) / (high.at - low.at))
    assert all(before > after for before, after in pairwise(slopes))


def test_where_no_corner_is_found_in_time_points_are_solved_one_by_one(
    question: Scenario, found: Frontier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Corners, "_between", lambda self, place: None)
    alone = frontier(question, against="budget:calls", points=POINTS)
    for point, other in zip(alone.points, found.points, strict=True):
        assert point.limit == pytest.approx(other.limit, abs=1e-6)
        assert point.equity == pytest.approx(other.equity, rel=1.1 * GAP)
        assert point.bound >= other.equity * (1.0 - 1e-9)
