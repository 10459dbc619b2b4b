"""The published JSON Schema is current and describes what planners write."""

import json
from pathlib import Path

import pytest

from allocator.files.schema import as_text, json_schema, write_schemas

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema"


@pytest.mark.parametrize("name", ["model", "scenario"])
def test_published_schema_is_current(name: str) -> None:
    """If this fails, run `python -m allocator.files.schema` from the root of the repository."""
    published = (PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8")
    assert published == as_text(json_schema()[name])


def test_write(tmp_path: Path) -> None:
    write_schemas(tmp_path / "schema")
    assert json.loads((tmp_path / "schema" / "model.schema.json").read_text())["title"] == "model.yaml"


def test_tables_are_paths_or_rows() -> None:
    segments = json_schema()["model"]["properties"]["segments"]
    assert [option["type"] for option in segments["anyOf"]] == ["string", "array"]


def test_unknown_keys_are_refused_but_tags_are_not() -> None:
    schema = json_schema()["model"]
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Lever"]["additionalProperties"] is False
    assert schema["$defs"]["Segment"]["additionalProperties"] is not False


def test_keys_may_come_from_the_scenario_that_is_extended() -> None:
    schema = json_schema()["scenario"]
    assert schema["if"] == {"not": {"required": ["extends"]}}
    assert set(schema["then"]["required"]) == {"scenario", "model", "horizon"}


def test_every_definition_is_used() -> None:
    for schema in json_schema().values():
        text = json.dumps(schema)
        for name in schema["$defs"]:
            assert f'"#/$defs/{name}"' in text


def test_fields_are_described() -> None:
    wage = json_schema()["model"]["$defs"]["Labour"]["properties"]["wage"]
    assert wage["description"] == "Money per head per period."


def test_numbers_may_be_names_and_optional_sections_empty() -> None:
    scenario = json_schema()["scenario"]["properties"]
    assert scenario["scenario"]["type"] == ["string", "number"]
    assert scenario["budgets"]["type"] == ["array", "null"]
    lever = json_schema()["model"]["$defs"]["Lever"]["properties"]
    assert lever["where"]["type"] == ["object", "null"]
    assert lever["cost"]["type"] == "number"
