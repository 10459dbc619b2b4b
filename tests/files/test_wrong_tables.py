"""What is wrong with a table: its file, header, rows and cells."""

from pathlib import Path

import pytest

from tests.files.planner_folder import FILES, Wrong, check_wrong, edited, mistakes, write_folder

SEG, MOVE, RESP, SHOCK, TREAT, PLAN = (
    "segments.csv",
    "transitions.csv",
    "responses.csv",
    "shocks.csv",
    "treated.csv",
    "plan.csv",
)
HEADER = FILES[SEG].splitlines()[0]
ADBUDG = "visits,retention,,,,,,adbudg,0,0.8,1.5,1.4,,,,"
POINTS = "care,margin_add,,,at_risk,north,,points,,,,,,,0;1;3,0;2;4"

WRONG = [
    # columns
    Wrong(SEG, "margin,", "margn,", "margn", "`margin` is missing, but there is a column `margn`", close="margin"),
    Wrong(SEG, "contacts_max", "contact_max", "contact_max", "unknown column `contact_max`", close="contacts_max"),
    Wrong(SEG, "owner", "Owner", "Owner", "unknown column `Owner`", close="owner", alone=False),
    Wrong(SEG, "margin", "tier", "tier,revenue", "column `tier` is given twice", alone=False),
    Wrong(SEG, ",margin,", ",,", ",revenue", "column 7 has no name", alone=False),
    Wrong(MOVE, "probability", "probabilty", "probabilty", "`probability` is missing", close="probability"),
    Wrong(MOVE, "probability", "prob", "prob", "`probability` is missing", close="probability"),
    Wrong(MOVE, "period\n", "perod\n", "perod", "unknown column `perod`", "period", "period"),
    Wrong(RESP, ",slope,", ",slpe,", "slpe", "unknown column `slpe`", "slope", "slope"),
    Wrong(SHOCK, "segment,", "segmnt,", "segmnt", "`segment` is missing", close="segment"),
    Wrong(TREAT, "effort,", "efort,", "efort", "`effort` is missing, but there is a column `efort`", close="effort"),
    Wrong(SHOCK, "factor", "facter", "facter", "`factor` is missing", close="factor"),
    Wrong(PLAN, "value,", "valu,", "valu", "unknown column `valu`", "value", "value"),
    # rows
    Wrong(SEG, HEADER, HEADER.replace(",", ";"), "segment;", "columns are separated by semicolons", "commas"),
    Wrong(SEG, HEADER, HEADER.replace(",", "\t"), "segment\t", "columns are separated by tabs", "commas"),
    Wrong(MOVE, "gold,gold,0.8,", "gold,gold,0.8,,7", "7", "the row has 5 fields, the header has 4", "thousands"),
    Wrong(MOVE, "gold,gold,0.8,", "gold,gold", "gold\ngold,rivals", "the row has 2 fields, the header has 4"),
    Wrong(MOVE, "gold,gold,0.8,", '"gold,gold,0.8,', '"gold', "not a valid CSV row", alone=False),
    # cells
    Wrong(SEG, "1000,40", "-5,40", "-5,", "`customers` is `-5`", "at least 0"),
    Wrong(SEG, "1000,40", ",40", ",40,90", "`customers` is empty"),
    Wrong(SEG, "1000,40", "nan,40", "nan,", "`customers` is `nan`", "a finite number"),
    Wrong(SEG, "1000,40", "inf,40", "inf,", "`customers` is `inf`", "a finite number"),
    Wrong(SEG, "1000,40", "many,40", "many,", "`customers` is `many`", "a number"),
    Wrong(SEG, "1000,40", '"1,000",40', '"1,000"', "`customers` is `1,000`", "without thousands separators"),
    Wrong(SEG, "gold,us", ",us", ",us,gold", "`segment` is empty"),
    Wrong(SEG, "gold,us", "silver,us", "silver,us,gold", "the segment `silver` is given twice", alone=False),
    Wrong(MOVE, "gold,gold,0.8,", "gold,gold,1.8,", "1.8", "`probability` is `1.8`", "at most 1"),
    Wrong(MOVE, "gold,gold,0.8,", "gold,gold,80%,", "80%", "`probability` is `80%`", "such as 0.8"),
    Wrong(MOVE, "silver,0.08,2", "silver,0.08,0", "0\nsilver", "`period` is `0`", "at least 1"),
    Wrong(MOVE, "silver,0.08,2", "silver,0.08,1.5", "1.5", "`period` is `1.5`", "a whole number"),
    Wrong(TREAT, "care,3,silver,gold,0.14", "care,-3,silver,gold,0.14", "-3", "`effort` is `-3`", "at least 0"),
    Wrong(SHOCK, "good,0.75,bronze,,1.1", "good,0.75,bronze,,-1.1", "-1.1", "`factor` is `-1.1`", "at least 0"),
    # responses
    Wrong(
        RESP, "winover,acquisition", "winover,aquisition", "aquisition", "unknown effect", "retention", "acquisition"
    ),
    Wrong(
        RESP, "exponential,,0.1,,,0.5", "exponental,,0.1,,,0.5", "exponental", "unknown curve", "adbudg", "exponential"
    ),
    Wrong(RESP, "linear,,,,,,0.4", "linear,,,,,,steep", "steep", "`slope` is `steep`", "a number"),
    Wrong(RESP, ADBUDG, ADBUDG.replace("1.5,", "0,"), "0,1.4", "`half` is `0`", "above 0"),
    Wrong(RESP, ADBUDG, ADBUDG.replace("0.8,1.5,1.4", "0.8,1.5,-1.4"), "-1.4", "`shape` is `-1.4`", "above 0"),
    Wrong(RESP, ADBUDG, ADBUDG.replace("0.8,1.5", ",1.5"), ",1.5,1.4,,,,\nvisits,retention,,gold", "`high` is empty"),
    Wrong(RESP, ADBUDG, ADBUDG + ";", ";\nvisits", "`values` is no parameter of the curve `adbudg`", "empty cell"),
    Wrong(RESP, "0;1;3", "0;1;x", "0;1;x", "`efforts` is `x`", "a number"),
    Wrong(RESP, "0;1;3", "0;3;1", "points", "efforts must be strictly increasing"),
    Wrong(RESP, "0;1;3", "0;1", "points", "2 efforts but 3 values"),
    Wrong(RESP, "0;1;3,0;2;4", "1,2", "points", "at least two points"),
    # the plan
    Wrong(PLAN, "kind,", "knd,", "knd", "`kind` is missing, but there is a column `knd`", close="kind", alone=False),
    Wrong(PLAN, "spend,search_ads", "spnd,search_ads", "spnd", "unknown kind `spnd`", "effort, spend", "spend"),
    Wrong(PLAN, "effort,visits,gold,1,", "effort,visits,,1,", ",1,2", "`segment` is empty", "for an effort"),
    Wrong(PLAN, "spend,search_ads,,1", "spend,search_ads,gold,1", "gold,1,5000", "`segment` is no part of a spend row"),
    Wrong(PLAN, "2,3,0.5", "1,3,0.5", "visits,gold,1,2,", "add up to 1.5", "at most 1"),
    Wrong(PLAN, "2,3,0.5", "2,3,1.5", "1.5", "`share` is `1.5`", "at most 1"),
    Wrong(
        PLAN,
        "spend,search_ads,,1,5000,\n",
        "spend,search_ads,,1,5000,\nspend,search_ads,,1,6000,\n",
        "search_ads,,1,6000",
        "the spend of `search_ads` is given twice",
    ),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_wrong(tmp_path: Path, wrong: Wrong) -> None:
    check_wrong(tmp_path, wrong)


def test_missing_column(tmp_path: Path) -> None:
    rows = [line.split(",") for line in FILES[SEG].splitlines()]
    text = "\n".join(",".join(row[:6] + row[7:]) for row in rows)
    (found,) = mistakes(write_folder(tmp_path, {SEG: text}))
    assert found.place == f"{tmp_path / SEG}:1:1"
    assert found.message == "the column `margin` is missing"


def test_header_that_fits_no_row(tmp_path: Path) -> None:
    """One mistake at the header, not one at every row."""
    text = edited(SHOCK, "scenario,probability,segment,period,factor", "scenario,probability,segment")
    (found,) = mistakes(write_folder(tmp_path, {SHOCK: text}))
    assert found.place == f"{tmp_path / SHOCK}:1:1"
    assert found.message == "the header has 3 fields, every row has 5"


@pytest.mark.parametrize("name", [SEG, MOVE, RESP, SHOCK, TREAT, PLAN])
def test_empty_file(tmp_path: Path, name: str) -> None:
    (found,) = mistakes(write_folder(tmp_path, {name: ""}))
    assert found.place == f"{tmp_path / name}:1:1"
    assert found.message == "the table is empty"


@pytest.mark.parametrize("name", [SEG, MOVE, SHOCK, TREAT])
def test_header_without_rows(tmp_path: Path, name: str) -> None:
    (found,) = mistakes(write_folder(tmp_path, {name: FILES[name].splitlines()[0]}))
    assert found.place == f"{tmp_path / name}:1:1"
    assert found.message == "the table has no rows"


def test_responses_may_be_empty(tmp_path: Path) -> None:
    """A business whose levers are all channels has none; a header with few columns will do."""
    assert mistakes(write_folder(tmp_path, {RESP: "lever,effect,curve,slope\n"})) == []


@pytest.mark.parametrize("name", [SEG, MOVE, RESP, SHOCK, TREAT, PLAN])
def test_bytes_that_are_not_utf8(tmp_path: Path, name: str) -> None:
    path = write_folder(tmp_path)
    (tmp_path / name).write_bytes(FILES[name].encode() + "é".encode("latin-1"))
    (found,) = mistakes(path)
    assert found.place == f"{tmp_path / name}:{FILES[name].count(chr(10)) + 1}:1"
    assert "(0xe9) is not UTF-8" in found.message


def test_a_shock_without_a_factor(tmp_path: Path) -> None:
    (found,) = mistakes(write_folder(tmp_path, {SHOCK: edited(SHOCK, "bronze,,1.1", "bronze,,")}))
    assert (found.place, found.message) == (f"{tmp_path / SHOCK}:4:5", "`factor` is empty")


def test_a_byte_that_is_no_text(tmp_path: Path) -> None:
    (found,) = mistakes(write_folder(tmp_path, {SEG: FILES[SEG].replace("gold,us", "go\0ld,us")}))
    assert found.message.endswith("is 0, which is no text")


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "close"),
    [
        ("scenario.yaml", "model: model.yaml", "model: modle.yaml", "modle", "model.yaml"),
        ("scenario.yaml", "shocks: shocks.csv", "shocks: shock.csv", "shock.csv", "shocks.csv"),
        ("scenario.yaml", "current_plan: plan.csv", "current_plan: plans.csv", "plans.csv", "plan.csv"),
        ("model.yaml", "segments: segments.csv", "segments: segmentz.csv", "segmentz", "segments.csv"),
    ],
)
def test_missing_file(tmp_path: Path, file: str, old: str, new: str, at: str, close: str) -> None:
    check_wrong(tmp_path, Wrong(file, old, new, at, "not found", close=close))


def test_missing_scenario(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path / "scenario.yaml")
    assert "not found" in found.message


def test_table_that_is_a_folder(tmp_path: Path) -> None:
    wrong = Wrong("model.yaml", "segments: segments.csv", "segments: .", ".\ntransitions: t", "is a folder")
    check_wrong(tmp_path, wrong)


def test_empty_rows_and_trailing_commas_are_skipped(tmp_path: Path) -> None:
    """As spreadsheets write them."""
    rows = [line + ",," for line in FILES["shocks.csv"].splitlines()]
    text = "\n".join([*rows[:2], "", ",,,,,,", *rows[2:], ",,,,,,"])
    assert mistakes(write_folder(tmp_path, {SHOCK: text})) == []


def test_quoted_text_over_lines_keeps_the_line_numbers(tmp_path: Path) -> None:
    text = edited(SEG, ",30,4,east", ',30,4,"ea\nst"').replace("100,500", "100,x")
    (found,) = mistakes(write_folder(tmp_path, {SEG: text}))
    assert found.place == f"{tmp_path / SEG}:5:7"
