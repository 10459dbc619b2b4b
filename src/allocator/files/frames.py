"""Scenarios built in code: data frames in place of tables, mappings in place of YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from allocator.domain.errors import InvalidInput
from allocator.domain.scenario import Scenario
from allocator.files.reader import document_scenario
from allocator.files.yaml_reader import parse_yaml

if TYPE_CHECKING:
    import pandas as pd

S = TypeVar("S", bound=Scenario)
_NAME = "scenario built in code"


def scenario_from_frames(
    tables: Mapping[str, pd.DataFrame],
    model: Mapping[str, object],
    scenario: Mapping[str, object],
    *,
    shocks: pd.DataFrame | None = None,
    into: type[S] = Scenario,  # type: ignore[assignment]
) -> S:
    """Build a scenario from the tables of the file format and the two mappings around them.

    ``tables`` are named as the model's keys are: segments, transitions, responses, treated. ``shocks``
    goes into the scenario's `risk`. Missing values (NaN, None) are empty cells.

    Raises
    ------
    InvalidInput
        With every mistake found, placed by table, row (from 0) and column.
    """
    whole = {**scenario, "model": {**model, **{name: _rows(frame) for name, frame in tables.items()}}}
    if shocks is not None:
        risk = scenario.get("risk")
        whole["risk"] = {**(risk if isinstance(risk, Mapping) else {}), "shocks": _rows(shocks)}
    # JSON is YAML: what is built in code is checked exactly as what is read from files.
    document = parse_yaml(json.dumps(whole, ensure_ascii=False, default=_plain), _NAME)
    try:
        return document_scenario(document, into)
    except InvalidInput as error:
        raise InvalidInput([replace(mistake, place="") for mistake in error.mistakes]) from None


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [
        {str(column): value for column, value in row.items() if value != ""}
        for row in frame.astype(object).where(frame.notna(), "").to_dict(orient="records")
    ]


def _plain(value: object) -> object:
    """Numpy's numbers as Python's own."""
    item = getattr(value, "item", None)
    if item is None:
        raise TypeError(f"{type(value).__name__} does not belong in a scenario")
    return item()
