"""Each way to end other than well: its exit status and its words."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from allocator.cli.interrupt import interruptible
from allocator.domain.errors import (
    Clash,
    Infeasible,
    InternalError,
    Intractable,
    InvalidInput,
    Mistake,
    StoppedWithoutPlan,
    Unbounded,
)


def raising(error):
    def run(*_, **__):
        raise error

    return run


def test_mistakes_stand_on_one_line_each_with_a_count(call, engine):
    engine.run = raising(
        InvalidInput(
            [
                Mistake(("model",), "unknown key `levrs`", "one of: levers", "levers", "model.yaml:3:1"),
                Mistake(("segments", 2, "margin"), "`abc`\nis [b]no number[/b]", place="segments.csv:4:3"),
            ]
        )
    )
    ended = call("run", "x.yaml")
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        "model.yaml:3:1: unknown key `levrs`; expected one of: levers; did you mean `levers`?",
        "segments.csv:4:3: `abc` is [b]no number[/b]",
        "2 mistakes found.",
    ]


def test_one_mistake_is_counted_as_one(call, engine):
    engine.check = raising(InvalidInput([Mistake((), "no such file", place="x.yaml")]))
    assert call("check", "x.yaml").stderr.splitlines()[-1] == "1 mistake found."


def test_infeasible_shows_the_changes_that_would_do(call, engine):
    clashes = [
        Clash("coverage `gold`", ("scenario", "rules", 0), 0.8, 0.61, "share", 2, "growth.yaml:9:5"),
        Clash("budget `marketing`", ("scenario", "budgets", 1), 2.5e6, 2.812e6, "EUR", None, "growth.yaml:5:5"),
    ]
    engine.run = raising(Infeasible("2 requirements cannot hold together", clashes))
    ended = call("run", "x.yaml")
    assert ended.exit_code == 3
    assert ended.stdout == ""
    assert "Infeasible: 2 requirements cannot hold together" in ended.stderr
    plain = " ".join(ended.stderr.replace("│", " ").replace("\N{NO-BREAK SPACE}", " ").split())
    assert "coverage `gold` 2 80 % 61 % \N{MINUS SIGN}19 % growth.yaml:9:5" in plain
    assert "budget `marketing` 2,500,000 EUR 2,812,000 EUR +312,000 EUR growth.yaml:5:5" in plain


def test_infeasible_shows_what_alone_would_not_do_and_what_would_together(call, engine):
    budget = Clash(
        "budget `marketing`", ("scenario", "budgets", 1), 2.5e6, float("nan"), "money", None, "growth.yaml:5:5"
    )
    needs = Clash("`a` requires `b`", ("model", "programmes"), 1, 0, "requirement", None, "model.yaml:7:5")
    raised = replace(budget, proposed=2.812e6)
    engine.run = raising(Infeasible("these cannot hold together", [budget, needs], [raised]))
    said = call("run", "x.yaml").stderr
    plain = " ".join(said.replace("│", " ").replace("\N{NO-BREAK SPACE}", " ").split())
    assert "budget `marketing` 2,500,000 nothing growth.yaml:5:5" in plain
    assert "`a` requires `b` holds drop model.yaml:7:5" in plain
    assert "budget `marketing` 2,500,000 2,812,000 +312,000 growth.yaml:5:5" in plain


def test_stopped_with_a_plan_still_shows_it(call, engine, outcome):
    engine.run = lambda *_, **__: outcome(status="stopped", gap=0.02)
    ended = call("run", "x.yaml")
    assert ended.exit_code == 4
    assert "stopped before the gap asked for" in ended.stdout


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unbounded("equity can grow without limit"), 2),
        (Intractable("numbers differ too widely in size"), 2),
        (StoppedWithoutPlan("60 seconds were not enough"), 5),
    ],
)
def test_other_ends_are_one_line(call, engine, error, status):
    engine.run = raising(error)
    ended = call("run", "x.yaml")
    assert ended.exit_code == status
    assert ended.stderr.splitlines() == [str(error)]


@pytest.mark.parametrize("error", [InternalError("the evaluation disagrees"), KeyError("gold")])
def test_a_failure_of_ours_never_looks_like_a_mistake_of_theirs(call, engine, error):
    engine.run = raising(error)
    ended = call("run", "x.yaml")
    assert ended.exit_code == 1
    assert ended.stderr.startswith(f"Internal failure: {type(error).__name__}: ")
    assert "please report it" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Traceback" in call("run", "x.yaml", "--debug").stderr


def test_an_interrupt_in_the_work_ends_with_130(call, engine):
    engine.run = raising(KeyboardInterrupt())
    ended = call("run", "x.yaml")
    assert ended.exit_code == 130
    assert ended.stderr.strip() == "Interrupted."


def test_interruptible_returns_what_the_work_returns_and_raises_what_it_raises():
    assert interruptible(lambda: threading.current_thread() is threading.main_thread()) is False
    with pytest.raises(KeyError):
        interruptible(lambda: {}["x"])


BUSY = """
import ctypes, sys, types
engine = types.ModuleType("allocator.engine")
def check(path):
    print("busy", flush=True)
    {work}
engine.check = check
sys.modules["allocator.engine"] = engine
from allocator.cli import main
sys.argv = ["allocator", "check", "x.yaml"]
main()
"""
IN_PYTHON = """
    import time
    try:
        while True: time.sleep(0.01)
    finally:
        print("unwound", flush=True)
"""
OUTSIDE_PYTHON = "ctypes.CDLL(None).sleep(600)"


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
@pytest.mark.parametrize(("work", "said"), [(IN_PYTHON, "unwound"), (OUTSIDE_PYTHON, "")])
def test_ctrl_c_is_heard_inside_and_outside_python(work, said):
    command = [sys.executable, "-c", BUSY.format(work=work)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "busy\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, complaints = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out.strip() == said
    assert complaints.strip() == "Interrupted."
