"""Sections become tables, and RESULTS.md is made of them."""

import pandas as pd
import pytest

from benchmarks import results
from benchmarks.speed.plot import Line, log_log


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "TABLES", tmp_path / "tables")
    monkeypatch.setattr(results, "RESULTS", tmp_path / "RESULTS.md")
    return tmp_path


def test_results_say_when_on_what_and_by_which_command(elsewhere):
    table = pd.DataFrame({"case": ["a"], "value": [1234.5], "good": [True], "missing": [None]})
    results.keep(results.Section("one", "First", "python -m benchmarks.one", table, ["A note."]))
    text = (elsewhere / "RESULTS.md").read_text()
    assert "## First" in text
    assert "python -m benchmarks.one" in text
    assert "cores" in text
    assert "UTC" in text
    assert "- A note." in text
    assert "| a | 1,234.5 | yes |  |" in text


def test_a_section_made_again_replaces_the_old_one(elsewhere):
    for value in (1, 2):
        results.keep(results.Section("one", "First", "command", pd.DataFrame({"value": [value]})))
    assert (elsewhere / "RESULTS.md").read_text().count("## First") == 1
    assert pd.read_csv(elsewhere / "tables" / "one.csv")["value"].tolist() == [2]


def test_large_numbers_are_shown_in_full():
    text = results.markdown(pd.DataFrame({"equity": [602_290_742.78, 0.25, 1e6]}))
    assert "| 602,290,743 |" in text
    assert "| 0.25 |" in text


def test_the_plot_spans_whole_decades():
    text = log_log([Line("time", [2, 40], [0.3, 5])], x="size", y="seconds")
    assert all(f">{mark}<" in text for mark in ("1", "10", "100", "0.1"))
    assert text.count("<circle") == 2
