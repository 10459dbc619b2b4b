"""What a run with recourse writes, and that its folder is a plan."""

import json
from pathlib import Path

import pandas as pd
import pytest

from allocator.engine import evaluate_files, run

FILES = {
    "model.yaml": """\
model: small
period: year
discount_rate: 0.0
segments: segments.csv
transitions: transitions.csv
responses: responses.csv
resources:
  desk: {kind: labour, function: service, headcount: 0, hours: 50, wage: 50, hire: {cost: 150, max: 5}}
levers:
  calls: {function: service, where: {segment: gold}, effort: {levels: [1, 2]}, uses: {desk: 0.5}, cost: 3}
""",
    "segments.csv": "segment,customers,margin\ngold,100,10\nsilver,200,4\n",
    "transitions.csv": "from,to,probability\ngold,gold,0.8\nsilver,silver,1\n",
    "responses.csv": "lever,effect,curve,slope\ncalls,margin_add,linear,5\n",
    "shocks.csv": "scenario,probability,segment,factor,keep_factor\ngood,0.5,gold,1.4,2\nbad,0.5,gold,0.2,0.25\n",
    "scenario.yaml": """\
scenario: small
model: model.yaml
horizon: 2
terminal: none
risk: {shocks: shocks.csv, recourse: true}
solver: {gap: 1.0e-9, threads: 1}
""",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recourse")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    run(folder / "scenario.yaml", folder / "out", xlsx=False)
    return folder


def test_the_summary_says_what_adapting_and_knowing_are_worth(results: Path) -> None:
    summary = json.loads((results / "out" / "summary.json").read_text(encoding="utf-8"))
    recourse = summary["recourse"]
    assert recourse["method"] == "extensive form"
    assert recourse["scenarios"] == 2
    worth, known = recourse["stochastic_solution"], recourse["perfect_information"]
    assert worth["value"] == pytest.approx(summary["objective"] - recourse["mean_value"]["value"])
    assert known["value"] == pytest.approx(recourse["wait_and_see"]["value"] - summary["objective"])
    for figure in (worth, known):
        assert 0.0 <= figure["low"] <= figure["value"] <= figure["high"]


def test_equity_is_the_mean_over_the_shock_scenarios(results: Path) -> None:
    summary = json.loads((results / "out" / "summary.json").read_text(encoding="utf-8"))
    risk = pd.read_csv(results / "out" / "risk.csv")
    assert summary["customer_equity"] == pytest.approx(float(risk["probability"] @ risk["equity"]), rel=1e-12)


def test_the_folder_is_a_plan_that_adapts(results: Path) -> None:
    summary = json.loads((results / "out" / "summary.json").read_text(encoding="utf-8"))
    read = evaluate_files(results / "scenario.yaml", results / "out").evaluation
    assert read.feasible
    assert read.customer_equity == pytest.approx(summary["customer_equity"], rel=1e-12)


def test_the_page_has_a_section(results: Path) -> None:
    page = (results / "out" / "report.html").read_text(encoding="utf-8")
    assert "Planning for all shock scenarios rather than for their mean is worth" in page
    assert "Treatments by shock scenario" in page
