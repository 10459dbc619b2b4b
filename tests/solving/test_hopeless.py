"""Input that nobody can answer is neither infeasible nor a failure of ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from infeasible_scenario import scenario, small

from allocator.domain.errors import Infeasible, Intractable, Unbounded
from allocator.engine import solve_scenario
from allocator.solving import Engine
from allocator.solving.deadline import Deadline

STEEP = {"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 1e200}}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"model": {"responses": [STEEP]}}, "gold"),
        ({"model": {"segments": [{"segment": "gold", "customers": 100, "margin": 1e308}]}}, "margins"),
        ({"terminal": {"gold": 1e308}}, "margins"),
        ({"rules": [{"rule": "customers", "min": 1e200}]}, "customers"),
    ],
)
def test_numbers_that_cannot_be_computed_with_are_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(Intractable, match=named):
        solve_scenario(scenario(small(**changes)))


def test_a_budget_of_next_to_nothing_is_infeasible_and_no_worse() -> None:
    """Wages of 200 cannot be paid; so is one of 1e-200, of which no percentage makes sense."""
    with pytest.raises(Infeasible) as raised:
        solve_scenario(scenario(small(budgets=[{"name": "all", "amount": 1e-200}])))
    assert raised.value.changes[0].proposed == pytest.approx(200)


def test_unbounded_says_what_grows() -> None:
    """No input that passes the checks is unbounded; a reward for hiring, put in behind them, is."""
    free = {"resources": {"desk": {"wage": 0, "hire": {"cost": 0}}}}
    engine = Engine(scenario(small(model=free)))
    hires = [column for column in range(len(engine.program.objective)) if np.isinf(engine.program.upper[column])]
    engine.master.solver.cost_columns(np.array(hires), np.ones(len(hires)))
    with pytest.raises(Unbounded, match="hires_desk"):
        engine.root(Deadline(), gap=1e-6)
