"""The whole input as understood, as one YAML document that can be read back (scenario.resolved.yaml)."""

from __future__ import annotations

import io
import json
import re
import textwrap
from typing import Any

from ruamel.yaml import YAML

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_TABLES = ("segments", "transitions", "treated", "responses")


def resolved_yaml(scenario: Scenario) -> str:
    """The scenario with its model and all tables written out, defaults included.

    `extends` and `overrides` are gone: what they changed stands in its place. Tables are lists of rows,
    the current plan is its treatments, spend, heads and programme starts. Reading the text back gives
    an equal scenario.
    """
    data = scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"model", "risk", "current_plan"})
    if scenario.current_plan is not None:
        data["current_plan"] = _plan(scenario.current_plan)
    risk = scenario.risk.model_dump(mode="json", by_alias=True, exclude_none=True)
    shocks = {"shocks": risk.pop("shocks")} if "shocks" in risk else {}
    model = scenario.model.model_dump(mode="json", by_alias=True, exclude_none=True)
    tables = {name: rows for name in _TABLES if (rows := model.pop(name)) or name == "transitions"}
    return _yaml(data) + _section("risk", risk, shocks) + _section("model", model, tables)


def _plan(plan: Plan) -> dict[str, Any]:
    data = plan.model_dump(mode="json", exclude_none=True)
    for treatment in data["treatments"]:
        treatment["efforts"] = dict(treatment["efforts"])
    return data


def _section(key: str, data: dict[str, Any], tables: dict[str, list[dict[str, Any]]]) -> str:
    """A key with its values, then its tables row by row."""
    lines = [f"{key}:\n", textwrap.indent(_yaml(data), "  ")]
    for name, rows in tables.items():
        lines.append(f"  {name}:\n" if rows else f"  {name}: []\n")
        lines += [f"  - {_row(row)}\n" for row in rows]
    return "".join(lines)


def _row(row: dict[str, Any]) -> str:
    """A row as JSON, which is YAML too and quick to write; empty cells are left out.

    What is nested in the type (a segment's further tags, a response's curve) stands beside the other columns.
    """
    nested = {**row.pop("extra", {}), **row.pop("curve", {})} if "extra" in row or "curve" in row else {}
    cells = {column: cell for column, cell in {**row, **nested}.items() if cell != ""}
    text = json.dumps(cells, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _yaml(data: dict[str, Any]) -> str:
    """A mapping key by key, one line to each; only what holds no further mapping or list is written in one line."""
    emitter = YAML(typ="safe", pure=False)
    nested = any(isinstance(value, (dict, list)) for value in data.values())
    emitter.default_flow_style = None if nested else False
    emitter.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    emitter.width = 1_000_000
    emitter.allow_unicode = True
    text = io.StringIO()
    emitter.dump(data, text)
    return text.getvalue()
