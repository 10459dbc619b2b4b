"""A valid folder and every case read; files read are named with their digests."""

import hashlib
from pathlib import Path

import pytest

from allocator.domain.errors import InvalidInput
from allocator.domain.model import Continuous, Levels
from allocator.domain.resources import Fixed, Labour
from allocator.domain.scenario import Scenario
from allocator.files import read, read_scenario
from tests.files.planner_folder import edited, mistakes, write_folder

CASES = sorted((Path(__file__).parents[1] / "cases").glob("**/scenario.yaml"))


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    return read_scenario(write_folder(tmp_path))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_case_reads(path: Path) -> None:
    assert read_scenario(path).model.segments


def test_all_cases_are_there() -> None:
    assert len(CASES) == 22


def test_structure(scenario: Scenario) -> None:
    model = scenario.model
    assert scenario.name == "small-growth"
    assert scenario.horizon == 4
    assert [segment.name for segment in model.segments] == ["bronze", "silver", "gold", "prospects", "rivals"]
    assert isinstance(model.resources["field_sales"], Labour)
    assert isinstance(model.resources["ports"], Fixed)
    assert model.pool_of("shared_sales") == "field_sales"
    assert model.levers["visits"].effort == Continuous(max=6)
    assert model.levers["care"].effort == Levels(levels=(0, 1, 3))
    assert model.levers["visits"].where == {"stage": ("core", "at_risk"), "owner": ("us",)}
    assert model.programmes["one_view"].window == (1, 3)


def test_numbers(scenario: Scenario) -> None:
    """Exponents without a point are numbers, which older YAML would read as text."""
    assert [budget.amount for budget in scenario.budgets] == [900_000.0, 250_000.0, 400_000.0]
    assert scenario.budgets[2].at_least == 10_000.0
    assert scenario.solver.gap == 1e-4


def test_tables(scenario: Scenario) -> None:
    gold = scenario.model.segments[2]
    assert (gold.customers, gold.margin, gold.revenue, gold.collection_days, gold.contacts_max) == (
        100.0,
        500.0,
        900.0,
        60.0,
        None,
    )
    assert gold.extra == {"region": "west"}
    assert scenario.model.transitions[2].period == 2
    assert scenario.model.transitions[1].period is None
    assert scenario.model.responses[4].curve.model_dump() == {
        "curve": "points",
        "efforts": (0.0, 1.0, 3.0),
        "values": (0.0, 2.0, 4.0),
    }
    assert scenario.risk.shocks is not None
    assert scenario.risk.shocks[1].factor == 0.5


def test_current_plan(scenario: Scenario) -> None:
    plan = scenario.current_plan
    assert plan is not None
    assert [(t.segment, t.period, t.share, t.efforts) for t in plan.treatments] == [
        ("gold", 1, 1.0, (("visits", 2.0),)),
        ("gold", 2, 0.5, (("visits", 3.0),)),
        ("silver", 1, 0.4, (("care", 1.0),)),
    ]
    assert plan.spend[0].spend == 5000.0
    assert plan.heads[0].headcount == 5.0
    assert plan.programmes[0].start == 1


def test_subclass_is_read_into(tmp_path: Path) -> None:
    class Question(Scenario):
        """A scenario with verbs of its own."""

    assert isinstance(read_scenario(write_folder(tmp_path), into=Question), Question)


def test_model_may_be_a_folder(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "questions").mkdir()
    path = tmp_path / "questions" / "one.yaml"
    path.write_text("scenario: one\nmodel: ..\nhorizon: 2\n")
    assert read_scenario(path).model.name == "small"


def test_digests_name_every_file(tmp_path: Path) -> None:
    digests = read(write_folder(tmp_path)).digests
    assert set(digests) == {path.name for path in tmp_path.iterdir()}
    assert digests["segments.csv"] == hashlib.sha256((tmp_path / "segments.csv").read_bytes()).hexdigest()


def test_digests_are_relative_to_the_scenario(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "questions").mkdir()
    path = tmp_path / "questions" / "one.yaml"
    path.write_text("scenario: one\nmodel: ../model.yaml\nhorizon: 2\n")
    assert set(read(path).digests) >= {"one.yaml", "../model.yaml", "../segments.csv"}


def test_sources_place_values(tmp_path: Path) -> None:
    sources = read(write_folder(tmp_path)).sources
    assert sources.place(("scenario", "budgets", 1, "amount")) == f"{tmp_path / 'scenario.yaml'}:7:31"
    assert sources.place(("model", "levers", "visits", "cost")) == f"{tmp_path / 'model.yaml'}:35:11"
    assert sources.place(("model", "levers", "visits")) == f"{tmp_path / 'model.yaml'}:30:3"
    assert sources.place(("segments", 2, "margin")) == f"{tmp_path / 'segments.csv'}:4:7"
    assert sources.place(("plan", "headcount", "field_sales", 2)) == f"{tmp_path / 'plan.csv'}:6:2"


def test_sources_fall_back_to_the_nearest_ancestor(tmp_path: Path) -> None:
    sources = read(write_folder(tmp_path)).sources
    assert sources.place(("model", "levers", "care", "setup")) == sources.place(("model", "levers", "care"))
    assert sources.place(("scenario", "budgets", 9)) == sources.place(("scenario", "budgets"))
    assert sources.place(("segments", 2, "nothing")) == f"{tmp_path / 'segments.csv'}:4:1"
    assert sources.place(("nowhere",)) == ""


def test_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """Wrong values in two files, and a row that adds up to more than 1 in a third."""
    changes = {
        "scenario.yaml": edited("scenario.yaml", "horizon: 4", "horizon: none"),
        "model.yaml": edited("model.yaml", "currency: EUR", "curency: EUR"),
        "transitions.csv": edited("transitions.csv", "bronze,bronze,0.8,", "bronze,bronze,0.99,"),
        "responses.csv": edited("responses.csv", "winover,acquisition", "winover,aquisition"),
    }
    found = mistakes(write_folder(tmp_path, changes))
    assert [Path(mistake.place).name for mistake in found] == [
        "model.yaml:2:1",
        "responses.csv:7:2",
        "scenario.yaml:3:10",
        "transitions.csv:4:3",
        "transitions.csv:4:3",
    ]


def test_unknown_key_hides_no_other_mistake(tmp_path: Path) -> None:
    """A lever with an unknown key is still checked without it."""
    text = edited("model.yaml", "{field_sales: 1.5}", "{fieldsales: 1.5}\n    colour: red")
    found = mistakes(write_folder(tmp_path, {"model.yaml": text}))
    assert [mistake.message for mistake in found] == ["unknown pool `fieldsales`", "unknown key `colour`"]


def test_mistakes_are_sorted_by_line(tmp_path: Path) -> None:
    text = edited("transitions.csv", "rivals,silver,0.01,", "rivals,silver,x,").replace("gold,gold,0.8", "gold,gold,y")
    found = mistakes(write_folder(tmp_path, {"transitions.csv": text}))
    assert [mistake.place.split(":")[-2] for mistake in found] == ["8", "13"]


def test_error_text_names_place_expected_and_close_match(tmp_path: Path) -> None:
    path = write_folder(tmp_path, {"model.yaml": edited("model.yaml", "period: quarter", "period: quater")})
    with pytest.raises(InvalidInput) as raised:
        read_scenario(path)
    assert str(raised.value) == (
        f"{tmp_path / 'model.yaml'}:3:9: unknown period `quater`; "
        "expected one of: month, quarter, year; did you mean `quarter`?"
    )
