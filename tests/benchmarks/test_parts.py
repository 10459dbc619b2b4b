"""All benchmarks in turn: one that fails or is stopped loses no other, and a second start does what is missing."""

import subprocess
import sys

import pandas as pd
import pytest

from benchmarks import __main__, parts, results


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """Names of the parts that ran; those in ``ran.broken`` fail, those in ``ran.stopped`` meet Ctrl-C."""

    class Ran(list):
        broken, stopped = set(), set()

    names = Ran()

    def run(part):
        names.append(part)
        if part in names.stopped:
            raise parts.Stopped
        if part in names.broken:
            raise subprocess.CalledProcessError(3, part)
        return parts.Took(12.0, 10.0, "2026-01-01 12:00")

    monkeypatch.setattr(results, "TABLES", tmp_path / "tables")
    monkeypatch.setattr(results, "RESULTS", tmp_path / "RESULTS.md")
    monkeypatch.setattr(parts, "FINISHED", tmp_path / "finished.json")
    monkeypatch.setattr(parts, "run", run)
    return names


def start(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    return __main__.main()


def test_all_but_the_peers_by_default():
    assert parts.chosen([]) == [part for part in parts.PARTS if part != "peers"]
    assert parts.chosen(["peers", "speed/cells"]) == ["speed/cells", "peers"]
    assert parts.chosen(["speed"]) == [f"speed/{row}" for row in parts.SPEED]


def test_every_row_of_the_speed_table_is_a_part():
    from benchmarks.speed.__main__ import ALL

    assert tuple(ALL) == parts.SPEED


def test_an_unknown_part_is_refused(ran, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        start(monkeypatch, "velocity")
    assert "velocity" in capsys.readouterr().err


def test_a_part_that_fails_is_done_again_alone(ran, monkeypatch, capsys):
    ran.broken = {"speed/cells"}
    assert start(monkeypatch, "published", "speed/cells", "policies") == 1
    assert ran == ["published", "speed/cells", "policies"]
    assert "speed/cells: failed" in capsys.readouterr().err
    ran.broken = set()
    assert start(monkeypatch, "published", "speed/cells", "policies") == 0
    assert ran[3:] == ["speed/cells"]


def test_a_run_that_was_stopped_goes_on(ran, monkeypatch, capsys):
    ran.stopped = {"policies"}
    assert start(monkeypatch, "published", "policies") == 130
    ran.stopped = set()
    assert start(monkeypatch, "published", "policies") == 0
    assert ran == ["published", "policies", "policies"]
    assert start(monkeypatch, "published") == 0, "a run that came to its end starts from the beginning"
    assert ran[-1] == "published"


def test_afresh_does_all_again(ran, monkeypatch):
    ran.stopped = {"policies"}
    start(monkeypatch, "published", "policies")
    start(monkeypatch, "published", "policies", "--afresh")
    assert ran == ["published", "policies"] * 2


def test_the_time_of_each_part_is_kept_and_told(ran, monkeypatch, capsys):
    start(monkeypatch, "policies", "published")
    kept = pd.read_csv(results.TABLES / "parts.csv")
    assert kept["part"].tolist() == ["published", "policies"]
    assert kept["seconds"].tolist() == [12.0, 12.0]
    start(monkeypatch, "published")
    assert "12 s last time" in capsys.readouterr().out
