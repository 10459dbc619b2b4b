"""JSON Schema of model.yaml and scenario.yaml as planners write them.

``python -m allocator.files.schema FOLDER`` writes model.schema.json and scenario.schema.json.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel, TypeAdapter

from allocator.domain.curves import Curve
from allocator.domain.model import Model, Response, Segment, Transition, TreatedTransition
from allocator.domain.plan import Plan
from allocator.domain.risk import Shock
from allocator.domain.scenario import Scenario
from allocator.files.plans import PlanRow
from allocator.files.translate import keys_of

Schema: TypeAlias = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PATH = "Path of a table, relative to this file: CSV, Parquet, or a sheet of an .xlsx as `book.xlsx#Sheet`"


def json_schema() -> dict[str, Schema]:
    """The schemas of both files, by file name without ending: ``model`` and ``scenario``."""
    return {name: _as_read(schema) for name, schema in (("model", _model()), ("scenario", _scenario()))}


def _as_read(schema: Schema) -> Schema:
    """The schema with what is read as it is meant (see ``leniency``): numbers as names, empty optional sections."""
    required = schema.get("required") or schema["then"]["required"]
    for each in (schema | {"required": required}, *schema["$defs"].values()):
        for name, value in each.get("properties", {}).items():
            kinds = [value["type"]] if isinstance(value.get("type"), str) else []
            may_be_empty = name not in each.get("required", ()) and kinds in (["string"], ["object"], ["array"])
            if kinds == ["string"] and not value.keys() & {"enum", "const"}:
                kinds.append("number")
            kinds += ["null"] * may_be_empty
            if len(kinds) > 1:
                each["properties"][name] = value | {"type": kinds}
    return schema


def _schema(of: type[BaseModel]) -> Schema:
    return of.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")


def _model() -> Schema:
    schema = _schema(Model)
    rows: dict[str, type[BaseModel]] = {"segments": Segment, "transitions": Transition, "treated": TreatedTransition}
    for key, row in rows.items():
        schema["properties"][key] = _table(schema, row)
    schema["properties"]["responses"] = _table(schema, Response)
    segment = schema["$defs"]["Segment"]
    del segment["properties"]["extra"]
    segment["additionalProperties"] = {"type": ["string", "number", "boolean"], "description": "A tag for `where`."}
    _flatten_curve(schema["$defs"]["Response"])
    schema["required"] = sorted({*schema["required"], "segments", "transitions"})
    return {"$schema": _DIALECT, "title": "model.yaml", **_without_title(schema)}


def _flatten_curve(response: Schema) -> None:
    """In responses.csv the parameters of the curve stand beside the other columns."""
    curves = TypeAdapter(Curve).json_schema()["$defs"].values()
    del response["properties"]["curve"]
    response["properties"]["curve"] = {"enum": [curve["properties"]["curve"]["const"] for curve in curves]}
    for curve in curves:
        for name, parameter in curve["properties"].items():
            if name != "curve":
                known = response["properties"].setdefault(name, {"description": parameter.get("description", "")})
                if parameter.get("type") == "array":
                    known["type"] = ["string", "array"]


def _scenario() -> Schema:
    schema = _schema(Scenario)
    definitions, properties = schema["$defs"], schema["properties"]
    properties["model"] = {
        "anyOf": [{"type": "string"}, {"$ref": "model.schema.json"}],
        "description": "A folder with model.yaml, a file, or the model written out.",
    }
    definitions["Risk"]["properties"]["shocks"] = _table(schema, Shock)
    plan = _schema(Plan)
    definitions.update(plan.pop("$defs"))
    definitions["Treatment"]["properties"]["efforts"] = {"type": "object", "additionalProperties": {"type": "number"}}
    definitions["Plan"] = plan
    properties["current_plan"] = _table(schema, PlanRow)
    properties["current_plan"]["anyOf"] += [{"$ref": "#/$defs/Plan"}, {"type": "null"}]
    properties["current_plan"]["description"] = (
        "A plan: a tidy table, a treatments.csv, a results folder, or written out."
    )
    properties["extends"] = {"type": "string", "description": "A scenario file that this one is laid over."}
    properties["overrides"] = {
        "type": "object",
        "description": "Keys of model.yaml to change; `segments` by segment name and column.",
        "properties": {key: {} for key in keys_of(Model)},
        "additionalProperties": False,
    }
    required = schema.pop("required")
    schema |= {"if": {"not": {"required": ["extends"]}}, "then": {"required": required}}
    schema["$defs"] = _used(schema)
    return {"$schema": _DIALECT, "title": "scenario.yaml", **_without_title(schema)}


def _used(schema: Schema) -> Schema:
    """The definitions that the schema refers to, directly or through others."""
    used: Schema = {}
    text = json.dumps({key: value for key, value in schema.items() if key != "$defs"})
    while more := set(re.findall(r"#/\$defs/(\w+)", text)) - used.keys():
        used |= {name: schema["$defs"][name] for name in more}
        text = json.dumps(used)
    return {name: used[name] for name in sorted(used)}


def _table(schema: Schema, row: type[BaseModel]) -> Schema:
    """A table: a path, or a list of rows written out."""
    definition = _schema(row)
    schema["$defs"] |= definition.pop("$defs", {})
    schema["$defs"][row.__name__] = definition
    items = {"type": "array", "items": {"$ref": f"#/$defs/{row.__name__}"}}
    return {"anyOf": [{"type": "string", "description": _PATH}, items]}


def _without_title(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "title"}


def write_schemas(folder: Path) -> None:
    """Write both schemas to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in json_schema().items():
        (folder / f"{name}.schema.json").write_text(as_text(schema), encoding="utf-8")


def as_text(schema: Schema) -> str:
    """A schema as it is published."""
    return json.dumps(schema, indent=2, sort_keys=False) + "\n"


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/schema"))
