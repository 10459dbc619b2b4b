"""Tables as CSV, Parquet, sheets of a workbook, or rows written out in YAML: all the same."""

import io
from pathlib import Path

import pandas as pd
import pytest

from allocator.files import read_scenario
from tests.files.planner_folder import FILES, edited, mistakes, write_folder

TABLES = ["segments", "transitions", "treated", "responses", "shocks", "plan"]


def frame(table: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(FILES[f"{table}.csv"]))


def naming(ending: str) -> dict[str, str]:
    """The folder's YAML files with tables named by another ending."""
    changes = {}
    for name in ("model.yaml", "scenario.yaml"):
        text = FILES[name]
        for table in TABLES:
            text = text.replace(f"{table}.csv", ending.format(table=table))
        changes[name] = text
    return changes


def test_parquet(tmp_path: Path) -> None:
    expected = read_scenario(write_folder(tmp_path))
    for table in TABLES:
        frame(table).to_parquet(tmp_path / f"{table}.parquet")
    assert read_scenario(write_folder(tmp_path, naming("{table}.parquet"))) == expected


def test_sheets_of_a_workbook(tmp_path: Path) -> None:
    expected = read_scenario(write_folder(tmp_path))
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        for table in TABLES:
            frame(table).to_excel(book, sheet_name=table, index=False)
    assert read_scenario(write_folder(tmp_path, naming("book.xlsx#{table}"))) == expected


def test_first_sheet_unless_named(tmp_path: Path) -> None:
    frame("segments").to_excel(tmp_path / "segments.xlsx", sheet_name="any", index=False)
    path = write_folder(tmp_path, {"model.yaml": edited("model.yaml", "segments.csv", "segments.xlsx")})
    assert mistakes(path) == []


def test_rows_written_out(tmp_path: Path) -> None:
    expected = read_scenario(write_folder(tmp_path))
    rows = "\n".join(
        f"  - {{from: {origin}, to: {to}, probability: {probability}, period: {period or '~'}}}"
        for origin, to, probability, period in (line.split(",") for line in FILES["transitions.csv"].splitlines()[1:])
    )
    text = edited("model.yaml", "transitions: transitions.csv", f"transitions:\n{rows}")
    assert read_scenario(write_folder(tmp_path, {"model.yaml": text})) == expected


def test_model_written_out(tmp_path: Path) -> None:
    expected = read_scenario(write_folder(tmp_path))
    indented = "".join(f"  {line}\n" for line in FILES["model.yaml"].splitlines())
    text = edited("scenario.yaml", "model: model.yaml\n", f"model:\n{indented}")
    assert read_scenario(write_folder(tmp_path, {"scenario.yaml": text})) == expected


def test_mistake_in_rows_written_out(tmp_path: Path) -> None:
    first = "{scenario: a, probability: 1, segment: gold, factor: 1}"
    rows = f"- {first}\n    - {{scenario: a, probability: one, segment: silver, factor: 1}}"
    text = edited("scenario.yaml", "shocks: shocks.csv", f"shocks:\n    {rows}")
    (found,) = mistakes(write_folder(tmp_path, {"scenario.yaml": text}))
    line = text[: text.index("one,")].count("\n") + 1
    assert found.place == f"{tmp_path / 'scenario.yaml'}:{line}:34"


def test_rows_that_are_no_mappings(tmp_path: Path) -> None:
    text = edited("model.yaml", "transitions: transitions.csv", "transitions: [a, b]")
    found = mistakes(write_folder(tmp_path, {"model.yaml": text}))
    assert [mistake.message for mistake in found] == ["a row must be a mapping"] * 2


def test_table_of_another_shape(tmp_path: Path) -> None:
    text = edited("model.yaml", "transitions: transitions.csv", "transitions: {a: b}")
    (found,) = mistakes(write_folder(tmp_path, {"model.yaml": text}))
    assert found.message == "no table"


def test_mistake_in_parquet(tmp_path: Path) -> None:
    """The header counts as line 1."""
    segments = frame("segments")
    segments.loc[2, "margin"] = float("nan")
    segments.to_parquet(tmp_path / "segments.parquet")
    path = write_folder(tmp_path, {"model.yaml": edited("model.yaml", "segments.csv", "segments.parquet")})
    (found,) = mistakes(path)
    assert found.place == f"{tmp_path / 'segments.parquet'}:4:7"
    assert found.message == "`margin` is empty"


def test_mistake_in_sheet(tmp_path: Path) -> None:
    segments = frame("segments").astype(object)
    segments.loc[2, "margin"] = "much"
    segments.to_excel(tmp_path / "book.xlsx", sheet_name="who", index=False)
    path = write_folder(tmp_path, {"model.yaml": edited("model.yaml", "segments.csv", "book.xlsx#who")})
    (found,) = mistakes(path)
    assert found.place == f"{tmp_path / 'book.xlsx#who'}:4:7"


def test_unknown_sheet(tmp_path: Path) -> None:
    frame("segments").to_excel(tmp_path / "book.xlsx", sheet_name="segments", index=False)
    path = write_folder(tmp_path, {"model.yaml": edited("model.yaml", "segments.csv", "book.xlsx#segmnts")})
    (found,) = mistakes(path)
    assert found.message == "unknown sheet `segmnts`"
    assert found.close_match == "segments"


@pytest.mark.parametrize("name", ["book.xlsx", "table.parquet"])
def test_not_such_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("this is text")
    path = write_folder(tmp_path, {"model.yaml": edited("model.yaml", "segments.csv", name)})
    (found,) = mistakes(path)
    assert "not a readable" in found.message
