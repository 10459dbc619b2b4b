"""Scenarios and plans built in code: data frames in place of tables, mappings in place of YAML."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from allocator.domain.errors import InvalidInput, Mistake
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario, SolverSettings
from allocator.files.merge import merged
from allocator.files.plans import checked_plan, load_plan
from allocator.files.positions import Node
from allocator.files.reader import document_scenario
from allocator.files.resolved import resolved_yaml
from allocator.files.text import Files
from allocator.files.translate import mistakes_in
from allocator.files.yaml_reader import parse_yaml

if TYPE_CHECKING:
    import pandas as pd

S = TypeVar("S", bound=Scenario)
T = TypeVar("T")
_NAME = "built in code"


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
    whole = {**scenario, "model": {**model, **{name: _rows(name, frame) for name, frame in tables.items()}}}
    if shocks is not None:
        risk = scenario.get("risk")
        whole["risk"] = {**(risk if isinstance(risk, Mapping) else {}), "shocks": _rows("shocks", shocks)}
    return _placed_by_path(lambda: document_scenario(_document(whole), into))


def changed_scenario(scenario: S, changes: Mapping[str, object], *, into: type[S]) -> S:
    """A scenario with keys of scenario.yaml laid over it, as a file is laid over the one it `extends`.

    Raises
    ------
    InvalidInput
        With every mistake found.
    """
    base = parse_yaml(resolved_yaml(scenario), _NAME)
    return _placed_by_path(lambda: document_scenario(merged(base, _document(changes)), into))


def changed_settings(settings: SolverSettings, changes: Mapping[str, object]) -> SolverSettings:
    """The keys of `solver` with some changed.

    Raises
    ------
    InvalidInput
        With every mistake found.
    """
    try:
        return SolverSettings.model_validate({**settings.model_dump(), **changes})
    except ValidationError as error:
        raise InvalidInput(mistakes_in(error, SolverSettings, ("scenario", "solver"))) from None


def plan_from_frame(frame: pd.DataFrame, scenario: Scenario) -> Plan:
    """A plan for ``scenario`` from the tidy table ``kind,name,segment,period,value,share``.

    Raises
    ------
    InvalidInput
        With every mistake found, placed by row (from 0) and column, or by what the row says.
    """
    table = _document({"plan": _rows("plan", frame)}).mapping["plan"]
    return _placed_by_path(lambda: checked_plan(load_plan(Files(), table), scenario))


def _document(content: Mapping[str, object]) -> Node:
    """JSON is YAML: what is built in code is checked exactly as what is read from files."""
    return parse_yaml(json.dumps(content, ensure_ascii=False, default=_plain), _NAME)


def _placed_by_path(built: Callable[[], T]) -> T:
    """What is built; its mistakes without lines, for there is no file."""
    try:
        return built()
    except InvalidInput as error:
        raise InvalidInput([replace(mistake, place="") for mistake in error.mistakes]) from None


def _rows(name: str, frame: pd.DataFrame) -> list[dict[str, object]]:
    """Rows without their empty cells; whole numbers have no decimal point, as tags that are numbers are compared.

    Raises
    ------
    InvalidInput
        If two columns have one name.
    """
    columns = [str(column) for column in frame.columns]
    twice = [column for column in dict.fromkeys(columns) if columns.count(column) > 1]
    if twice:
        raise InvalidInput([Mistake((name, column), f"column `{column}` is given twice") for column in twice])
    cells = frame.astype(object).where(frame.notna(), "").itertuples(index=False, name=None)
    return [
        {column: _whole(value) for column, value in zip(columns, row, strict=True) if not _is_empty(value)}
        for row in cells
    ]


def _is_empty(value: object) -> bool:
    return isinstance(value, str) and not value


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain(value: object) -> object:
    """What data frames, numpy and Python have beside YAML's own kinds, as these."""
    import pandas as pd  # noqa: PLC0415  (slow to import, and most scenarios are read from files)

    if isinstance(value, pd.DataFrame):
        return _rows("plan", value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, range, pd.Series)):
        return list(value)
    if isinstance(value, (date, os.PathLike)):
        return str(value)
    listed = getattr(value, "tolist", None)
    if listed is None:
        message = f"{value!r:.40} is a {type(value).__name__}"
        raise InvalidInput([Mistake((), message, "numbers, text, lists, mappings or data frames")])
    return listed()
