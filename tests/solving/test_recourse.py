"""Recourse: tiny scenarios with the optimum derived by hand, and what must hold on any scenario."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recourse_scenarios import alike, drawn, keeping_in_two_weathers, two_weathers

from allocator.api import solve
from allocator.domain.errors import Infeasible
from allocator.domain.result import RecourseValue
from allocator.domain.scenario import Scenario
from allocator.evaluation import evaluate
from allocator.solving import Solved, solve_recourse
from allocator.solving.neighbours import Method, inseparable
from benchmarks.published.check import facts
from benchmarks.published.farmer import farm

METHODS: tuple[Method, ...] = ("extensive form", "decomposition")
few = settings(max_examples=3, suppress_health_check=list(HealthCheck))


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> Method:
    return request.param


def checked(scenario: Scenario, method: Method) -> tuple[Solved, RecourseValue]:
    """Solved, and the plan's objective found again by the evaluation, every limit kept."""
    solved, value = solve_recourse(scenario, method=method)
    evaluation = evaluate(scenario, solved.plan)
    assert evaluation.violations == ()
    assert evaluation.scaled == ()
    assert solved.objective == pytest.approx(evaluation.objective, rel=1e-6)
    assert solved.objective <= solved.bound * (1 + 1e-9)
    return solved, value


# One head of 50 hours costs 150 to hire and 50 in each of two periods; a call takes half an hour and 3 money, adds 5
# to the margin of one of 100 gold customers, and two calls a customer are the most. All customers stay.
# In good weather gold margins count 1.4 times, in bad weather 0.2 times, each with probability 1/2.
#
#   good   a call earns 1.4 x 5 - 3 = 4, a head of 50 hours makes 100 calls: 400 a period, 800 over two
#   bad    a call earns 0.2 x 5 - 3 < 0: nobody is called
#   base   gold 100 x 10 x 2 periods x mean 0.8 = 1,600, silver 200 x 4 x 2 = 1,600
#
# The first head earns 800 / 2 = 400 in the mean and costs 150 + 100 = 250; so does the second (200 calls are the
# most in a period, 2 heads make them). A third earns nothing. So 2 heads: 3,200 + 2 x (400 - 250) = 3,500.
# Knowing the weather: in good weather 2 heads give 2 x (800 - 250) = 1,100, in bad weather none 0: mean 550, so
# 3,750, and knowing is worth 250.
# At the mean factor 0.8 a call earns 0.8 x 5 - 3 = 1, a head 200 < 250: the mean-value problem hires none, 3,200,
# and the stochastic solution is worth 300.


def test_two_weathers(method: Method):
    solved, value = checked(two_weathers(), method)
    assert solved.objective == pytest.approx(3500.0)
    assert [heads.headcount for heads in solved.plan.heads] == [2.0, 2.0]
    good, bad = solved.plan.adapted
    assert [(t.segment, t.share, dict(t.efforts)) for t in good.treatments] == [("gold", 1.0, {"calls": 2.0})] * 2
    assert bad.treatments == ()
    assert value.mean_value is not None
    assert value.mean_value.value == pytest.approx(3200.0)
    assert value.stochastic_solution is not None
    assert value.stochastic_solution.value == pytest.approx(300.0)
    assert value.wait_and_see is not None
    assert value.wait_and_see.value == pytest.approx(3750.0)
    assert value.perfect_information is not None
    assert value.perfect_information.value == pytest.approx(250.0)


# Without recourse the same treatments serve both weathers: a call earns 1 in the mean, a head 200 < 250. No heads.


def test_without_recourse_the_plan_is_another():
    assert solve(two_weathers(risk={"recourse": False})).objective == pytest.approx(3200.0)


# In good weather the first two heads make 800 each before cost: equity there 100 x 10 x 1.4 x 2 + 1,600 = 4,400 and
# 550 for each head; in bad weather 400 + 1,600 = 2,000 less 250 for each head. The worst half of probability is bad
# weather: CVaR = 2,000 - 250 heads. A floor of 1,700 leaves one head: 3,200 + 150 = 3,350.


def test_a_floor_on_cvar_holds_the_heads_down(method: Method):
    solved, value = checked(two_weathers(risk={"cvar_floor": 1700.0}), method)
    assert solved.objective == pytest.approx(3350.0)
    assert evaluate(two_weathers(), solved.plan).cvar == pytest.approx(1750.0)
    # Knowing the weather is still worth 3,750 less this.
    assert value.perfect_information is not None
    assert value.perfect_information.value == pytest.approx(400.0)


# Ads bring 200 s / (100 + s) new gold customers for the second period, each worth 14 in good weather and 2 in bad, and
# nobody is called. Bad weather earns most at 2 x 200 x 100 / (100 + s)^2 = 1, so at s = 100: 2,000 + 2 x 100 - 100 =
# 2,100, where the mean is (2,100 + 4,400 + 14 x 100 - 100) / 2 = 3,900. A floor 1e-6 below 2,100 lets s rise by
# sqrt(0.0021 / 0.005) = 0.65; there good weather gains 14 / 2 - 1 = 6 a unit and bad weather nothing: 1.9 in the mean.


def test_a_floor_next_to_the_edge_of_what_can_be_reached():
    ads = {"function": "sales", "spend": {"max": 500}, "into": {"gold": 1.0}}
    response = {"curve": "adbudg", "high": 200, "half": 100, "shape": 1}
    model = {"channels": {"ads": {**ads, "response": response}}, "levers": {}, "responses": []}
    floor = {"cvar_floor": 2100.0 * (1 - 1e-6)}
    scenario = two_weathers(model=model, risk=floor, terminal="none", solver={"gap": 1e-6})
    solved, _ = checked(scenario, "decomposition")
    assert solved.objective == pytest.approx(3901.9, abs=0.3)
    assert solved.gap <= scenario.solver.gap


# Aversion 0.5 weighs good weather (1 - 0.5) / 2 = 1/4 and bad weather 3/4: a head is worth 550 / 4 - 250 x 3 / 4 < 0.
# No heads: 0.5 x 3,200 + 0.5 x 2,000 = 2,600.


def test_aversion_weighs_the_worst_scenarios(method: Method):
    solved, _ = checked(two_weathers(risk={"aversion": 0.5}), method)
    assert solved.objective == pytest.approx(2600.0)
    assert all(heads.headcount == 0.0 for heads in solved.plan.heads)


# Equity of at least 1,900 in every scenario: 2,000 - 250 heads >= 1,900 leaves no head.


def test_a_chance_constraint(method: Method):
    solved, _ = checked(two_weathers(risk={"chance": {"target": 1900.0, "probability": 1.0}}), method)
    assert solved.objective == pytest.approx(3200.0)


# Odds of staying. Of 100 gold customers 0.8 stay, odds 4; keep_factor 0.25 makes the odds 1, so 0.5 stay. No desk.
#   calm    gold 100 x 10 + 80 x 10 = 1,800        storm   100 x 10 + 50 x 10 = 1,500       silver 1,600 in both


def test_keep_factor_multiplies_the_odds_of_staying(method: Method):
    moving = [
        {"from": "gold", "to": "gold", "probability": 0.8},
        {"from": "silver", "to": "silver", "probability": 1.0},
    ]
    shocks = [
        {"scenario": "calm", "probability": 0.75, "segment": "gold"},
        {"scenario": "storm", "probability": 0.25, "segment": "gold", "keep_factor": 0.25},
    ]
    scenario = two_weathers(risk={"shocks": shocks}, model={"transitions": moving, "levers": {}, "responses": []})
    solved, _ = checked(scenario, method)
    assert solved.objective == pytest.approx(0.75 * 3400.0 + 0.25 * 3100.0)
    customers = evaluate(scenario, solved.plan).tables.customers.set_index(["segment", "period"])["customers"]
    assert customers["gold", 2] == pytest.approx(0.75 * 80 + 0.25 * 50)


# A budget on what is spent on calls, 300 in all, holds in each weather: 100 calls at 3. One head makes 200 calls in
# two periods, so 1 head and 100 calls: in good weather 100 x (1.4 x 5 - 3) = 400, half of that is 200 < 250: none.
# With calls at 7 more margin (12 in all): 100 x (1.4 x 12 - 3) = 1,380 in good weather; in bad weather 0.2 x 12 < 3
# nobody is called. 1,380 / 2 = 690: one head, hired for the second period at 200, and no second one for want of
# money. 3,200 + 690 - 200 = 3,690.


def test_a_budget_holds_in_every_shock_scenario(method: Method):
    richer = {"responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 12.0}}]}
    scenario = two_weathers(
        model=richer, budgets=[{"name": "calls", "amount": 300.0, "levers": ["calls"]}], solver={"gap": 1e-9}
    )
    solved, _ = checked(scenario, method)
    assert solved.objective == pytest.approx(3690.0)
    used = evaluate(scenario, solved.plan).tables.budgets["used"].tolist()
    assert used == pytest.approx([300.0])


# Coverage of half of gold in every weather: 50 customers with a call in each period, 25 hours, in bad weather too. One
# head at least; 2 heads stay best: in bad weather 50 calls in each of two periods at 0.2 x 5 - 3 = -2 lose 200, half
# of that is 100: 3,500 - 100 = 3,400.


def test_a_rule_holds_in_every_shock_scenario(method: Method):
    rule = {"rule": "coverage", "lever": "calls", "min_effort": 1.0, "min_share": 0.5, "where": {"segment": "gold"}}
    solved, value = checked(two_weathers(rules=[rule]), method)
    assert solved.objective == pytest.approx(3400.0)
    # The mean-value problem hires one head for it, of 50 hours: 3,350 less 100.
    assert value.mean_value is not None
    assert value.mean_value.value == pytest.approx(3250.0)


def test_what_the_mean_commits_to_may_not_do(method: Method):
    # At the mean of the hours of all weathers nobody needs a head; where all of gold stays away from home (a rule that
    # only bad weather makes binding, through 40 customers left where 45 are asked for) calls must keep them.
    scenario = keeping_in_two_weathers(solver={"gap": 1e-6})
    solved, value = checked(scenario, method)
    assert max(heads.headcount for heads in solved.plan.heads) > 0
    assert value.mean_value is None
    assert "cannot keep all limits" in value.notes[0]


def test_no_plan_for_one_scenario_is_no_plan(method: Method):
    rule = {"rule": "customers", "where": {"segment": "gold"}, "min": 101, "periods": [2]}
    with pytest.raises(Infeasible):
        solve_recourse(two_weathers(rules=[rule]), method=method)


# Rules on customer equity hold in the mean: gold earns 1,400 x 2 + 2 heads' calls in good weather 2 x 800, in bad
# weather 200 x 2; the mean of 4,400 (less lever cost included) and 400 is 2,400.


def test_rules_on_equity_hold_in_the_mean():
    rule = {"rule": "equity", "where": {"segment": "gold"}, "min": 2400.0}
    solved, value = checked(two_weathers(rules=[rule]), "extensive form")
    assert solved.objective == pytest.approx(3500.0)
    assert value.wait_and_see is None
    with pytest.raises(Infeasible):
        solve_recourse(two_weathers(rules=[{**rule, "min": 2401.0}]), method="extensive form")


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": [{"rule": "equity", "min": 0.0}]},
        {"rules": [{"rule": "uniform"}]},
        {"rules": [{"rule": "active", "lever": "calls", "max": 1}]},
        {"model": {"levers": {"calls": {"setup": 5.0}}}},
        {"objective": {"kind": "spend", "target": 3000.0}},
    ],
    ids=["equity", "uniform", "active", "setup", "spend"],
)
def test_what_couples_shock_scenarios_is_solved_in_the_extensive_form(changes: dict[str, Any]):
    assert not inseparable(two_weathers())
    scenario = two_weathers(**changes)
    assert inseparable(scenario)
    checked(scenario, "extensive form")


def test_knowing_is_worth_nothing_where_the_same_is_committed_whatever_comes():
    # Side by side, the solver once cut off the best treatments of one shock scenario, and called the rest optimal.
    solved, value = checked(alike(), "extensive form")
    assert value.wait_and_see is not None
    assert solved.objective == pytest.approx(value.wait_and_see.value, rel=2e-6)


def test_all_factors_one_give_the_plan_without_risk(method: Method):
    calm = [{"scenario": name, "probability": 0.5, "segment": "core", "keep_factor": 1.0} for name in ("a", "b")]
    plain = drawn(3, shocks=2)
    scenario = plain.model_copy(update={"risk": two_weathers(risk={"shocks": calm}).risk})
    without = solve(
        plain.model_copy(update={"risk": Scenario.model_fields["risk"].get_default(call_default_factory=True)})
    )
    solved, value = checked(scenario, method)
    assert solved.objective == pytest.approx(without.objective, rel=2e-5)
    assert value.stochastic_solution is not None
    assert value.stochastic_solution.low == pytest.approx(0.0, abs=2e-5 * solved.objective)


@given(seed=st.integers(0, 1000), aversion=st.sampled_from([0.0, 0.6]))
@few
def test_both_ways_agree(seed: int, aversion: float):
    agree(drawn(seed, shocks=3, aversion=aversion))


def test_both_ways_agree_where_efforts_are_continuous():
    agree(drawn(0, shocks=2, continuous=True))


def agree(scenario: Scenario) -> None:
    """Both ways find the same within the gap, below each other's bound and below what knowing the shocks gives."""
    (side, known), (one, _) = (checked(scenario, method) for method in METHODS)
    for first, second in ((side, one), (one, side)):
        assert first.objective <= second.bound * (1 + 1e-9)
    assert side.objective == pytest.approx(one.objective, rel=3 * scenario.solver.gap)
    assert known.wait_and_see is not None
    assert known.wait_and_see.high >= side.objective * (1 - 1e-9)


@given(seed=st.integers(0, 1000))
@few
def test_adapting_is_never_worse_than_a_fixed_plan(seed: int):
    """Where shocks touch margins alone, the fixed plan is one of those that adapt."""
    scenario = drawn(seed, shocks=3, odds=False)
    fixed = scenario.model_copy(update={"risk": scenario.risk.model_copy(update={"recourse": False})})
    adapting, _ = checked(scenario, "extensive form")
    rigid = solve(fixed)
    assert adapting.bound >= rigid.objective * (1 - 1e-9)
    assert adapting.objective >= rigid.objective * (1 - 2 * scenario.solver.gap)
    # The fixed plan earns the same in either reading.
    assert evaluate(scenario, rigid.plan).customer_equity == pytest.approx(rigid.customer_equity, rel=1e-9)


def test_the_mean_of_the_scenarios_is_the_whole():
    scenario = drawn(5, shocks=4)
    solved, _ = solve_recourse(scenario, method="extensive form")
    found = evaluate(scenario, solved.plan)
    risk = found.tables.risk
    assert float(risk["probability"] @ risk["equity"]) == pytest.approx(found.customer_equity, rel=1e-12)
    assert found.margin + found.terminal_value - found.cost == pytest.approx(found.customer_equity, rel=1e-12)
    treated = found.tables.treatments.groupby(["segment", "period"])["customers"].sum()
    present = found.tables.customers.set_index(["segment", "period"])["customers"]
    np.testing.assert_allclose(treated.to_numpy(), present.reindex(treated.index).to_numpy(), rtol=1e-9)


def test_the_farmer(method: Method):
    """Birge and Louveaux: 108,390 with 170, 80 and 250 acres at 150, 230 and 260; the rest is held with the cases."""
    case = facts("farmer")["data"]
    years = {f"year {number}": year for number, year in enumerate(case["scenarios"])}
    scenario = farm(case, years, {name: year["p"] for name, year in years.items()})
    solved, value = checked(scenario, method)
    assert solved.objective == pytest.approx(108390.0)
    planted = {entry.channel: entry.spend for entry in solved.plan.spend if entry.period == 1}
    assert planted == pytest.approx({"wheat": 170 * 150, "corn": 80 * 230, "beets": 250 * 260})
    assert value.stochastic_solution is not None
    assert value.stochastic_solution.value == pytest.approx(1150.0)
    assert value.perfect_information is not None
    assert value.perfect_information.value == pytest.approx(7015.56, abs=0.01)
