"""What YAML reads otherwise than planners mean it."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocator.domain.errors import InvalidInput
from allocator.domain.scenario import Objective, SolverSettings
from allocator.files import read_scenario
from tests.files.planner_folder import extending

TABLES = {
    "segments.csv": "segment,customers,margin,vip\n2024,100,10,true\nno,200,4,false\n",
    "transitions.csv": "from,to,probability\n2024,2024,0.9\nno,no,0.9\n",
    "model.yaml": """\
model: 2024
currency:
period: year
discount_rate: 0.1
segments: segments.csv
transitions: transitions.csv
treated:
channels:
resources:
  1: {kind: labour, function: 7, headcount: 1, hours: 100, hire: , pool: 01}
levers:
  2025: {function: 7, where: {segment: [2024, no], vip: true}, effort: {max: 2}, uses: {01: 0.5}}
responses:
  - {lever: 2025, effect: margin_add, curve: linear, slope: 2}
""",
    "scenario.yaml": """\
extends:
scenario: 0012
model: model.yaml
horizon: 2
budgets:
terminal: {2024: 5, no: 3}
rules:
  - {rule: coverage, lever: 2025, min_effort: 1, max_share: 0.5, where: {segment: 2024}, name: 1.50}
risk:
objective:
solver:
current_plan:
overrides:
""",
}


def test_empty_sections_are_left_out_and_numbers_may_be_names(tmp_path: Path) -> None:
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    scenario = read_scenario(tmp_path / "scenario.yaml")
    assert (scenario.name, scenario.model.name, scenario.model.currency) == ("0012", "2024", "")
    assert (scenario.budgets, scenario.objective, scenario.solver) == ((), Objective(), SolverSettings())
    assert not scenario.risk.present
    assert [segment.name for segment in scenario.model.segments] == ["2024", "no"]
    (resource,) = scenario.model.resources.values()
    assert (resource.pool, resource.function) == ("01", "7")
    assert scenario.rules[0].name == "1.50"
    assert scenario.rules[0].where == {"segment": ("2024",)}


def test_an_empty_section_takes_away_what_the_scenario_below_says(tmp_path: Path) -> None:
    path = extending(tmp_path, "budgets:\nrules:\nrisk:\noverrides: {levers: {visits: {uses: }}}\n")
    scenario = read_scenario(path)
    assert (scenario.budgets, scenario.rules, scenario.risk.present) == ((), (), False)
    assert scenario.model.levers["visits"].uses == {}


def test_mistakes_are_told_beside_what_was_meant(tmp_path: Path) -> None:
    path = extending(tmp_path, "scenario: 2024\nbudgets:\nhorizon:\nrisk: {confidence: }\nrules:\n  - {rule: 3}\n")
    with pytest.raises(InvalidInput) as caught:
        read_scenario(path)
    told = "\n".join(mistake.message for mistake in caught.value.mistakes)
    assert "`horizon` is empty" in told
    assert "`confidence` is empty" in told
    assert "unknown rule `3`" in told
    assert "budgets" not in told
    assert "scenario" not in told
