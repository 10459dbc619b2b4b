"""A command line whose engine answers what a test says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner
from typer.testing import Result as Ended

import allocator
from allocator.domain.evaluation import Evaluation, Tables
from allocator.domain.plan import Plan
from allocator.domain.result import Prices, Result, Size
from allocator.domain.scenario import Scenario

Call = Callable[..., Ended]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands where the engine does; a test hangs `run`, `check` or `evaluate_files` on it."""
    standing_in = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "allocator.engine", standing_in)
    monkeypatch.setattr(allocator, "engine", standing_in, raising=False)
    return standing_in


@pytest.fixture
def call() -> Call:
    """Call `allocator` with the given arguments, as a shell without a terminal would."""
    from allocator.cli.app import app

    def invoke(*arguments: str, **environment: str) -> Ended:
        return CliRunner().invoke(app, list(arguments), env=environment, prog_name="allocator")

    return invoke


@pytest.fixture
def scenario() -> Scenario:
    segment = {"segment": "gold", "customers": 100, "margin": 10}
    model = {"model": "shop", "currency": "EUR", "period": "quarter", "discount_rate": 0.1, "segments": [segment]}
    return Scenario.model_validate({"scenario": "growth", "model": model, "horizon": 4})


@pytest.fixture
def evaluation() -> Callable[..., Evaluation]:
    empty = Tables(**{name: pd.DataFrame() for name in Tables.__dataclass_fields__})

    def build(equity: float, **others: Any) -> Evaluation:
        facts: dict[str, Any] = {
            "margin": equity,
            "cost": 0.0,
            "terminal_value": 0.0,
            "equity_current_customers": equity,
            "equity_new_customers": 0.0,
            "cvar": None,
            "objective": equity,
            "tables": empty,
        }
        return Evaluation(customer_equity=equity, **{**facts, **others})

    return build


@pytest.fixture
def outcome(scenario: Scenario, evaluation: Callable[..., Evaluation]) -> Callable[..., SimpleNamespace]:
    """What the engine's `run` returns: equity 1,200 where no effort gives 1,000 and the current plan 1,100."""

    def build(**others: Any) -> SimpleNamespace:
        facts: dict[str, Any] = {
            "scenario": scenario,
            "plan": Plan(),
            "evaluation": evaluation(1200.0),
            "prices": Prices(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), local=False),
            "status": "optimal",
            "objective": 1200.0,
            "bound": 1200.06,
            "gap": 5e-5,
            "size": Size(1, 1, 0, 1, 1),
            "seconds": {"load": 0.5, "solve": 1.0},
            "no_effort": evaluation(1000.0),
            "current_plan": evaluation(1100.0),
        }
        folder = Path("results/growth")
        return SimpleNamespace(result=Result(**{**facts, **others}), folder=folder, report=folder / "report.html")

    return build
