"""Frontiers: their shape, their ends, and what more aversion does."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from infeasible_scenario import merged, scenario, small
from recourse_scenarios import two_weathers

from allocator.domain.errors import Infeasible, InternalError, InvalidInput
from allocator.domain.model import Continuous
from allocator.domain.plan import Plan
from allocator.domain.scenario import Objective, Scenario, SolverSettings
from allocator.engine import solve_scenario
from allocator.evaluation import evaluate
from allocator.files import read_plan, read_scenario
from allocator.reporting.frontier_page import frontier_study
from allocator.reporting.study import write_study
from allocator.solving import neighbours
from allocator.solving.frontier import Frontier, frontier
from allocator.solving.limits import subject_of
from allocator.solving.sweep import Sweep

CASE = Path(__file__).parents[1] / "cases" / "risk" / "scenario.yaml"
EARNS = {"responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 5.0}}]}


@pytest.fixture(scope="module")
def risky() -> Scenario:
    return read_scenario(CASE)


@pytest.fixture(scope="module")
def against_cvar(risky: Scenario) -> Frontier:
    return frontier(risky, points=12)


def with_risk(risky: Scenario, **risk: Any) -> Scenario:
    return risky.model_copy(update={"risk": risky.risk.model_copy(update=risk)})


def calls(**changes: Any) -> Scenario:
    """Each call earns 5 and costs 3; hours allow 400 in each of two periods; wages are 100 a period."""
    return scenario(small(model=merged(EARNS, changes.pop("model", {})), **changes))


def test_more_cvar_costs_more_equity_and_the_frontier_is_concave(against_cvar: Frontier) -> None:
    table = against_cvar.table()
    limit, equity = table["limit"].to_numpy(), table["customer_equity"].to_numpy()
    assert len(table) == 12
    assert (np.diff(limit) > 0).all()
    assert (np.diff(equity) <= 1e-9 * equity[0]).all()
    # Steps are even, so concave means that no second difference is above 0.
    assert (np.diff(equity, 2) <= 1e-7 * equity[0]).all()
    np.testing.assert_allclose(table["bound"], equity, rtol=1e-6)
    assert (table["cvar"].to_numpy(dtype=float) >= limit - 1e-6 * abs(limit)).all()


def test_the_ends_are_no_aversion_and_nothing_but_aversion(risky: Scenario, against_cvar: Frontier) -> None:
    first, last = against_cvar.points[0], against_cvar.points[-1]
    assert first.equity == pytest.approx(solve_scenario(with_risk(risky, aversion=0.0)).customer_equity, rel=1e-6)
    assert last.cvar == pytest.approx(solve_scenario(with_risk(risky, aversion=1.0)).objective, rel=1e-6)


def test_a_proof_bounds_its_neighbours_where_efforts_are_continuous(risky: Scenario) -> None:
    smooth_effort = {"effort": Continuous(max=3.0)}
    levers = {name: lever.model_copy(update=smooth_effort) for name, lever in risky.model.levers.items()}
    smooth = risky.model_copy(update={"model": risky.model.model_copy(update={"levers": levers})})
    found = frontier(smooth, points=8)
    equity = [point.equity for point in found.points]
    assert equity == sorted(equity, reverse=True), "a plan that keeps a tight limit keeps a looser one"
    assert (np.diff(equity, 2) <= 1e-9 * equity[0]).all(), "mixtures lie on the hull of the corners"
    assert all(point.cvar is not None and point.cvar >= point.limit * (1 - 1e-9) for point in found.points)
    for point in found.points:
        assert -1e-9 * point.bound <= point.bound - point.equity <= 1.01e-4 * point.bound
    exact = with_risk(smooth, aversion=0.0, cvar_floor=found.points[5].limit)
    exact = exact.model_copy(update={"solver": SolverSettings(gap=1e-7)})
    assert solve_scenario(exact).customer_equity <= found.points[5].bound * (1 + 1e-9)


def test_each_point_is_the_best_plan_under_its_floor(risky: Scenario, against_cvar: Frontier) -> None:
    point = against_cvar.points[8]
    alone = solve_scenario(with_risk(risky, aversion=0.0, cvar_floor=point.limit))
    assert point.equity == pytest.approx(alone.customer_equity, rel=1e-6)


def test_a_point_is_evaluated_as_any_plan_is(against_cvar: Frontier, risky: Scenario) -> None:
    point = against_cvar.points[3]
    told, alone = against_cvar.evaluation(point), evaluate(with_risk(risky, cvar_floor=point.limit), point.plan)
    assert told.customer_equity == alone.customer_equity == point.equity
    assert (told.cvar, told.cost) == (alone.cvar, alone.cost) == (point.cvar, point.cost)
    assert told.feasible
    assert told.tables.rules.equals(alone.tables.rules)


def test_more_aversion_never_raises_the_mean_nor_lowers_the_cvar(risky: Scenario) -> None:
    results = [solve_scenario(with_risk(risky, aversion=aversion)) for aversion in (0.0, 0.2, 0.5, 0.8, 1.0)]
    mean = np.array([result.customer_equity for result in results])
    cvar = np.array([result.evaluation.cvar for result in results], dtype=float)
    assert (np.diff(mean) <= 1e-6 * mean[0]).all()
    assert (np.diff(cvar) >= -1e-6 * mean[0]).all()
    assert mean[-1] < mean[0], "the case is one where aversion matters"


def test_without_aversion_and_floor_the_plan_is_the_one_without_risk(risky: Scenario) -> None:
    # Drawn factors have mean one over the sample, so that expected margins are those without shocks.
    drawn = {"generate": {"scenarios": 16, "volatility": 0.3, "by": "tier", "seed": 4}}
    neutral = risky.model_copy(update={"risk": type(risky.risk).model_validate(drawn)})
    free = risky.model_copy(update={"risk": type(risky.risk)()})
    shocked, calm = solve_scenario(neutral), solve_scenario(free)
    assert shocked.objective == pytest.approx(calm.objective, rel=1e-6)
    assert evaluate(free, shocked.plan).customer_equity == pytest.approx(calm.objective, rel=1e-6)


def test_against_a_budget() -> None:
    # 800 calls use the hours up, cost 2400 and add 1600 to 2000 - 200. Each unit of money less is 2/3 equity less.
    question = calls(budgets=[{"name": "calls", "amount": 1000, "levers": ["calls"]}])
    table = frontier(question, against="budget:calls", points=5).table()
    assert table["limit"].tolist() == pytest.approx([2400, 1800, 1200, 600, 0], abs=1e-2)
    assert table["customer_equity"].tolist() == pytest.approx([3400, 3000, 2600, 2200, 1800], abs=1e-2)
    assert table["price"].tolist()[1:] == pytest.approx([2 / 3] * 4)
    assert table["near_best"].tolist() == [True, False, False, False, False]


def test_against_a_share() -> None:
    # A call earns 1 and costs 3, so without the rule there is none; all called once in both periods: 100 x 2 x 2 less.
    costly = {"responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 1.0}}]}
    rule = {"rule": "coverage", "name": "service", "lever": "calls", "min_effort": 1, "min_share": 0.3}
    table = frontier(scenario(small(model=costly, rules=[rule])), against="rule:service", points=3).table()
    assert table["limit"].tolist() == pytest.approx([0, 0.5, 1], abs=1e-5)
    assert table["customer_equity"].tolist() == pytest.approx([1800, 1600, 1400], abs=1e-2)


def test_whole_heads_start_from_the_point_before() -> None:
    # A head serves 200 calls a period worth 2 each, 400, for a wage of 50. Two heads serve everybody 4 times.
    staff = {"resources": {"desk": {"release": {"cost": 0.0}}}}
    question = calls(budgets=[{"name": "pay", "amount": 150, "resources": ["desk"]}], model=staff)
    table = frontier(question, against="budget:pay", points=5).table()
    # 200, 150, 100, 50, 0 pay for 4, 3, 2, 1, 0 heads in one of the two periods; each is worth 400 - 50.
    assert table["customer_equity"].tolist() == pytest.approx([2000 + 350 * heads for heads in (4, 3, 2, 1, 0)])


def test_a_limit_that_costs_nothing_is_one_point() -> None:
    free = {"levers": {"calls": {"cost": 0.0}}}
    question = calls(budgets=[{"name": "none", "amount": 0, "levers": ["calls"]}], model=free)
    assert len(frontier(question, against="budget:none", points=4).points) == 1


def test_where_treatments_adapt_each_point_has_those_of_every_shock_scenario() -> None:
    # Derived with the scenario in test_recourse.py: a head adds 150 to the mean of 3200 and takes 250 from the CVaR of
    # 2000, the equity of bad weather; two heads are the most that pay.
    found = frontier(two_weathers(solver={"gap": 1e-9}), points=3)
    assert [point.limit for point in found.points] == pytest.approx([1500, 1750, 2000], abs=1e-2)
    assert [point.equity for point in found.points] == pytest.approx([3500, 3350, 3200])
    assert [point.bound for point in found.points] == pytest.approx([3500, 3350, 3200], rel=1e-6)
    assert [[len(weather.treatments) for weather in point.plan.adapted] for point in found.points] == [
        [2, 0],
        [2, 0],
        [0, 0],
    ]
    assert found.evaluation(found.points[1]).adapted is not None


def test_a_floor_at_which_moving_the_limit_finds_no_plan_is_solved_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    solve, floors = Sweep._solve, []

    def lost(sweep: Sweep) -> Any:
        floors.append(sweep)
        if len(floors) == 3:
            raise Infeasible("no plan with whole numbers meets all requirements")
        return solve(sweep)

    monkeypatch.setattr(Sweep, "_solve", lost)
    found = frontier(two_weathers(solver={"gap": 1e-9}), points=3)
    assert found.impossible == ()
    assert [point.equity for point in found.points] == pytest.approx([3500, 3350, 3200])


def test_the_decomposition_finds_the_same_frontier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_CELLS", 0)
    found = frontier(two_weathers(solver={"gap": 1e-9}), points=3)
    assert [point.limit for point in found.points] == pytest.approx([1500, 1750, 2000], abs=1e-2)
    assert [point.equity for point in found.points] == pytest.approx([3500, 3350, 3200])
    assert [point.bound for point in found.points] == pytest.approx([3500, 3350, 3200], rel=1e-6)


def test_the_treatments_of_every_shock_scenario_are_written_with_a_point(tmp_path: Path) -> None:
    question = two_weathers(solver={"gap": 1e-9})
    found = frontier(question, points=3)
    page = write_study(frontier_study(found), tmp_path / "out")
    plan = read_plan(page.parent / "plans" / "2", question)
    assert [(one.scenario, len(one.treatments)) for one in plan.adapted] == [("good", 2), ("bad", 0)]
    assert evaluate(question, plan).customer_equity == pytest.approx(3350)


@pytest.fixture(params=["one program", "decomposition"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "decomposition":
        monkeypatch.setattr(neighbours, "MOST_CELLS", 0)


@pytest.mark.usefixtures("either_way")
def test_a_budget_is_that_of_every_shock_scenario() -> None:
    # Money for calls, 3 each, in good weather: 400 calls by two heads, 1200. With the mean of 2 earned by a call there,
    # 600 money, 200 calls, is what one head serves: 150 a head. Nobody calls without money.
    question = two_weathers(
        budgets=[{"name": "calls", "amount": 600, "levers": ["calls"]}],
        risk={"cvar_floor": None},
        solver={"gap": 1e-9},
    )
    table = frontier(question, against="budget:calls", points=3).table()
    assert table["limit"].tolist() == pytest.approx([1200, 600, 0], abs=0.15)
    assert table["customer_equity"].tolist() == pytest.approx([3500, 3350, 3200], abs=1e-2)
    assert table["bound"].tolist() == pytest.approx([3500, 3350, 3200], abs=1e-2)


@pytest.mark.usefixtures("either_way")
def test_a_floor_is_followed_to_the_highest_that_is_kept() -> None:
    # A call is worth 2 to a customer. Of 200 calls a period each loses 2 in bad weather, to which two heads that are
    # there for good weather go: 400 calls there lose 800, in the mean 400. More than 2 calls nobody gets.
    question = two_weathers(
        rules=[{"rule": "customer_value", "min": 1.0}],
        model={"levers": {"calls": {"customer_value": 2.0}}},
        solver={"gap": 1e-9},
    )
    table = frontier(question, against="rule:customer_value", points=3).table()
    assert table["limit"].tolist() == pytest.approx([0, 200, 400], abs=0.5)
    assert table["customer_equity"].tolist() == pytest.approx([3500, 3300, 3100], abs=0.5)


def test_a_part_of_something_is_moved_in_one_program_whatever_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    # As above: a fifth of a call for each of 100 customers.
    monkeypatch.setattr(neighbours, "MOST_CELLS", 0)
    rule = {"rule": "effort", "lever": "calls", "where": {"segment": "gold"}, "min": 0.2}
    table = frontier(two_weathers(rules=[rule], solver={"gap": 1e-9}), against="rule:effort", points=3).table()
    assert table["limit"].tolist() == pytest.approx([0, 1, 2], abs=1e-3)
    assert table["customer_equity"].tolist() == pytest.approx([3500, 3300, 3100], abs=0.1)


def test_a_target_return_holds_at_every_point(risky: Scenario) -> None:
    goal = Objective(kind="return", target=8.0)
    found = frontier(with_risk(risky, aversion=0.0).model_copy(update={"objective": goal}), points=3)
    idle = evaluate(found.scenario, Plan())
    for point in found.points:
        assert point.equity - idle.customer_equity >= 8.0 * (point.cost - idle.cost) * (1.0 - 1e-6)
        assert point.equity == pytest.approx(solve_scenario(found.subject.at(point.limit)).customer_equity, rel=2e-4)
    free = frontier(risky, points=2)
    assert found.points[0].equity < free.points[0].equity


@pytest.mark.parametrize("part", ["_solve", "_point"])
def test_where_the_solver_loses_its_way_a_point_is_solved_by_itself(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise InternalError("HiGHS ended with Unknown")

    question = calls(budgets=[{"name": "calls", "amount": 1200, "levers": ["calls"]}])
    free = frontier(question, against="budget:calls", points=3).table()
    sweep = Sweep(subject_of(question, "budget:calls"))
    monkeypatch.setattr(Sweep, part, lost)
    assert sweep.at(600.0).equity == pytest.approx(
        float(np.interp(600.0, free["limit"][::-1], free["customer_equity"][::-1]))
    )


@pytest.mark.parametrize(
    ("against", "changes", "message"),
    [
        ("cvar", {}, "needs shocks"),
        ("budget:cals", {"budgets": [{"name": "calls", "amount": 1}]}, "unknown budget `cals`"),
        ("rule:x", {}, "unknown rule"),
        ("nothing", {}, "unknown limit `nothing`"),
        ("cvar", {"objective": {"kind": "spend", "target": 1.0}}, "no frontier"),
    ],
)
def test_wrong_limits(against: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        frontier(calls(**changes), against=against)


def test_what_is_written_reads_back(against_cvar: Frontier, tmp_path: Path) -> None:
    page = write_study(frontier_study(against_cvar), tmp_path / "out")
    text = page.read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert "within 0.5 % of the best" in text
    plans = sorted((page.parent / "plans").iterdir())
    assert len(plans) == 12
    plan = read_plan(plans[-1], against_cvar.scenario)
    assert evaluate(against_cvar.scenario, plan).customer_equity == pytest.approx(
        against_cvar.points[-1].equity, rel=1e-7
    )
    assert write_study(frontier_study(against_cvar), tmp_path / "out") == page, "earlier results are replaced"
