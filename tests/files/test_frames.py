"""Scenarios built in code from data frames."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import allocator
from allocator.domain.errors import InvalidInput

CASE = Path(__file__).parents[1] / "cases" / "flows"


def _frames() -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(CASE / f"{name}.csv") for name in ("segments", "transitions", "responses")}


def _mappings() -> tuple[dict[str, object], dict[str, object]]:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe")
    model, scenario = (dict(yaml.load(CASE / f"{name}.yaml")) for name in ("model", "scenario"))
    for key in ("segments", "transitions", "responses"):
        del model[key]
    del scenario["model"]
    return model, scenario


def test_frames_make_the_same_scenario_as_files() -> None:
    model, scenario = _mappings()
    built = allocator.Scenario.from_frames(**_frames(), model=model, scenario=scenario)
    assert built == allocator.Scenario.read(CASE / "scenario.yaml")


def test_mistakes_name_table_row_and_column() -> None:
    model, scenario = _mappings()
    frames = _frames()
    frames["transitions"].loc[3, "probability"] = 1.7
    with pytest.raises(InvalidInput, match=r"transitions\.3\.probability"):
        allocator.Scenario.from_frames(**frames, model=model, scenario=scenario)
