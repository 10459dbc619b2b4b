"""The verbs of studies from files to files; what each finds is tested in its own room."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocator import studies
from allocator.domain.errors import InvalidInput

CASES = Path(__file__).parent / "cases"
RISK = CASES / "risk" / "scenario.yaml"


def test_what_was_found_is_returned_and_written(tmp_path: Path) -> None:
    written = studies.frontier(RISK, tmp_path / "out", points=3)
    assert written.page == tmp_path / "out" / "frontier.html"
    assert len(written.found.points) == 3
    assert written.sentences[0] in written.page.read_text(encoding="utf-8")
    assert sorted(path.name for path in (tmp_path / "out" / "plans").iterdir()) == ["1", "2", "3"]


def test_a_folder_below_results_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written = studies.assess(RISK.resolve(), samples=0, shocks=10)
    assert written.page == Path("results") / f"{written.found.scenario.name}-assessment" / "assessment.html"


def test_mistakes_are_placed_in_the_files(tmp_path: Path) -> None:
    calm = CASES / "flows" / "scenario.yaml"
    with pytest.raises(InvalidInput) as caught:
        studies.frontier(calm, tmp_path / "out")
    assert "scenario.yaml:" in caught.value.mistakes[0].place
    assert not (tmp_path / "out").exists()


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="two scenarios are called"):
        studies.benchmark([RISK, RISK], tmp_path / "out", policies=["uniform"])
