"""The whole input as understood, as one YAML document that can be read back (scenario.resolved.yaml)."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario


def resolved_yaml(scenario: Scenario) -> str:
    """The scenario with its model and all tables written out, defaults included.

    `extends` and `overrides` are gone: what they changed stands in its place. Tables are lists of rows,
    the current plan is its treatments, spend, heads and programme starts. Reading the text back gives
    an equal scenario.
    """
    data = scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"model", "current_plan"})
    if scenario.current_plan is not None:
        data["current_plan"] = _plan(scenario.current_plan)
    model = scenario.model.model_dump(mode="json", by_alias=True, exclude_none=True)
    model["segments"] = [_row(row, "extra") for row in model["segments"]]
    model["responses"] = [_row(row, "curve") for row in model["responses"]]
    for table in ("treated", "responses"):
        if not model[table]:
            del model[table]
    data["model"] = model
    emitter = YAML(typ="safe", pure=False)
    emitter.default_flow_style = None
    emitter.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    emitter.width = 1_000_000
    emitter.allow_unicode = True
    text = io.StringIO()
    emitter.dump(data, text)
    return text.getvalue()


def _row(row: dict[str, Any], nested: str) -> dict[str, Any]:
    """A row of a table: what is nested in the type stands beside the other columns, empty cells are left out."""
    inner = row.pop(nested)
    return {column: cell for column, cell in {**row, **inner}.items() if cell != ""}


def _plan(plan: Plan) -> dict[str, Any]:
    data = plan.model_dump(mode="json", exclude_none=True)
    for treatment in data["treatments"]:
        treatment["efforts"] = dict(treatment["efforts"])
    return data
