"""What each command passes on to the engine, and what it prints of the answer."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from allocator.domain.evaluation import Violation


def test_version_is_the_package_version(call):
    ended = call("--version")
    assert ended.exit_code == 0
    assert ended.stdout.strip() == f"allocator {importlib.metadata.version('allocator')}"


def test_help_lists_the_commands_and_the_exit_statuses(call):
    ended = call("--help", COLUMNS="120")
    assert ended.exit_code == 0
    for word in ("run", "check", "evaluate", "3 infeasible"):
        assert word in ended.stdout


def test_run_shows_worth_proof_and_report(call, engine, outcome):
    engine.run = lambda *_, **__: outcome()
    ended = call("run", "growth.yaml")
    assert ended.exit_code == 0
    lines = [" ".join(line.split()) for line in ended.stdout.splitlines()]
    assert lines == [
        "growth",
        "Customer equity EUR 1,200",
        "Over no effort +EUR 200 (20 %)",
        "Over the current plan +EUR 100 (9.09 %)",
        "Bound EUR 1,200.06",
        "Gap 0.005 % (proven)",
        "Time 1.5 s",
        "Report results/growth/report.html",
    ]


def test_run_shows_the_objective_where_risk_parts_it_from_equity(call, engine, outcome):
    engine.run = lambda *_, **__: outcome(objective=1150.0)
    assert "Objective" in call("run", "growth.yaml").stdout


def test_run_without_a_current_plan_leaves_its_line_out(call, engine, outcome):
    engine.run = lambda *_, **__: outcome(current_plan=None)
    assert "current plan" not in call("run", "growth.yaml").stdout


def test_run_passes_every_option_on(call, engine, outcome):
    asked = {}

    def run(scenario, out, *, progress, **settings):
        asked.update(settings, scenario=scenario, out=out)
        return outcome()

    engine.run = run
    options = "--out there --gap 0.01 --time-limit 5 --threads 2 --worth --no-html --no-xlsx --quiet"
    ended = call("run", "growth.yaml", *options.split())
    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "", "")
    assert asked == {
        "scenario": Path("growth.yaml"),
        "out": Path("there"),
        "gap": 0.01,
        "time_limit": 5.0,
        "threads": 2,
        "worth": True,
        "html": False,
        "xlsx": False,
    }


def test_run_leaves_what_is_not_asked_to_the_scenario(call, engine, outcome):
    asked = {}
    engine.run = lambda *_, **settings: asked.update(settings) or outcome()
    call("run", "growth.yaml")
    assert (asked["gap"], asked["time_limit"], asked["threads"]) == (None, None, None)
    assert asked["html"] is True
    assert asked["xlsx"] is True


def test_progress_goes_to_stderr_of_a_terminal_only(call, engine, outcome):
    def run(*_, progress, **__):
        progress("solve", "round [3]")
        return outcome()

    engine.run = run
    assert call("run", "growth.yaml").stderr == ""
    on_a_terminal = call("run", "growth.yaml", FORCE_COLOR="1")
    assert "\x1b[?25h" in on_a_terminal.stderr  # the cursor is shown again when the spinner ends
    assert "solve" not in on_a_terminal.stdout
    assert "\x1b" not in call("run", "growth.yaml", "--quiet", FORCE_COLOR="1").stderr


def test_no_color_leaves_colours_out(call, engine, outcome):
    engine.run = lambda *_, **__: outcome()
    assert "\x1b[3" not in call("run", "growth.yaml", NO_COLOR="1", FORCE_COLOR="1").stdout.replace("\x1b[3m", "")


def test_check_says_what_was_read(call, engine, scenario):
    asked = []
    engine.check = lambda path: asked.append(path) or scenario
    ended = call("check", "growth.yaml")
    assert ended.exit_code == 0
    assert asked == [Path("growth.yaml")]
    assert "growth: 1 segment, 0 levers," in ended.stdout
    assert "No mistakes found." in ended.stdout


def test_evaluate_says_what_the_plan_gives(call, engine, scenario, evaluation):
    asked = []
    given = SimpleNamespace(scenario=scenario, evaluation=evaluation(1234.0, cvar=900.0))
    engine.evaluate_files = lambda *paths: asked.append(paths) or given
    ended = call("evaluate", "growth.yaml", "--plan", "plan.csv", "--out", "there")
    assert ended.exit_code == 0
    assert asked == [(Path("growth.yaml"), Path("plan.csv"), Path("there"))]
    said = " ".join(ended.stdout.split())
    for part in ("Customer equity EUR 1,234", "CVaR EUR 900", "Tables there"):
        assert part in said
    assert "The plan breaks no limit." in ended.stdout


def test_evaluate_names_what_the_plan_breaks(call, engine, scenario, evaluation):
    broken = Violation("budget", "all money", None, limit=100.0, value=120.0, excess=20.0)
    answer = evaluation(10.0, violations=(broken,), scaled=("Efforts on visits were scaled to 80 %.",))
    engine.evaluate_files = lambda *_: SimpleNamespace(scenario=scenario, evaluation=answer)
    ended = call("evaluate", "growth.yaml", "--plan", "plan.csv")
    assert ended.exit_code == 0
    assert "budget `all money`: 120 against a limit of 100" in ended.stdout
    assert "scaled to 80 %" in ended.stdout
    assert "breaks no limit" not in ended.stdout


@pytest.mark.parametrize("arguments", [("run",), ("bogus",), ("run", "x.yaml", "--gap", "-1"), ("evaluate", "x.yaml")])
def test_wrong_usage_is_wrong_input(call, arguments):
    ended = call(*arguments)
    assert ended.exit_code == 2
    assert "Usage: allocator" in ended.stderr
