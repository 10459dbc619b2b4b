"""One reading tells all mistakes, also those behind values that are themselves wrong."""

from pathlib import Path

import pytest

from tests.files.planner_folder import FILES, edited, mistakes, write_folder

EDITS = {
    "model.yaml": [
        ("headcount: 2\n", "headcont: 2\n", ["unknown key `headcont`"]),
        ("uses: {field_sales: 1.5}\n    cost: 20", "uses: {feld_sales: 1.5}\n    cost: -20", ["unknown pool", "`-20`"]),
        ("requires: [cleaning]", "requires: [cleening]", ["unknown programme `cleening`"]),
        ("curve: points, efforts: [0, 100, 200]", "curve: points, efforts: [0, 200, 100]", ["strictly increasing"]),
    ],
    "segments.csv": [("bronze,us,bronze,core,north/a,1000", "bronze,us,bronze,core,north/a,-1000", ["`-1000`"])],
    "transitions.csv": [
        ("gold,gold,0.8,", "gold,gold,0.95,", ["add up to 1.05"]),
        ("silver,bronze,0.1,", "silver,bronze,x,", ["`probability` is `x`"]),
        ("rivals,silver,0.01,", "rivals,slver,0.01,", ["unknown segment `slver`"]),
    ],
    "responses.csv": [
        ("care,margin_add", "caer,margin_add", ["unknown lever `caer`"]),
        ("winover,acquisition,,,,,,linear", "winover,acquisition,,,,,,liner", ["unknown curve `liner`"]),
    ],
    "scenario.yaml": [
        ("horizon: 4", "horizon: four", ["`horizon` is `four`"]),
        ("amount: 900e3", "amont: 900e3", ["unknown key `amont`"]),
        ("lever: care, max: 2.5", "lever: car, max: 2.5", ["unknown lever `car`"]),
        ("min: 10, periods: [5]", "min: -10, periods: [5]", ["`min` is `-10`"]),
        ("max: 8", "max: eight", ["`max` is `eight`"]),
    ],
    "plan.csv": [
        ("effort,visits,gold,1,2", "effort,visit,gold,1,2", ["unknown lever `visit`"]),
        ("5000", "five", ["`value` is `five`"]),
    ],
}


def test_all_mistakes_in_one_reading(tmp_path: Path) -> None:
    changes = dict(FILES)
    expected = []
    for file, edits in EDITS.items():
        for old, new, says in edits:
            assert changes[file].count(old) == 1
            changes[file] = changes[file].replace(old, new)
            expected += says
    found = [str(mistake) for mistake in mistakes(write_folder(tmp_path, changes))]
    missed = [says for says in expected if not any(says in told for told in found)]
    assert not missed, "\n".join(found)
    assert len(found) == len(expected), "\n".join(found)
    assert not any("\0" in told for told in found)


def test_a_segment_given_twice(tmp_path: Path) -> None:
    text = FILES["segments.csv"] + "gold,us,gold,core,south,100,500,900,60,,west\n"
    (mistake,) = mistakes(write_folder(tmp_path, {"segments.csv": text}))
    assert "the segment `gold` is given twice" in mistake.message


def test_a_name_that_no_system_allows(tmp_path: Path) -> None:
    text = FILES["scenario.yaml"].replace("model.yaml", "m" * 300)
    (mistake,) = mistakes(write_folder(tmp_path, {"scenario.yaml": text}))
    assert "not found" in mistake.message


@pytest.mark.parametrize(
    ("file", "row", "says"),
    [
        ("transitions.csv", "gould,slver,1.5,", ["segment `gould`", "segment `slver`", "`probability` is `1.5`"]),
        (
            "responses.csv",
            "visit,retension,gould,,,,,linear,,,,,,x,,",
            ["lever `visit`", "effect", "`gould`", "`slope`"],
        ),
        ("treated.csv", "car,3,gould,slver,2", ["lever `car`", "`gould`", "`slver`", "`probability` is `2`"]),
        ("shocks.csv", "good,0.75,gould,,-1", ["segment `gould`", "`factor` is `-1`"]),
        ("plan.csv", "effort,visit,gould,1,-1,", ["lever `visit`", "segment `gould`", "`value` is `-1`"]),
    ],
)
def test_all_that_is_wrong_with_a_row(tmp_path: Path, file: str, row: str, says: list[str]) -> None:
    """A cell that is wrong hides no other of its row."""
    found = mistakes(write_folder(tmp_path, {file: f"{FILES[file]}{row}\n"}))
    missed = [told for told in says if not any(told in str(mistake) for mistake in found)]
    assert not missed, "\n".join(map(str, found))
    assert len(found) == len(says), "\n".join(map(str, found))


def test_all_that_is_wrong_with_an_entry(tmp_path: Path) -> None:
    """A value that is wrong hides no name beside it."""
    budget = "{name: more, amount: x, levers: [visit], where: {unit: sooth}, periods: [99]}"
    text = edited("scenario.yaml", "budgets:\n", f"budgets:\n  - {budget}\n")
    found = [str(mistake) for mistake in mistakes(write_folder(tmp_path, {"scenario.yaml": text}))]
    says = ["`amount` is `x`", "lever `visit`", "unit `sooth`", "period 99"]
    assert not [told for told in says if not any(told in mistake for mistake in found)], "\n".join(found)
    assert len(found) == len(says), "\n".join(found)


def test_a_value_that_is_wrong_hides_not_whose_it_is(tmp_path: Path) -> None:
    text = edited("model.yaml", "uses: {field_sales: 1.5", "uses: {feild_sales: -1.5")
    found = [mistake.close_match for mistake in mistakes(write_folder(tmp_path, {"model.yaml": text}))]
    assert sorted(found) == ["", "field_sales"]
