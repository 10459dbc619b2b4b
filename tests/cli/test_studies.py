"""frontier, sensitivity and assess from the command line: what is written, and where mistakes are placed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from allocator.cli.app import app

ROOT = Path(__file__).parents[2]
RISK = ROOT / "tests" / "cases" / "risk" / "scenario.yaml"


@pytest.mark.parametrize(
    ("command", "options", "page"),
    [
        ("frontier", ["--points", "3"], "frontier.html"),
        ("sensitivity", ["--solved", "0"], "sensitivity.html"),
        ("assess", ["--samples", "0", "--shocks", "50"], "assessment.html"),
    ],
)
def test_a_page_is_written(tmp_path: Path, command: str, options: list[str], page: str) -> None:
    ended = CliRunner().invoke(app, [command, str(RISK), *options, "--out", str(tmp_path / "out")])
    assert ended.exit_code == 0
    assert (tmp_path / "out" / page).is_file()
    assert (tmp_path / "out" / "summary.json").is_file()


@pytest.mark.parametrize("command", ["frontier", "assess"])
def test_without_shocks_the_place_is_named(command: str) -> None:
    ended = CliRunner().invoke(app, [command, str(ROOT / "scenarios" / "ladder.yaml")])
    assert ended.exit_code == 2
    assert "ladder.yaml:" in ended.output
