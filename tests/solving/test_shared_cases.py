"""Cases whose answers were computed apart from this program: by listing every treatment and solving the
whole program directly, or, for the cells, by branch and bound on one multiplier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from allocator.domain.scenario import Scenario
from allocator.engine import solve_scenario
from allocator.files import read_scenario

CASES = Path(__file__).parents[1] / "cases"
TOLERANCE = {"channels": 1e-4, "everything": 1e-4}
"""Their answers stand for curves approximated by 400 pieces; the others are exact."""


def _read(folder: Path, gap: float) -> Scenario:
    scenario = read_scenario(folder / "scenario.yaml")
    return scenario.model_copy(update={"solver": scenario.solver.model_copy(update={"gap": gap})})


@pytest.mark.parametrize(
    "name", ["flows", "market", "heads", "programmes", "channels", "setup", "risk", "rules", "everything"]
)
def test_case(name: str) -> None:
    expected = json.loads((CASES / name / "expected.json").read_text())
    result = solve_scenario(_read(CASES / name, 1e-6))
    tolerance = TOLERANCE.get(name, 1e-6)
    assert result.status == "optimal"
    assert result.gap <= 1e-6
    assert result.objective == pytest.approx(expected["objective"], rel=tolerance)
    assert result.customer_equity == pytest.approx(expected["customer_equity"], rel=tolerance)
    if "cvar" in expected:
        assert result.evaluation.cvar == pytest.approx(expected["cvar"], rel=tolerance)


@pytest.mark.parametrize("name", sorted(path.name for path in (CASES / "cells").iterdir()))
def test_cell(name: str) -> None:
    """New customers are worth 10,000 each, so their number is what the answers state."""
    expected = json.loads((CASES / "cells" / name / "expected.json").read_text())
    result = solve_scenario(_read(CASES / "cells" / name, 1e-4))
    won = float(result.evaluation.tables.channels["new_customers"].sum())
    assert result.gap <= 1e-4
    assert won >= 0.99999 * expected["value"]
    assert won <= expected["bound"] * (1 + 1e-6)
    assert result.bound >= result.objective * (1 - 1e-12)
