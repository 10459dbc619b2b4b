"""Channels that share one budget: choices at a price, branch and bound on it, and what the program makes of them."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allocator.domain.curves import Adbudg, Exponential
from allocator.domain.errors import Infeasible
from allocator.domain.scenario import Scenario
from allocator.engine import solve_scenario
from allocator.solving import Engine, budget_price
from allocator.solving.allocation import BranchAndBound
from allocator.solving.deadline import Deadline
from allocator.solving.multiplier import Multiplier, OneBudget
from allocator.solving.one_budget import one_budget


def problem(curves: list[Adbudg | Exponential], budget: float, **changes: Any) -> OneBudget:
    """Curves of worth 1 over spends of 0 to 10 that cost nothing but budget."""
    ones, none = np.ones(len(curves)), np.zeros(len(curves), dtype=bool)
    plain = OneBudget(
        curves=curves,
        worth=ones,
        cost=0.0 * ones,
        fixed=0.0 * ones,
        take=ones,
        fee=0.0 * ones,
        low=0.0 * ones,
        high=10.0 * ones,
        switched=none,
        counted=none,
        most=np.inf,
        budget=budget,
    )
    return replace(plain, **changes)


def solved(given: OneBudget, gap: float = 1e-9, nodes: int = 10_000) -> tuple[BranchAndBound, float]:
    search = BranchAndBound(Multiplier(given))
    return search, search.run(gap, Deadline(), constant=0.0, most_nodes=nodes)


def by_steps(given: OneBudget, step: float) -> float:
    """The best plan whose spends and fees are whole steps, by dynamic programming over budget and count."""
    room = round(given.budget / step)
    count = len(given.curves) if given.most == np.inf else int(given.most)
    best = np.zeros((room + 1, count + 1))
    for n in range(len(given.curves)):
        multiplier = Multiplier(replace(given, curves=[given.curves[n]]))
        levels = np.arange(round(given.low[n] / step), round(given.high[n] / step) + 1)
        spend = levels * step
        gain = given.worth[n] * multiplier._curves.value(np.zeros(len(levels), dtype=int), spend)
        gain = gain - given.cost[n] * spend - given.fixed[n]
        off = given.worth[n] * float(multiplier._curves.value(np.zeros(1, dtype=int), np.zeros(1))[0])
        after = best + off if given.switched[n] else np.full_like(best, -np.inf)
        counts = int(given.counted[n])
        for level, more in zip(levels.tolist(), gain.tolist(), strict=True):
            used = level + round(given.fee[n] / step)
            if used <= room:
                before = best[: room + 1 - used, : count + 1 - counts] + more
                after[used:, counts:] = np.maximum(after[used:, counts:], before)
        best = after
    return float(best.max())


def broken(given: OneBudget, spend: np.ndarray, on: np.ndarray) -> bool:
    """Whether a plan breaks a limit."""
    outside = on & ((spend < given.low - 1e-9) | (spend > given.high + 1e-9))
    used = float(given.take @ spend + given.fee @ on)
    must = bool((~on & ~given.switched).any() or (~on & (spend > 0.0)).any())
    return must or bool(outside.any()) or used > given.budget * (1 + 1e-12) or (on & given.counted).sum() > given.most


def test_concave_curves_share_a_budget_at_equal_slopes():
    """h (1 - exp(-x)) has slope h exp(-x): with 4 for h of 1 and e^2, x2 = x1 + 2: 1 and 3 at a price of exp(-1)."""
    search, bound = solved(problem([Exponential(high=1.0, rate=1.0), Exponential(high=np.exp(2.0), rate=1.0)], 4.0))
    assert search.best is not None
    assert search.best.spend.tolist() == pytest.approx([1.0, 3.0], rel=1e-9)
    assert search.best.price == pytest.approx(np.exp(-1.0), rel=1e-9)
    assert bound == pytest.approx(search.best.objective, rel=1e-9)


def test_a_budget_that_does_for_all_has_no_price():
    """Spends cost 0.5 besides: exp(-x) = 0.5 at log 2."""
    given = problem([Exponential(high=1.0, rate=1.0)], 5.0, cost=np.array([0.5]))
    search, bound = solved(given)
    assert search.best is not None
    assert (search.best.spend[0], search.best.price) == (pytest.approx(log(2.0)), 0.0)
    assert bound == pytest.approx(0.5 - 0.5 * log(2.0))


def test_one_of_two_s_curves_gets_all():
    """x^4 / (1 + x^4) twice, for 1: halves give 2 / 17, one alone 1 / 2. No price spends 1 exactly."""
    search, bound = solved(problem([Adbudg(high=1.0, half=1.0, shape=4.0)] * 2, 1.0))
    assert search.best is not None
    assert sorted(search.best.spend.tolist()) == pytest.approx([0.0, 1.0], abs=1e-6)
    assert bound == pytest.approx(0.5, rel=1e-8)


def test_too_little_for_what_must_be_is_no_plan():
    search, bound = solved(problem([Exponential(high=1.0, rate=1.0)], 1.0, low=np.array([2.0])))
    assert (search.best, bound) == (None, -np.inf)


@settings(max_examples=25, deadline=None)
@example(131)
@given(st.integers(0, 10_000))
def test_branch_and_bound_is_no_worse_than_a_grid(seed: int):
    """Curves of all shapes, some with switches, least spends, fixed costs and fees, under a count; steps of 1/8."""
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 6))
    step = 0.125
    curves: list[Adbudg | Exponential] = [
        Adbudg(low=float(random.choice([0.0, 0.5])), high=high, half=half, shape=shape)
        if random.random() < 0.8
        else Exponential(high=high, rate=1.0 / half)
        for high, half, shape in zip(
            random.uniform(1.0, 9.0, count),
            random.uniform(0.3, 6.0, count),
            random.uniform(0.4, 5.0, count),
            strict=True,
        )
    ]
    switched = random.random(count) < 0.6
    fee = np.where(switched, step * random.integers(0, 5, count), 0.0)
    given = problem(
        curves,
        float(step * random.integers(16, 120)),
        cost=random.uniform(0.0, 0.3, count),
        fixed=np.where(switched, random.uniform(0.0, 0.5, count), 0.0),
        fee=fee,
        low=step * random.integers(0, 9, count),
        switched=switched,
        counted=switched & (random.random(count) < 0.7),
        most=float(random.integers(0, count + 1)),
    )
    known = by_steps(given, step)
    search, bound = solved(given, gap=1e-7)
    if search.best is None:
        assert known == -np.inf
        return
    best = search.best
    assert not broken(given, best.spend, best.on)
    assert best.objective >= known - 1e-9 * abs(known)
    assert best.objective - 1e-12 * abs(bound) <= bound <= best.objective + 1e-6 * abs(best.objective)
    # Stopped at once, the bound holds all the same.
    assert solved(given, nodes=0)[1] >= max(best.objective, known) - 1e-9 * abs(best.objective)


CURVES = [
    {"curve": "adbudg", "high": 90.0, "half": 60.0, "shape": 3.0},
    {"curve": "adbudg", "high": 70.0, "half": 30.0, "shape": 0.7},
    {"curve": "exponential", "high": 40.0, "rate": 0.02},
]
FLOOR = {"name": "ads_2", "channels": ["ads_2"], "at_least": 70.0}
COUNT = {"rule": "active", "channels": ["ads_0", "ads_1", "ads_2"], "max": 2}


def shared(spend: dict[str, float] | None = None, **changes: Any) -> Scenario:
    """Three channels that bring customers, worth 30 each at the end of one period, for 120 of money together."""
    channels = {
        f"ads_{number}": {
            "function": "marketing",
            "spend": {"max": 200.0, **(spend or {})},
            "response": curve,
            "into": {"gold": 1.0},
        }
        for number, curve in enumerate(CURVES)
    }
    model = {
        "model": "shared",
        "period": "year",
        "discount_rate": 0.0,
        "segments": [{"segment": "gold", "customers": 0, "margin": 0.0}],
        "transitions": [{"from": "gold", "to": "gold", "probability": 1.0}],
        "channels": channels,
    }
    plain = {"scenario": "shared", "horizon": 1, "terminal": {"gold": 30.0}, "solver": {"gap": 1e-6, "threads": 1}}
    budgets = [{"name": "ads", "function": "marketing", "amount": 120.0}]
    return Scenario.model_validate({**plain, "model": model, "budgets": budgets, **changes})


def budgets(*more: dict[str, Any]) -> dict[str, Any]:
    return {"budgets": [{"name": "ads", "function": "marketing", "amount": 120.0}, *more]}


def test_the_program_takes_the_plan_without_being_relaxed():
    """Equity is 30 a customer less spend: the same problem in the arrays of a grid."""
    result = solve_scenario(shared())
    curves = [channel.response for channel in shared().model.channels.values()]
    threes = np.ones(3)
    grid = problem(curves, 120.0, worth=30.0 * threes, cost=threes, high=200.0 * threes)  # type: ignore[arg-type]
    assert result.customer_equity >= by_steps(grid, 0.5)
    assert (result.size.rounds, result.status) == (0, "optimal")
    assert result.bound >= result.customer_equity * (1 - 1e-12)


def test_the_price_of_a_floor_is_what_more_of_it_would_lose():
    """30 x 40 x 0.02 exp(-0.02 x 70) - 1 is what one more brings there, less what it brings at the budget's price."""
    found = solve_scenario(shared(**budgets(FLOOR)))
    spends = dict(
        zip(found.evaluation.tables.channels["channel"], found.evaluation.tables.channels["spend"], strict=True)
    )
    prices = dict(zip(found.prices.budgets["name"], found.prices.budgets["price"], strict=True))
    assert spends["ads_2"] == pytest.approx(70.0)
    assert prices["ads_2"] == pytest.approx(30 * 40 * 0.02 * np.exp(-1.4) - 1.0 - prices["ads"], rel=1e-6)
    # One more of the budget goes to another channel.
    richer = shared(budgets=[{"name": "ads", "function": "marketing", "amount": 120.001}, FLOOR])
    more = solve_scenario(richer).customer_equity - found.customer_equity
    assert prices["ads"] == pytest.approx(more / 0.001, rel=1e-3)


def test_a_count_has_a_price():
    """Between what the last channel that is counted brings and what the first would that is left out, at the price of
    the budget."""
    given = shared(rules=[COUNT], spend={"fixed": 5.0, "min": 5.0}, budgets=[{"name": "ads", "amount": 400.0}])
    engine = Engine(given)
    best, _ = engine.solve(Deadline(), gap=1e-6)
    found = one_budget(engine.master, engine.lines)
    assert found is not None
    multiplier = Multiplier(found[0])
    plan = solved(found[0])[0].best
    assert plan is not None
    gain = np.sort(multiplier.choose(multiplier.whole(), plan.price, plan.spend).gain) * engine.program.money
    price = float(solve_scenario(given).prices.rules["price"].iloc[0])
    assert best.objective == pytest.approx(plan.objective + found[1] - engine.program.constant, rel=1e-9)
    assert gain[0] - 1e-6 <= price <= gain[1] + 1e-6
    assert gain[0] > 0.0


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(budgets({"name": "two", "channels": ["ads_0", "ads_1"], "amount": 50.0}), id="two budgets"),
        pytest.param({"budgets": []}, id="no budget"),
        pytest.param({"rules": [{"rule": "customers", "max": 60, "periods": [2]}]}, id="a limit on customers"),
        pytest.param({"horizon": 2}, id="two periods and one budget over both"),
    ],
)
def test_programs_of_another_kind_are_left_to_the_relaxation(changes: dict[str, Any]):
    engine = Engine(shared(**changes))
    alone = one_budget(engine.master, engine.lines) is not None
    assert alone == (changes.get("horizon") == 2)
    result = solve_scenario(shared(**changes))
    assert (result.size.rounds == 0) == alone
    assert result.status == "optimal"


def test_a_plan_that_is_not_proven_is_improved_on_by_the_program(monkeypatch: pytest.MonkeyPatch):
    """Left at the root, where no price spends all, the plan found there is a start."""
    whole = solve_scenario(shared())
    monkeypatch.setattr(budget_price, "_MOST_NODES", 0)
    monkeypatch.setattr(budget_price, "_WELL", 0.0)
    again = solve_scenario(shared(solver={"gap": 1e-9, "threads": 1}))
    assert again.customer_equity == pytest.approx(whole.customer_equity, rel=1e-6)
    assert again.gap <= 1e-6


def test_limits_are_read_as_they_stand_now():
    engine = Engine(shared())
    before = one_budget(engine.master, engine.lines)
    row = engine.program.rows["budget", next(key for family, key in engine.program.rows if family == "budget")]
    half = 0.5 * engine.program.row_upper[row]
    engine.master.solver.bound_rows(np.array([row]), np.array([-np.inf]), np.array([half]))
    after = one_budget(engine.master, engine.lines)
    assert before is not None
    assert after is not None
    assert after[0].budget == pytest.approx(0.5 * before[0].budget)


def test_floors_beyond_the_budget_are_explained():
    with pytest.raises(Infeasible):
        solve_scenario(shared(**budgets({**FLOOR, "at_least": 130.0})))
