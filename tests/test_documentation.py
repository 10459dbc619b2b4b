"""What the documentation shows is what there is: its example's files, and its Python, which is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from allocator.files import read_scenario

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SHOWN = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shown() -> list[tuple[str, str]]:
    return SHOWN.findall((DOCS / "first-scenario.md").read_text(encoding="utf-8"))


def snippets() -> list[str]:
    pages = (ROOT / "README.md", DOCS / "api.md")
    return [code for page in pages for code in PYTHON.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("name", "text"), shown(), ids=[name for name, _ in shown()])
def test_the_walk_through_shows_the_files(name, text):
    assert (DOCS / name).read_text(encoding="utf-8") == text


def test_the_walk_through_shows_every_file():
    assert {name for name, _ in shown()} == {f"first-scenario/{path.name}" for path in DOCS.glob("first-scenario/*")}


def test_the_scenario_of_the_walk_through_has_no_mistakes():
    scenario = read_scenario(DOCS / "first-scenario" / "scenario.yaml")
    assert scenario.name == "gym-year"
    assert scenario.current_plan is not None


@pytest.mark.parametrize("code", snippets(), ids=lambda code: code.strip().splitlines()[-1][:40])
def test_python_that_is_shown_runs(code, monkeypatch):
    monkeypatch.chdir(ROOT)
    exec(compile(code, "documentation", "exec"), {})
