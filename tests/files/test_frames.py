"""Scenarios built in code from data frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
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


def _built(segments: pd.DataFrame | None = None, **changes: Any) -> allocator.Scenario:
    """One segment whose customers all leave, with changes of the two mappings."""
    customers = pd.DataFrame({"segment": ["gold"], "customers": [100], "margin": [10.0]})
    return allocator.Scenario.from_frames(
        segments=customers if segments is None else segments,
        transitions=pd.DataFrame(columns=["from", "to", "probability"]),
        model={"model": "code", "period": "year", "discount_rate": 0.1, **changes.pop("model", {})},
        scenario={"scenario": "code", "horizon": 2, **changes},
    )


def _mistakes(segments: pd.DataFrame | None = None, **changes: Any) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        _built(segments, **changes)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_frame_without_rows() -> None:
    empty = pd.DataFrame(columns=["segment", "customers", "margin"])
    assert _mistakes(empty) == ["segments: the table has no rows; expected at least one"]


def test_a_frame_with_a_column_twice() -> None:
    frame = pd.DataFrame([["gold", 1, 2, 3]], columns=["segment", "customers", "margin", "margin"])
    assert _mistakes(frame) == ["segments.margin: column `margin` is given twice"]


def test_nothing_to_extend_in_code() -> None:
    assert _mistakes(extends="base.yaml") == [
        "scenario.extends: `extends` goes with files; expected a scenario that is whole"
    ]


def test_what_is_no_value() -> None:
    assert "is a object; expected numbers" in _mistakes(budgets=[{"name": "all", "amount": object()}])[0]


def test_values_as_pandas_and_numpy_have_them() -> None:
    """A column of numbers is a tag whether its whole numbers have a decimal point or not; times are text."""
    frame = pd.DataFrame({"segment": ["gold"], "customers": [100.0], "margin": [np.int64(10)], "size": [1.0]})
    frame["since"] = pd.to_datetime(["2020-01-31"])
    lever = {"function": "sales", "effort": {"max": np.float64(2)}, "where": {"size": 1}}
    plan = pd.DataFrame({"kind": ["effort"], "name": ["calls"], "segment": ["gold"], "period": [1.0], "value": [2]})
    budget = {"name": "all", "amount": 500, "periods": np.array([1, 2])}
    built = _built(frame, model={"levers": {"calls": lever}}, current_plan=plan, budgets=[budget])
    assert built.model.segments[0].extra == {"size": "1", "since": "2020-01-31 00:00:00"}
    assert built.budgets[0].periods == (1, 2)
    assert built.current_plan is not None
    assert built.current_plan.treatments[0].efforts == (("calls", 2.0),)
