"""Peers get the problem that the engine gets, and their plans are judged on the exact curves."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.api import Scenario
from benchmarks.cells import cells
from benchmarks.peers.__main__ import OURS, _equals
from benchmarks.peers.environments import PEERS, WORKERS
from benchmarks.peers.problem import arrays, judged

CASES = Path(__file__).parents[1] / "cases" / "cells"


@pytest.fixture(scope="module")
def worker():
    """The module that all workers share; it needs numpy alone."""
    found = importlib.util.spec_from_file_location("peer_cells", WORKERS / "cells.py")
    module = importlib.util.module_from_spec(found)
    sys.modules["peer_cells"] = module  # where dataclasses look up their annotations
    found.loader.exec_module(module)
    return module


PROBLEMS = {
    "floors under cells": lambda: cells("budget", 12, tight=False, seed=3).read(),
    "choices": lambda: cells("choice", 12, tight=True, seed=3).read(),
    "hours in whole heads": lambda: Scenario.read(CASES / "F3_n8" / "scenario.yaml"),
    "hours, a new seed": lambda: cells("hours", 12, tight=False, seed=3).read(),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_naive_peer_keeps_every_limit(worker, tmp_path, name):
    scenario = PROBLEMS[name]()
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(arrays(scenario)))
    given = worker.Cells.read(str(path))
    efforts = worker.plan(given, lambda _, problem: problem.uniform(), 1.0)
    value, broken = judged(scenario, efforts.tolist())
    assert broken == ()
    assert value == pytest.approx(given.gain(efforts).sum(), rel=1e-9)
    assert value > given.gain(np.zeros_like(efforts)).sum()


def test_a_plan_beyond_the_money_is_shown_as_breaking_it():
    scenario = cells("budget", 5, tight=True, seed=1).read()
    everything = [channel.spend.max for channel in scenario.model.channels.values()]
    assert any("money" in words for words in judged(scenario, everything)[1])


def test_the_slope_is_that_of_the_gain(worker, tmp_path):
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(arrays(cells("budget", 6, tight=False, seed=2).read())))
    given = worker.Cells.read(str(path))
    x = 0.3 * given.most
    step = 1e-5 * given.most
    central = (given.gain(x + step) - given.gain(x - step)) / (2 * step)
    assert given.slope(x) == pytest.approx(central, rel=1e-5)


def test_every_peer_has_a_worker_and_says_what_it_cannot():
    assert all((WORKERS / f"{peer.worker}.py").exists() and peer.cannot for peer in PEERS)


def test_where_a_peer_does_as_well_it_is_said():
    reached = {OURS: 99.9999, "level": 99.9995, "worse": 99.9, "cheat": 100.5, "none": None}
    table = pd.DataFrame({"problem": "F1", "tool": reached.keys(), "percent of bound": reached.values(), "remark": ""})
    table.loc[table["tool"] == "cheat", "remark"] = "breaks money"
    assert _equals(table) == "As good as the engine, to 0.001 percent: level on F1."
