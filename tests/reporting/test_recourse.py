"""What a run with recourse writes, and that its folder is a plan."""

import dataclasses
import json
from pathlib import Path

import pandas as pd
import pytest

from allocator.domain.result import Figure, RecourseValue, Result
from allocator.engine import evaluate_files, run
from allocator.reporting.blocks import Prose
from allocator.reporting.sections import recourse
from allocator.reporting.summary import summary
from allocator.reporting.tables import output_tables
from allocator.reporting.view import View

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
    facts = json.loads((results / "out" / "summary.json").read_text(encoding="utf-8"))
    found = facts["recourse"]
    assert found["method"] == "extensive form"
    assert found["scenarios"] == 2
    worth, known = found["stochastic_solution"], found["perfect_information"]
    assert worth["value"] == pytest.approx(facts["objective"] - found["mean_value"]["value"])
    assert known["value"] == pytest.approx(found["wait_and_see"]["value"] - facts["objective"])
    for figure in (worth, known):
        assert 0.0 <= figure["low"] <= figure["value"] <= figure["high"]


def test_equity_is_the_mean_over_the_shock_scenarios(results: Path) -> None:
    facts = json.loads((results / "out" / "summary.json").read_text(encoding="utf-8"))
    risk = pd.read_csv(results / "out" / "risk.csv")
    assert facts["customer_equity"] == pytest.approx(float(risk["probability"] @ risk["equity"]), rel=1e-12)


def test_the_folder_is_a_plan_that_adapts(results: Path) -> None:
    facts = json.loads((results / "out" / "summary.json").read_text(encoding="utf-8"))
    read = evaluate_files(results / "scenario.yaml", results / "out").evaluation
    assert read.feasible
    assert read.customer_equity == pytest.approx(facts["customer_equity"], rel=1e-12)


def test_the_page_has_a_section(results: Path) -> None:
    page = (results / "out" / "report.html").read_text(encoding="utf-8")
    assert "Planning for all shock scenarios rather than for their mean is worth" in page
    assert "Treatments by shock scenario" in page


def test_a_figure_is_said_as_far_as_it_is_proven(full: Result) -> None:
    # Between nothing and 9,633, whatever the plans found differ by; one number where the two ends are one.
    open_, closed = Figure(0.0, 0.0, 9633.0), Figure(500.0, 500.0, 500.0)
    value = RecourseValue("one program", 3, None, open_, None, closed, ())
    tables, facts = output_tables(full), summary(full, {})
    section = recourse.section(View(dataclasses.replace(full, recourse=value), tables, facts))
    assert section is not None
    sentences = section.blocks[0]
    assert isinstance(sentences, Prose)
    said = [sentence.replace("\N{NO-BREAK SPACE}", " ") for sentence in sentences.sentences]
    assert "Planning for all shock scenarios rather than for their mean is worth between CNY 0 and CNY 9,633." in said
    assert "Knowing the shock scenario before deciding would be worth CNY 500." in said
