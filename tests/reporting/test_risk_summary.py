"""What a run writes about risk agrees with itself, and drawn shocks can be read back."""

import json
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from allocator.engine import run

CASE = Path(__file__).parents[1] / "cases" / "risk" / "scenario.yaml"


def question(folder: Path, **risk: object) -> Path:
    """The case with another risk section."""
    content = YAML(typ="safe").load(CASE.read_text(encoding="utf-8"))
    content |= {"model": str(CASE.parent / "model.yaml"), "risk": risk}
    path = folder / "scenario.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(content, file)
    return path


def worst(risk: pd.DataFrame, confidence: float) -> float:
    """Mean equity of the worst (1 - confidence) of probability, scenario by scenario from the bottom."""
    left, total = 1.0 - confidence, 0.0
    for row in risk.sort_values("equity").itertuples():
        part = min(left, row.probability)
        total += part * row.equity
        left -= part
        if left <= 0.0:
            break
    return total / (1.0 - confidence)


@pytest.mark.parametrize("confidence", [0.0, 0.6, 0.75, 0.99])
def test_cvar_in_the_summary_is_that_of_the_table(tmp_path: Path, confidence: float) -> None:
    shocks = str(CASE.parent / "shocks.csv")
    scenario = question(tmp_path, shocks=shocks, confidence=confidence, aversion=0.3)
    folder = run(scenario, tmp_path / "out", html=False, xlsx=False).folder
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    risk = pd.read_csv(folder / "risk.csv")
    assert summary["cvar"] == pytest.approx(worst(risk, confidence), rel=1e-9)
    assert summary["confidence"] == confidence
    assert summary["customer_equity"] == pytest.approx((risk["probability"] * risk["equity"]).sum(), rel=1e-9)


@pytest.mark.parametrize("autocorrelation", [None, 0.5])
def test_drawn_shocks_are_shown_and_can_be_read_back(tmp_path: Path, autocorrelation: float | None) -> None:
    drawn = {"scenarios": 8, "volatility": 0.3, "by": "tier", "seed": 3, "autocorrelation": autocorrelation}
    first = run(question(tmp_path, generate=drawn, confidence=0.75), tmp_path / "first", xlsx=False)
    page = first.report.read_text(encoding="utf-8")
    assert "What was drawn" in page
    table = str(first.folder / "shocks.csv")
    second = run(question(tmp_path, shocks=table, confidence=0.75), tmp_path / "second", html=False, xlsx=False)
    pd.testing.assert_frame_equal(
        second.result.evaluation.tables.risk, first.result.evaluation.tables.risk, rtol=1e-6, check_dtype=False
    )
    assert not (second.folder / "shocks.csv").exists(), "the planner has that table already"
