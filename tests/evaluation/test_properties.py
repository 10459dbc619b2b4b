"""What must hold for any plan on any small business."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import Evaluator, evaluate

SEGMENTS, HORIZON = 3, 4
efforts = st.floats(0, 4)
shares = st.floats(0, 1)


@st.composite
def businesses(draw, *, scale=1.0):
    """A scenario of two segments of ours and one of a rival, with one lever and one resource."""
    # A millionth of a customer is dust, which treatments leave out.
    crowd = st.just(0.0) | st.floats(0.01, 1000)
    sizes = draw(st.lists(crowd, min_size=SEGMENTS, max_size=SEGMENTS))
    rows = draw(st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=SEGMENTS, max_size=SEGMENTS))
    probability = [np.array(row[:3]) / max(sum(row), 1e-9) for row in rows]
    owners = ["us", "us", "rival"]
    slope = draw(st.floats(0, 1))
    return {
        "scenario": "any",
        "horizon": HORIZON,
        "model": {
            "model": "any",
            "period": "quarter",
            "discount_rate": 0.1,
            "segments": [
                {"segment": f"s{i}", "customers": size * scale, "margin": draw(st.floats(-5, 50)), "owner": owners[i]}
                for i, size in enumerate(sizes)
            ],
            "transitions": [
                {"from": f"s{i}", "to": f"s{j}", "probability": float(probability[i][j])}
                for i in range(SEGMENTS)
                for j in range(SEGMENTS)
            ],
            "resources": {"desk": {"kind": "fixed", "function": "service", "capacity": draw(st.floats(0, 2000))}},
            "levers": {"calls": {"function": "service", "effort": {"max": 4}, "uses": {"desk": 1}, "cost": 2}},
            "responses": [{"lever": "calls", "effect": "retention", "curve": {"curve": "linear", "slope": slope}}],
        },
    }


@st.composite
def plans(draw):
    cells = [(s, t) for s in range(SEGMENTS) for t in range(1, HORIZON + 1)]
    rows = [
        {"segment": f"s{s}", "period": t, "share": draw(shares), "efforts": [["calls", draw(efforts)]]}
        for s, t in draw(st.lists(st.sampled_from(cells), unique=True, max_size=6))
    ]
    return Plan.model_validate({"treatments": rows})


def read(question):
    return Scenario.model_validate(question)


def money(question, capacity):
    """The same business with another capacity."""
    desk = {"kind": "fixed", "function": "service", "capacity": capacity}
    return {**question, "model": {**question["model"], "resources": {"desk": desk}}}


@settings(max_examples=30)
@given(businesses(), plans())
def test_parts_add_up(question, asked):
    result = evaluate(read(question), asked)
    everyone = result.equity_current_customers + result.equity_new_customers
    size = abs(result.margin) + result.cost + abs(result.terminal_value) + 1.0
    assert everyone == pytest.approx(result.customer_equity, abs=1e-9 * size)
    # No channels: all equity is earned by those who are in some segment today.
    assert result.tables.equity["equity"].sum() == pytest.approx(result.customer_equity, abs=1e-9 * size)
    weights = result.tables.treatments.groupby(["segment", "period"])["customers"].sum()
    table = result.tables.customers.query(f"period <= {HORIZON}").set_index(["segment", "period"])["customers"]
    assert np.allclose(weights, table.loc[weights.index], rtol=1e-5, atol=1e-9)


@settings(max_examples=30)
@given(businesses(), plans())
def test_what_is_scaled_fits(question, asked):
    evaluator = Evaluator(read(question))
    trajectory = evaluator.run(asked)
    assert (trajectory.dispatch.used <= trajectory.capacity.most * (1 + 1e-6) + 1e-9).all()
    free = evaluator.run(asked, repair=False)
    capacity_broken = any(violation.kind == "capacity" for violation in free.violations)
    assert bool(trajectory.flow.scaled) == capacity_broken


@settings(max_examples=30)
@given(businesses(), plans(), st.floats(0.01, 100))
def test_equity_is_linear_in_customers_and_capacity(question, asked, factor):
    segments = [{**row, "customers": row["customers"] * factor} for row in question["model"]["segments"]]
    capacity = question["model"]["resources"]["desk"]["capacity"]
    larger = money(question, capacity * factor)
    larger["model"] = {**larger["model"], "segments": segments}
    one, many = evaluate(read(question), asked), evaluate(read(larger), asked)
    size = abs(one.margin) + one.cost + abs(one.terminal_value)
    assert many.customer_equity == pytest.approx(factor * one.customer_equity, abs=1e-6 * factor * size + 1e-9)


@settings(max_examples=30)
@given(businesses())
def test_no_effort_is_powers_of_the_baseline(question):
    # n0' (sum over t of w_t P^(t-1) m + w_(T+1) P^T V), with V = (I - beta P)^-1 m.
    scenario = read(question)
    model = scenario.model
    n0 = np.array([segment.customers for segment in model.segments])
    m = np.array([segment.margin if segment.ours else 0.0 for segment in model.segments])
    P = np.array([row.probability for row in model.transitions]).reshape(SEGMENTS, SEGMENTS)
    beta = 1.1**-0.25
    V = np.linalg.solve(np.eye(SEGMENTS) - beta * P, m)
    flows = sum(beta**t * np.linalg.matrix_power(P, t) @ m for t in range(HORIZON))
    value = n0 @ (flows + beta**HORIZON * np.linalg.matrix_power(P, HORIZON) @ V)
    assert evaluate(scenario, Plan()).customer_equity == pytest.approx(value, rel=1e-9, abs=1e-6)


@settings(max_examples=30)
@given(businesses(), plans())
def test_effort_without_response_is_money_lost(question, asked):
    idle = {**question, "model": {**question["model"], "responses": []}}
    nothing, spent = evaluate(read(idle), Plan()), evaluate(read(idle), asked)
    assert spent.customer_equity == pytest.approx(nothing.customer_equity - spent.cost, rel=1e-9, abs=1e-6)
