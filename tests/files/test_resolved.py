"""The resolved scenario reads back as the same scenario."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocator.domain.curves import Adbudg, Curve, Exponential, Linear, Points
from allocator.domain.model import Channel, Continuous, Levels, Lever, Model, Response, Segment, Spend, Transition
from allocator.domain.plan import Plan, Treatment
from allocator.domain.resources import Fixed, Labour
from allocator.domain.risk import Risk, Shock
from allocator.domain.scenario import Budget, Scenario
from allocator.files import read_scenario, resolved_yaml
from tests.files.planner_folder import write_folder

CASES = sorted((Path(__file__).parents[1] / "cases").glob("*/scenario.yaml"))


def again(scenario: Scenario, folder: Path) -> Scenario:
    """The scenario written as one document and read back."""
    path = folder / "scenario.resolved.yaml"
    path.write_text(resolved_yaml(scenario), encoding="utf-8")
    return read_scenario(path)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_cases(path: Path, tmp_path: Path) -> None:
    scenario = read_scenario(path)
    assert again(scenario, tmp_path) == scenario


def test_overrides_stand_in_their_place(tmp_path: Path) -> None:
    write_folder(tmp_path)
    path = tmp_path / "variant.yaml"
    path.write_text("extends: scenario.yaml\noverrides: {segments: {gold: {margin: 410}}, discount_rate: 0.2}\n")
    scenario = read_scenario(path)
    text = resolved_yaml(scenario)
    assert "overrides" not in text
    assert "extends" not in text
    assert '"margin": 410.0' in text
    assert again(scenario, tmp_path) == scenario


def test_plan_is_written_whole(tmp_path: Path) -> None:
    """Also treatments that no tidy table can say: two levers for the same half."""
    scenario = read_scenario(write_folder(tmp_path))
    both = Treatment(
        segment="silver", period=1, share=0.5, efforts=(("visits", 1.0), ("care", 3.0)), programmes=("one_view",)
    )
    scenario = scenario.model_copy(update={"current_plan": Plan(treatments=(both,))})
    assert again(scenario, tmp_path) == scenario


# Names that YAML could take for something else are among them.
NAMES = st.one_of(
    st.sampled_from(
        ["yes", "true", "null", "~", "007", "1e3", "12", "a: b", "- x", "é#", "{z}", "*q", "'", '"', "..."]
    ),
    st.text("abcxyz_é", min_size=1, max_size=5),
)
MONEY = st.floats(0, 1e9)
SHARES = st.floats(0, 0.3)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    size = st.floats(0, 2)
    positive = st.floats(0.01, 10)
    efforts = sorted(draw(st.lists(st.floats(0, 50), min_size=2, max_size=4, unique=True)))
    return draw(
        st.one_of(
            st.builds(Adbudg, low=size, high=size, half=positive, shape=positive),
            st.builds(Exponential, high=size, rate=positive),
            st.builds(Linear, slope=size),
            st.builds(
                Points,
                efforts=st.just(tuple(efforts)),
                values=st.tuples(*[size] * len(efforts)),
            ),
        )
    )


@st.composite
def models(draw: st.DrawFn) -> Model:
    names = draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
    segments = tuple(
        Segment(
            name=name,
            customers=draw(MONEY),
            margin=draw(st.floats(-1e6, 1e6)),
            tier=draw(NAMES),
            contacts_max=draw(st.none() | MONEY),
            extra=draw(st.dictionaries(st.sampled_from(["region", "1"]), NAMES)),
        )
        for name in names
    )
    transitions = tuple(
        Transition(origin=a, destination=b, probability=draw(SHARES)) for a in names[:3] for b in names[:3]
    )
    pool = draw(NAMES)
    resources: dict[str, Any] = {
        pool: draw(
            st.one_of(
                st.builds(Labour, function=NAMES, headcount=st.integers(0, 9), hours=st.floats(1, 500), wage=MONEY),
                st.builds(Fixed, function=NAMES, capacity=MONEY | st.tuples(MONEY, MONEY)),
            )
        )
    }
    effort = st.one_of(
        st.builds(Continuous, max=st.floats(0.5, 50)),
        st.builds(Levels, levels=st.lists(st.floats(0, 50), min_size=1, max_size=3).map(tuple)),
    )
    lever = draw(st.builds(Lever, function=NAMES, effort=effort, uses=st.just({pool: 1.5}), cost=MONEY))
    channel = draw(
        st.builds(
            Channel,
            function=NAMES,
            spend=st.builds(Spend, max=st.floats(1, 1e6)),
            response=curves(),
            into=st.just({names[0]: 0.5, names[1]: 0.25}),
        )
    )
    response = Response(lever="reach", effect="margin", curve=draw(curves()), segment=names[0])
    return Model(
        name=draw(NAMES),
        period=draw(st.sampled_from(["month", "quarter", "year"])),
        discount_rate=draw(st.floats(0.01, 1)),
        segments=segments,
        transitions=transitions,
        resources=resources,
        levers={"reach": lever},
        responses=(response,),
        channels={"ads": channel},
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    model = draw(models())
    first = model.segments[0]
    shocks = (
        Shock(scenario="up", probability=0.5, segment=first.name, factor=draw(MONEY)),
        Shock(scenario="down", probability=0.5, segment=first.name, period=1, factor=draw(SHARES)),
    )
    budget = Budget(name=draw(NAMES), amount=draw(MONEY), where={"tier": (first.tier,)}, levers=("reach",))
    return Scenario(
        name=draw(NAMES),
        model=model,
        horizon=draw(st.integers(1, 2)),
        terminal=draw(st.sampled_from(["none"]) | st.just({first.name: 3.5})),
        budgets=(budget,),
        risk=draw(st.sampled_from([Risk(), Risk(shocks=shocks, aversion=0.2)])),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenario=scenarios())
def test_random_scenarios(scenario: Scenario, tmp_path: Path) -> None:
    assert again(scenario, tmp_path) == scenario
