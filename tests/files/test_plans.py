"""Plans: tidy tables, results folders, and the tidy table written again."""

from pathlib import Path

import pytest

from allocator.domain.errors import InvalidInput
from allocator.domain.plan import ChannelSpend, Heads, Plan, ProgrammeStart, Treatment
from allocator.domain.scenario import Scenario
from allocator.files import read_plan, read_scenario
from tests.files.planner_folder import FILES, write_folder

TREATMENTS = """\
segment,period,treatment,customers,effort:visits,effort:care,programmes
gold,1,1,60,2,0,one_view
gold,1,2,20,3,0,
gold,1,3,20,0,0,
silver,1,1,300,1.5,1,
"""
CHANNELS = "channel,period,spend,stock,new_customers\nsearch_ads,1,4000,4000,9\nsearch_ads,2,0,1200,1\n"
RESOURCES = "resource,period,headcount,hires\nfield_sales,1,5,1\nports,1,,\n"
PROGRAMMES = "programme,start\ncleaning,1\nagency,\n"


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    return read_scenario(write_folder(tmp_path))


def results(folder: Path, **changes: str) -> Path:
    """A results folder, as a run writes it."""
    files = {"treatments": TREATMENTS, "channels": CHANNELS, "resources": RESOURCES, "programmes": PROGRAMMES}
    folder.mkdir()
    for name, text in {**files, **changes}.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def test_results_folder(tmp_path: Path, scenario: Scenario) -> None:
    """60 and 20 of 100 gold customers; the 20 with no effort are what is left."""
    assert read_plan(results(tmp_path / "results"), scenario) == Plan(
        treatments=(
            Treatment(segment="gold", period=1, share=0.6, efforts=(("visits", 2.0),), programmes=("one_view",)),
            Treatment(segment="gold", period=1, share=0.2, efforts=(("visits", 3.0),), programmes=()),
            Treatment(segment="silver", period=1, share=1.0, efforts=(("visits", 1.5), ("care", 1.0)), programmes=()),
        ),
        spend=(
            ChannelSpend(channel="search_ads", period=1, spend=4000.0),
            ChannelSpend(channel="search_ads", period=2, spend=0.0),
        ),
        heads=(Heads(resource="field_sales", period=1, headcount=5.0),),
        programmes=(ProgrammeStart(programme="cleaning", start=1),),
    )


def test_treatments_alone(tmp_path: Path, scenario: Scenario) -> None:
    """Without a column of programmes, treatments use every one that works."""
    path = tmp_path / "treatments.csv"
    path.write_text("segment,period,customers,effort:visits\ngold,1,50,2\ngold,1,50,0\n")
    plan = read_plan(path, scenario)
    assert plan == Plan(treatments=(Treatment(segment="gold", period=1, share=0.5, efforts=(("visits", 2.0),)),))


def test_results_folder_as_current_plan(tmp_path: Path) -> None:
    text = FILES["scenario.yaml"].replace("plan.csv", "results")
    results(tmp_path / "results")
    plan = read_scenario(write_folder(tmp_path, {"scenario.yaml": text})).current_plan
    assert plan is not None
    assert len(plan.treatments) == 3


@pytest.mark.parametrize(
    ("table", "old", "new", "place", "says"),
    [
        ("treatments", "effort:visits", "effort:visit", "treatments.csv:2:5", "unknown lever `visit`"),
        ("treatments", "silver,1,1,300,1.5", "silver,1,1,300,-1", "treatments.csv:5:5", "`visits` is `-1`"),
        ("treatments", "silver,1,1,300", "silver,1,1,", "treatments.csv:5:4", "`customers` is empty"),
        ("treatments", "silver,1,1,300", "silver,9,1,300", "treatments.csv:5:5", "period 9 is beyond the horizon"),
        ("treatments", "one_view", "one_vew", "treatments.csv:2:5", "unknown programme `one_vew`"),
        ("channels", "search_ads,2", "search_ad,2", "channels.csv:3:1", "unknown channel `search_ad`"),
        ("channels", "4000,4000", "much,4000", "channels.csv:2:3", "`spend` is `much`"),
        ("resources", "field_sales", "field_sale", "resources.csv:2:1", "unknown labour resource `field_sale`"),
        ("programmes", "cleaning,1", "cleaning,x", "programmes.csv:2:2", "`start` is `x`"),
    ],
)
def test_wrong_results(
    tmp_path: Path, scenario: Scenario, table: str, old: str, new: str, place: str, says: str
) -> None:
    texts = {"treatments": TREATMENTS, "channels": CHANNELS, "resources": RESOURCES, "programmes": PROGRAMMES}
    folder = results(tmp_path / "results", **{table: texts[table].replace(old, new, 1)})
    with pytest.raises(InvalidInput) as raised:
        read_plan(folder, scenario)
    assert (str(folder / place), True) in [
        (mistake.place, says in mistake.message) for mistake in raised.value.mistakes
    ], str(raised.value)


def test_missing_plan(tmp_path: Path, scenario: Scenario) -> None:
    with pytest.raises(InvalidInput, match="not found"):
        read_plan(tmp_path / "nothing.csv", scenario)


def test_levers_combine_independently(tmp_path: Path, scenario: Scenario) -> None:
    """Half of silver gets a visit and four in ten get care, so two in ten get both."""
    path = tmp_path / "tidy.csv"
    path.write_text("kind,name,segment,period,value,share\neffort,visits,silver,1,1,0.5\neffort,care,silver,1,3,0.4\n")
    plan = read_plan(path, scenario)
    shares = {treatment.efforts: treatment.share for treatment in plan.treatments}
    assert shares[("visits", 1.0), ("care", 3.0)] == pytest.approx(0.2)


def test_a_plan_without_rows_does_nothing(tmp_path: Path, scenario: Scenario) -> None:
    path = tmp_path / "nothing.csv"
    path.write_text("kind,name,segment,period,value,share\n")
    assert read_plan(path, scenario) == Plan()


def test_names_of_efforts_of_nothing_must_exist(tmp_path: Path, scenario: Scenario) -> None:
    path = tmp_path / "nothing.csv"
    path.write_text("kind,name,segment,period,value\neffort,visit,gold,1,0\neffort,visits,gould,1,0\n")
    with pytest.raises(InvalidInput) as caught:
        read_plan(path, scenario)
    assert [mistake.close_match for mistake in caught.value.mistakes] == ["visits", "gold"]


def test_customers_of_whom_treatments_say_nothing_get_nothing(tmp_path: Path, scenario: Scenario) -> None:
    """60 of the 100 gold customers that customers.csv counts; silver's 300 are more than it counts."""
    few = "segment,period,treatment,customers,effort:visits\ngold,1,1,60,2\nsilver,1,1,300,1\n"
    counted = "segment,period,customers,acquired\ngold,1,100,0\nsilver,1,200,0\ngold,2,90,0\n"
    plan = read_plan(results(tmp_path / "results", treatments=few, customers=counted), scenario)
    assert [(treatment.segment, treatment.share) for treatment in plan.treatments] == [("gold", 0.6), ("silver", 1.0)]


def test_a_share_is_of_customers(tmp_path: Path, scenario: Scenario) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("kind,name,segment,period,value,share\nspend,search_ads,,1,2000,0.5\n")
    with pytest.raises(InvalidInput, match=r"plan.csv:2:6: `share` is no part of a spend row"):
        read_plan(path, scenario)
