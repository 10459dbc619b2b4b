"""The walk-through of the documentation: its files are the ones it shows, and they are right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from allocator.files import read_scenario

DOCS = Path(__file__).parents[1] / "docs"
SHOWN = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def shown() -> list[tuple[str, str]]:
    return SHOWN.findall((DOCS / "first-scenario.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "text"), shown(), ids=lambda part: part.split("\n")[0])
def test_the_page_shows_the_file(name, text):
    assert (DOCS / name).read_text(encoding="utf-8") == text


def test_every_file_is_shown():
    assert {name for name, _ in shown()} == {f"first-scenario/{path.name}" for path in DOCS.glob("first-scenario/*")}


def test_the_scenario_has_no_mistakes():
    scenario = read_scenario(DOCS / "first-scenario" / "scenario.yaml")
    assert scenario.name == "gym-year"
    assert scenario.current_plan is not None
