"""`extends` and `overrides`."""

from pathlib import Path

import pytest

from allocator.domain.curves import Linear
from allocator.domain.model import Continuous, Levels
from allocator.domain.resources import Labour
from allocator.files import read, read_scenario
from tests.files.planner_folder import Wrong, check_wrong, extending, mistakes, write_folder


def test_this_files_keys_win(tmp_path: Path) -> None:
    scenario = read_scenario(extending(tmp_path, "scenario: variant\nhorizon: 3\nrules: []\nbudgets: []\n"))
    assert (scenario.name, scenario.horizon, scenario.budgets) == ("variant", 3, ())
    assert scenario.terminal == "baseline"


def test_mappings_merge_deeply(tmp_path: Path) -> None:
    scenario = read_scenario(extending(tmp_path, "solver: {gap: 1e-6}\nrisk: {confidence: 0.25}\n"))
    assert (scenario.solver.gap, scenario.solver.time_limit) == (1e-6, 60.0)
    assert scenario.risk.confidence == 0.25
    assert scenario.risk.cvar_floor == 1000.0


def test_lists_are_replaced_whole(tmp_path: Path) -> None:
    scenario = read_scenario(extending(tmp_path, "budgets:\n  - {name: only, amount: 5}\n"))
    assert [budget.name for budget in scenario.budgets] == ["only"]


def test_an_empty_value_takes_an_optional_key_away(tmp_path: Path) -> None:
    scenario = read_scenario(extending(tmp_path, "current_plan: ~\nrules: []\n"))
    assert scenario.current_plan is None


def test_chain(tmp_path: Path) -> None:
    extending(tmp_path, "scenario: middle\nhorizon: 6\n", "middle.yaml")
    path = tmp_path / "last.yaml"
    path.write_text(
        "extends: middle.yaml\nscenario: last\noverrides: {resources: {ports: {capacity: 90}}}\n", encoding="utf-8"
    )
    scenario = read_scenario(path)
    assert (scenario.name, scenario.horizon, scenario.model.name) == ("last", 6, "small")


def test_paths_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "deeper").mkdir()
    path = tmp_path / "deeper" / "variant.yaml"
    path.write_text("extends: ../scenario.yaml\nscenario: deeper\n")
    loaded = read(path)
    assert loaded.scenario.name == "deeper"
    assert "../shocks.csv" in loaded.digests


def test_mistakes_are_placed_in_the_file_that_makes_them(tmp_path: Path) -> None:
    path = extending(tmp_path, "horizon: 3\nsolver: {gap: -1}\n")
    places = [mistake.place for mistake in mistakes(path)]
    assert f"{path}:3:15" in places
    assert f"{tmp_path / 'scenario.yaml'}:17:63" in places  # period 5 lies beyond the new horizon


def test_circle_is_refused(tmp_path: Path) -> None:
    path = extending(tmp_path, "scenario: variant\n")
    (tmp_path / "scenario.yaml").write_text("extends: variant.yaml\n")
    (found,) = mistakes(path)
    assert found.place == f"{tmp_path / 'scenario.yaml'}:1:10"
    assert "goes round in a circle" in found.message


def test_extending_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("extends: a.yaml\n")
    (found,) = mistakes(path)
    assert "goes round in a circle" in found.message


def test_extending_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("extends: [a.yaml]\n")
    (found,) = mistakes(path)
    assert found.message == "`extends` names one file"


def overridden(tmp_path: Path, overrides: str) -> Path:
    return extending(tmp_path, f"overrides: {overrides}\n")


def test_override_cells_of_segments(tmp_path: Path) -> None:
    path = overridden(tmp_path, "{segments: {gold: {margin: 410, contacts_max: 2, region: north}}}")
    gold = read_scenario(path).model.segments[2]
    assert (gold.margin, gold.contacts_max, gold.customers, gold.extra) == (410.0, 2.0, 100.0, {"region": "north"})


def test_override_takes_an_optional_cell_away(tmp_path: Path) -> None:
    path = overridden(tmp_path, "{segments: {bronze: {contacts_max: ~}}}")
    assert read_scenario(path).model.segments[0].contacts_max is None


def test_override_deeply(tmp_path: Path) -> None:
    path = overridden(tmp_path, "{levers: {visits: {cost: 38}}, resources: {field_sales: {hire: {max: 9}}}}")
    model = read_scenario(path).model
    assert model.levers["visits"].cost == 38.0
    assert model.levers["visits"].setup == 500.0
    field_sales = model.resources["field_sales"]
    assert isinstance(field_sales, Labour)
    assert field_sales.hire is not None
    assert (field_sales.hire.max, field_sales.hire.cost) == (9, 2000.0)


def test_override_scalars_of_the_model(tmp_path: Path) -> None:
    model = read_scenario(overridden(tmp_path, "{discount_rate: 0.2, currency: CNY}")).model
    assert (model.discount_rate, model.currency) == (0.2, "CNY")


def test_override_of_another_form_replaces_the_old_one(tmp_path: Path) -> None:
    """The keys of an adbudg mean nothing in a line, nor a largest effort beside levels."""
    text = (
        "{levers: {visits: {effort: {levels: [2, 6]}}}, channels: {search_ads: {response: {curve: linear, slope: 1}}}}"
    )
    model = read_scenario(overridden(tmp_path, text + "\ncurrent_plan: ~\nrules: []")).model
    assert model.levers["visits"].effort == Levels(levels=(0, 2, 6))
    assert model.levers["winover"].effort == Continuous(max=2)
    assert model.channels["search_ads"].response == Linear(slope=1.0)


def test_override_by_another_table(tmp_path: Path) -> None:
    path = overridden(tmp_path, "{segments: fewer.csv}")
    text = (tmp_path / "segments.csv").read_text().replace("100,500", "100,450")
    (tmp_path / "fewer.csv").write_text(text)
    assert read_scenario(path).model.segments[2].margin == 450.0


def test_overrides_of_a_chain_merge(tmp_path: Path) -> None:
    extending(tmp_path, "overrides: {levers: {visits: {cost: 1, setup: 2}}}\n", "middle.yaml")
    path = tmp_path / "last.yaml"
    path.write_text("extends: middle.yaml\noverrides: {levers: {visits: {cost: 3}}}\n")
    visits = read_scenario(path).model.levers["visits"]
    assert (visits.cost, visits.setup) == (3.0, 2.0)


WRONG = [
    ("{segments: {gould: {margin: 1}}}", "gould", "unknown segment `gould`", "gold"),
    ("{segments: {gold: {margn: 1}}}", "margn", "unknown column `margn`", "margin"),
    ("{segments: {gold: {segment: x}}}", "segment: x", "unknown column `segment`", ""),
    ("{segments: {gold: {margin: much}}}", "much", "`margin` is `much`", ""),
    ("{segments: {gold: 5}}", "5}}", "`gold` is not a mapping", ""),
    ("{levers: {visit: {cost: 1}}}", "visit:", "unknown lever `visit`", "visits"),
    ("{resources: {port: {cost: 1}}}", "port:", "unknown resource `port`", "ports"),
    ("{channels: {search_ad: {carryover: 0}}}", "search_ad:", "unknown channel `search_ad`", "search_ads"),
    ("{programmes: {clean: {lead: 1}}}", "clean", "unknown programme `clean`", "cleaning"),
    ("{levers: {visits: {cots: 1}}}", "cots", "unknown key `cots`", "cost"),
    ("{levers: {visits: {cost: -1}}}", "-1", "`cost` is `-1`", ""),
    ("{curency: CNY}", "curency", "unknown key `curency`", "currency"),
    ("57", "57", "`overrides` is not a mapping", ""),
]


@pytest.mark.parametrize(("overrides", "at", "says", "close"), WRONG)
def test_wrong_override(tmp_path: Path, overrides: str, at: str, says: str, close: str) -> None:
    new = f"horizon: 4\noverrides: {overrides}\n"
    check_wrong(tmp_path, Wrong("scenario.yaml", "horizon: 4\n", new, at, says, close=close, alone=False))


def test_what_is_not_there_cannot_be_overridden(tmp_path: Path) -> None:
    """Its name is the one mistake; nothing is asked of a new entry."""
    (found,) = mistakes(overridden(tmp_path, "{programmes: {no_such: {cost: 3}}}"))
    assert "unknown programme `no_such`" in found.message
