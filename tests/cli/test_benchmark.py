"""`allocator benchmark` from files to files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result as Ended

CASES = Path(__file__).parents[1] / "cases"
FEW = ("--policies", "uniform,greedy", "--replications", "20", "--workers", "1")

Call = Callable[..., Ended]


def test_tables_and_a_page_are_written(call: Call, tmp_path: Path) -> None:
    scenario = str(CASES / "flows" / "scenario.yaml")
    ended = call("benchmark", scenario, *FEW, "--out", str(tmp_path))
    assert ended.exit_code == 0, ended.output
    assert "benchmark.html" in ended.stdout
    content = json.loads((tmp_path / "benchmark.json").read_text())
    assert [row["policy"] for row in content["scores"]] == ["no_effort", "uniform", "greedy"]
    page = (tmp_path / "benchmark.html").read_text()
    assert "The same for every segment" in page
    assert page.count('class="chart"') == 2


def test_quiet_says_nothing(call: Call, tmp_path: Path) -> None:
    scenario = str(CASES / "flows" / "scenario.yaml")
    ended = call("benchmark", scenario, *FEW, "--shocks", "none", "--quiet", "--out", str(tmp_path))
    assert (ended.exit_code, ended.output) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--policies", "unifrm"), "did you mean `uniform`"),
        (("--replications", "1"), "--replications"),
        (("--shocks", "fake"), "--shocks"),
    ],
)
def test_wrong_calls_end_with_2(call: Call, tmp_path: Path, arguments: tuple[str, str], words: str) -> None:
    scenario = str(CASES / "flows" / "scenario.yaml")
    ended = call("benchmark", scenario, *arguments, "--out", str(tmp_path))
    assert ended.exit_code == 2
    assert words in ended.output


def test_mistakes_of_all_scenarios_are_said_together(call: Call, tmp_path: Path) -> None:
    torn = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for path in torn:
        path.write_text("scenario: x\nhorizn: 3\n")
    ended = call("benchmark", *map(str, torn), *FEW)
    assert ended.exit_code == 2
    assert "one.yaml" in ended.output
    assert "two.yaml" in ended.output


def test_two_scenarios_of_one_name_are_refused(call: Call, tmp_path: Path) -> None:
    scenario = str(CASES / "flows" / "scenario.yaml")
    ended = call("benchmark", scenario, scenario, *FEW, "--out", str(tmp_path))
    assert ended.exit_code == 2
    assert "two scenarios are called `flows`" in ended.output
