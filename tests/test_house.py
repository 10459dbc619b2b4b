"""What holds for the repository as a whole: layers, sizes, quick imports, documents that say what is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from ruamel.yaml import YAML

import allocator
from allocator.cli.app import COMMANDS, app

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "allocator"
DOCS = ROOT / "docs"
MOST_LINES = 320
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def modules_after(statement: str) -> set[str]:
    """Top-level packages loaded in a fresh process once ``statement`` has run."""
    script = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(ended.stdout.split("\n")[-2].split())


def test_layers_hold():
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_file_is_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < MOST_LINES


def test_no_file_names_a_machine_or_a_registry():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone")
    ended = subprocess.run([ROOT / ".ci" / "check-addresses"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_import_is_light():
    assert not modules_after("import allocator") & {"pandas", "numpy", "pyomo", "highspy", "pydantic", "typer"}


def test_help_is_light():
    asked = "import allocator.cli as cli\ntry:\n    cli.main()\nexcept SystemExit:\n    pass"
    heavy = {"pandas", "numpy", "pyomo", "highspy", "scipy", "plotly", "rich"}
    assert not modules_after(f"import sys\nsys.argv = ['allocator', 'run', '--help']\n{asked}") & heavy


def test_the_engine_does_without_statistics_and_without_solver_plugins():
    heavy = ("scipy.stats", "scipy.optimize", "pyomo.environ")
    modules_after(f"import sys, allocator.engine\nassert not [name for name in {heavy} if name in sys.modules]")


def test_console_script_is_installed():
    script = shutil.which("allocator", path=str(Path(sys.executable).parent))
    assert script is not None
    ended = subprocess.run([script, "--help"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert "Usage: allocator" in ended.stdout


def test_unknown_names_of_the_api_are_refused():
    with pytest.raises(AttributeError, match="no attribute 'solv'"):
        _ = allocator.solv


@pytest.mark.parametrize("name", allocator.__all__)
def test_names_of_the_api_are_there_and_documented(name):
    assert getattr(allocator, name) is not None
    assert name in (DOCS / "api.md").read_text(encoding="utf-8") or name.startswith("__")


def navigated(entry: object) -> list[str]:
    """Pages of a part of mkdocs' navigation."""
    if isinstance(entry, dict):
        return [page for part in entry.values() for page in navigated(part)]
    if isinstance(entry, list):
        return [page for part in entry for page in navigated(part)]
    return [str(entry)]


def test_every_docs_page_is_in_the_navigation_and_the_other_way_round():
    settings = YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
    assert set(navigated(settings["nav"])) == pages


@pytest.mark.parametrize("page", sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")]), ids=lambda path: path.name)
def test_links_lead_somewhere(page):
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_architecture_names_every_room():
    rooms = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert [room for room in sorted(rooms) if f"{room}/" not in text] == []


def test_cli_reference_names_every_command_and_option():
    from typer.main import get_command

    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    for function in COMMANDS:
        assert f"allocator {function.__name__}" in text
        for parameter in get_command(app).commands[function.__name__].params:
            assert parameter.opts[0].removeprefix("--") in text.lower()


@pytest.mark.parametrize("status", [0, 1, 2, 3, 4, 5, 130])
def test_readme_and_cli_reference_list_the_exit_statuses(status):
    for page in (ROOT / "README.md", DOCS / "cli.md"):
        assert re.search(rf"^\| {status} \|", page.read_text(encoding="utf-8"), re.MULTILINE)
