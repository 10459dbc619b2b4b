"""What must hold on any scenario: bounds bound, scale does not matter, more is never worse."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocator.api import Scenario, evaluate, solve
from allocator.domain.plan import Plan
from allocator.domain.resources import Hire, Labour, Release
from allocator.domain.result import Result

LEVERS = ("visit", "call", "mail")
quick = settings(max_examples=6, suppress_health_check=list(HealthCheck))


def business(seed: int, levers: int = 2, *, level_count: int = 0, money: float = 1.0, size: float = 1.0) -> Scenario:
    """Three segments over three quarters, drawn from ``seed``; all money and all customers may be scaled."""
    random = np.random.default_rng(seed)
    names = ["core", "risk", "lost"]
    segments = pd.DataFrame(
        {
            "segment": names,
            "owner": ["us", "us", "market"],
            "customers": np.round(random.uniform(100, 900, 3)) * size,
            "margin": [random.uniform(40, 200) * money, random.uniform(20, 120) * money, 0.0],
        }
    )
    moves = [("core", "core", 0.75), ("core", "risk", 0.15), ("core", "lost", 0.06), ("risk", "risk", 0.5)]
    moves += [("risk", "core", 0.2), ("risk", "lost", 0.2), ("lost", "lost", 0.9), ("lost", "risk", 0.04)]
    transitions = pd.DataFrame(moves, columns=["from", "to", "probability"])
    used = LEVERS[:levers]
    specs: dict[str, Any] = {}
    rows = []
    for name in used:
        effort: dict[str, Any] = {"max": 3.0}
        if level_count:
            effort = {"levels": np.linspace(0.0, 3.0, level_count).tolist()}
        specs[name] = {
            "function": "sales",
            "where": {"owner": "us"},
            "effort": effort,
            "uses": {"team": float(random.uniform(0.2, 1.0))},
            "cost": float(random.uniform(1, 8)) * money,
        }
        curve = {"curve": "adbudg", "low": 0.0, "high": random.uniform(0.4, 1.2), "half": random.uniform(0.6, 1.6)}
        rows.append({"lever": name, "effect": "retention", **curve, "shape": random.uniform(0.8, 2.4)})
        rows.append({"lever": name, "effect": "margin", "curve": "exponential", "high": 0.06, "rate": 0.7})
    responses = pd.DataFrame(rows, columns=["lever", "effect", "curve", "low", "high", "half", "shape", "rate"])
    hours = float(segments["customers"][:2].sum()) * 0.4
    model = {
        "model": "drawn",
        "period": "quarter",
        "discount_rate": 0.1,
        "resources": {"team": {"kind": "fixed", "function": "sales", "capacity": hours}},
        "levers": specs,
    }
    cash = float(segments["customers"].sum()) * 3.0 * money
    scenario = {
        "scenario": "drawn",
        "horizon": 3,
        "budgets": [{"name": "cash", "amount": cash, "per": "period"}],
        "solver": {"gap": 1e-6},
    }
    return Scenario.from_frames(
        segments=segments, transitions=transitions, responses=responses, model=model, scenario=scenario
    )


def efforts(result: Result) -> pd.Series:
    """Effort per customer by lever, segment and period."""
    table = result.evaluation.tables.allocation
    return table.set_index(["lever", "segment", "period"])["effort_per_customer"].sort_index()


def with_budget(scenario: Scenario, amount: float) -> Scenario:
    """The same question with another amount in each period."""
    budget = scenario.budgets[0].model_copy(update={"amount": amount})
    return scenario.model_copy(update={"budgets": (budget,)})


@quick
@given(seed=st.integers(0, 10_000), levers=st.integers(1, 2))
def test_refined_beats_a_fine_grid_and_the_bound_holds(seed: int, levers: int) -> None:
    """Levels every 1/40 of the range, enumerated, against the priced answer over all efforts."""
    refined = solve(business(seed, levers))
    grid = solve(business(seed, levers, level_count=41))
    assert refined.objective >= grid.objective * (1 - 1e-6)
    assert refined.bound >= grid.objective * (1 - 1e-9)
    assert refined.bound >= refined.objective * (1 - 1e-9)


@pytest.mark.parametrize("seed", [3, 7])
def test_three_levers_against_the_grid(seed: int) -> None:
    """As above; the 41 x 41 x 41 treatments of a segment are too many to be columns, and are priced."""
    refined = solve(business(seed, 3))
    grid = solve(business(seed, 3, level_count=41))
    assert refined.objective >= grid.objective * (1 - 1e-6)
    assert refined.bound >= grid.objective * (1 - 1e-9)


def with_staff(scenario: Scenario) -> Scenario:
    """The same question with whole heads who can be hired and released, and who cost more than they are all worth."""
    hours = scenario.model.resources["team"].capacity
    assert isinstance(hours, float)
    team = Labour(
        function="sales", headcount=2, hours=hours / 3, wage=hours * 4, hire=Hire(cost=500.0, max=2), release=Release()
    )
    model = scenario.model.model_copy(update={"resources": {"team": team}})
    return scenario.model_copy(update={"model": model, "budgets": ()})


@pytest.mark.parametrize("seed", [1, 4, 9])
def test_whole_heads_with_continuous_efforts(seed: int) -> None:
    """Branch and price over all efforts against the enumerated grid, whose bound is the MIP solver's own."""
    refined = solve(with_staff(business(seed)))
    grid = solve(with_staff(business(seed, level_count=31)))
    assert refined.bound >= grid.objective * (1 - 1e-9)
    assert refined.objective >= grid.objective * (1 - 2e-6)
    assert refined.gap <= 1e-6


@pytest.mark.parametrize(
    ("money", "size"), [(1e6, 1.0), (1e-6, 1.0), (1.0, 1e6), (1.0, 1e-6)], ids=["dear", "cheap", "many", "few"]
)
def test_scale_changes_no_plan(money: float, size: float) -> None:
    """Multiplying all money, or all customers with the capacities, multiplies the equity and nothing else."""
    plain, scaled = solve(business(11)), solve(business(11, money=money, size=size))
    assert scaled.objective == pytest.approx(plain.objective * money * size, rel=1e-6)
    np.testing.assert_allclose(efforts(scaled), efforts(plain), atol=2e-3)


@quick
@given(seed=st.integers(0, 10_000), factor=st.floats(1.0, 3.0))
def test_more_budget_never_lowers_equity(seed: int, factor: float) -> None:
    scenario = business(seed)
    amount = scenario.budgets[0].amount or 0.0
    less, more = solve(scenario), solve(with_budget(scenario, amount * factor))
    assert more.bound >= less.objective * (1 - 1e-9)
    assert more.objective >= less.objective * (1 - 2e-6)


@quick
@given(seed=st.integers(0, 10_000))
def test_order_of_segments_does_not_matter(seed: int) -> None:
    scenario = business(seed)
    turned = scenario.model.model_copy(update={"segments": scenario.model.segments[::-1]})
    first, second = solve(scenario), solve(scenario.model_copy(update={"model": turned}))
    assert first.objective == pytest.approx(second.objective, rel=2e-6)


@quick
@given(seed=st.integers(0, 10_000))
def test_evaluation_agrees_and_no_effort_is_no_better(seed: int) -> None:
    scenario = business(seed)
    result = solve(scenario)
    again = evaluate(scenario, result.plan)
    assert again.customer_equity == pytest.approx(result.objective, rel=1e-6)
    assert evaluate(scenario, Plan()).customer_equity <= result.bound * (1 + 1e-9)


def degenerate() -> list[Any]:
    """Scenarios at the edge of what makes sense."""
    base = business(5)
    model = base.model
    alone = model.segments[0].name
    one_segment = model.model_copy(
        update={
            "segments": model.segments[:1],
            "transitions": tuple(t for t in model.transitions if (t.origin, t.destination) == (alone, alone)),
        }
    )
    empty = model.model_copy(
        update={"segments": tuple(s.model_copy(update={"customers": 0.0}) for s in model.segments)}
    )
    one_empty = model.model_copy(
        update={"segments": (model.segments[0].model_copy(update={"customers": 0.0}), *model.segments[1:])}
    )
    no_levers = model.model_copy(update={"levers": {}, "responses": ()})
    cases = {
        "one segment": base.model_copy(update={"model": one_segment}),
        "one period": base.model_copy(update={"horizon": 1}),
        "nobody": base.model_copy(update={"model": empty}),
        "an empty segment": base.model_copy(update={"model": one_empty}),
        "no levers": base.model_copy(update={"model": no_levers}),
        "no money": with_budget(base, 0.0),
        "no terminal value": base.model_copy(update={"terminal": "none"}),
    }
    return [pytest.param(scenario, id=name) for name, scenario in cases.items()]


@pytest.mark.parametrize("scenario", degenerate())
def test_degenerate_scenarios_work(scenario: Scenario) -> None:
    result = solve(scenario)
    assert result.status == "optimal"
    assert result.objective >= evaluate(scenario, Plan()).customer_equity - 1e-6


def test_every_plan_within_the_limits_is_below_the_bound() -> None:
    """All plans that give one level to each of two segments in every period: none beats the bound."""
    from allocator.domain.plan import EffortRow, combine_levers

    scenario = business(2, 1)
    bound = solve(scenario).bound
    for first, second in itertools.product(np.linspace(0.0, 3.0, 7), repeat=2):
        rows = [
            EffortRow(lever="visit", segment=segment, period=t, effort=float(effort))
            for segment, effort in (("core", first), ("risk", second))
            for t in (1, 2, 3)
        ]
        found = evaluate(scenario, Plan(treatments=combine_levers(rows)))
        if found.feasible:
            assert found.customer_equity <= bound * (1 + 1e-9)


def test_nobody_to_treat() -> None:
    """No customers, a lever that holds them, and nothing that limits it: nothing, proven."""
    model = {
        "model": "nobody",
        "period": "year",
        "discount_rate": 0.1,
        "segments": [{"segment": "gold", "customers": 0, "margin": 5}],
        "transitions": [{"from": "gold", "to": "gold", "probability": 0.8}],
        "levers": {"calls": {"function": "service", "effort": {"max": 2}, "cost": 1}},
        "responses": [{"lever": "calls", "effect": "retention", "curve": {"curve": "linear", "slope": 0.5}}],
    }
    result = solve(Scenario.model_validate({"scenario": "nobody", "model": model, "horizon": 2}))
    assert (result.status, result.objective, result.bound) == ("optimal", 0.0, 0.0)
