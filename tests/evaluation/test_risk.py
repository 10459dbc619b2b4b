"""Equity under shocks, CVaR, and figures of spread."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_scenario import plan, scenario

from allocator.evaluation import cvar, evaluate, risk_statistics

SHOCKS = [
    {"scenario": "bad", "probability": 0.25, "segment": "gold", "factor": 0.2},
    {"scenario": "good", "probability": 0.75, "segment": "gold", "factor": 1.2},
    {"scenario": "good", "probability": 0.75, "segment": "bronze", "period": 2, "factor": 2.0},
]


def run(**risk):
    return evaluate(scenario(terminal="baseline", risk={"shocks": SHOCKS, "confidence": 0.8, **risk}), plan())


def test_equity_of_each_shock():
    # Gold earns 1800 and is left with 3328; bronze 400 + 240 and 308; prospects are left with 324; wages 200.
    # Bad: 0.2 x 5128 + 640 + 308 + 324 - 200 = 2097.6. Good: 1.2 x 5128 + 400 + 480 + 308 + 324 - 200 = 7465.6.
    result = run()
    assert result.tables.risk["equity"].tolist() == pytest.approx([2097.6, 7465.6])
    assert result.customer_equity == pytest.approx(0.25 * 2097.6 + 0.75 * 7465.6)
    assert result.margin + result.terminal_value - result.cost == pytest.approx(result.customer_equity)
    # The worst 20 percent lie within the bad scenario.
    assert result.cvar == pytest.approx(2097.6)
    parts = result.equity_current_customers + result.equity_new_customers
    assert parts - 200 == pytest.approx(result.customer_equity)


def test_objective_weighs_mean_and_tail():
    result = run(aversion=0.3)
    assert result.objective == pytest.approx(0.7 * result.customer_equity + 0.3 * result.cvar)


def test_cvar_floor_and_chance():
    result = run(cvar_floor=2500, chance={"target": 5000, "probability": 0.9})
    assert [(v.kind, v.excess) for v in result.violations] == [
        ("cvar", pytest.approx(402.4)),
        ("chance", pytest.approx(0.15)),
    ]
    assert result.tables.rules["rule"].tolist() == ["CVaR floor", "chance"]
    assert run(cvar_floor=2000, chance={"target": 5000, "probability": 0.75}).feasible


def test_rule_on_equity_reads_the_mean():
    question = scenario(risk={"shocks": SHOCKS}, rules=[{"rule": "equity", "min": 0, "where": {"tier": "gold"}}])
    # Mean factor of gold: 0.25 x 0.2 + 0.75 x 1.2 = 0.95.
    assert evaluate(question, plan()).tables.rules["value"].tolist() == pytest.approx([0.95 * 1800])


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(0.0, 3.0), (0.5, (1 * 0.2 + 2 * 0.3) / 0.5), (0.75, (1 * 0.2 + 2 * 0.05) / 0.25), (0.8, 1.0), (0.95, 1.0)],
)
def test_cvar_splits_a_scenario_where_needed(confidence, expected):
    # Values 1, 2, 4.4 with probabilities 0.2, 0.3, 0.5.
    assert cvar([4.4, 1, 2], [0.5, 0.2, 0.3], confidence) == pytest.approx(expected)


def test_cvar_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        cvar([], [], 0.9)
    with pytest.raises(ValueError, match="confidence"):
        cvar([1.0], [1.0], 1.0)


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0.01, 1)), min_size=1, max_size=20),
    st.floats(0, 0.99),
    st.floats(0, 0.99),
)
def test_cvar_is_below_the_mean_and_falls_with_confidence(rows, one, other):
    values, weights = np.array(rows).T
    low, high = sorted((one, other))
    mean = float(values @ weights / weights.sum())
    slack = 1e-9 * np.abs(values).max() + 1e-9
    assert cvar(values, weights, high) <= cvar(values, weights, low) + slack
    assert cvar(values, weights, low) <= mean + slack
    assert cvar(values, weights, high) >= values.min() - slack


def frame(*equity):
    return pd.DataFrame({"scenario": list("abcd"), "probability": [0.1, 0.2, 0.3, 0.4], "equity": equity})


def test_statistics():
    found = risk_statistics(frame(10.0, 20.0, 30.0, 40.0), 0.8, target=20.0, other=frame(11.0, 20.0, 31.0, 0.0))
    assert found.mean == pytest.approx(30)
    assert found.standard_deviation == pytest.approx(10)
    assert (found.percentile_5, found.percentile_50, found.percentile_95) == (10, 30, 40)
    assert found.cvar == pytest.approx(15)
    assert found.below_target == pytest.approx(0.1)
    assert found.below_other == pytest.approx(0.4)


def test_statistics_match_scenarios_by_name():
    mine = frame(10.0, 20.0, 30.0, 40.0)
    assert risk_statistics(mine, 0.9, other=mine.iloc[::-1]).below_other == 0
    with pytest.raises(ValueError, match="lacks"):
        risk_statistics(mine, 0.9, other=mine.iloc[:2])
    alone = risk_statistics(mine, 0.9)
    assert alone.below_target is None
    assert alone.below_other is None
