"""Checks across the parts of a scenario that is built in code, without files."""

from typing import Any

import pytest

from allocator.domain.checks import check_model, check_plan, check_scenario, validate
from allocator.domain.curves import Linear
from allocator.domain.errors import InvalidInput
from allocator.domain.model import Continuous, Lever, Model, Response, Segment, Transition
from allocator.domain.plan import ChannelSpend, Heads, Plan, ProgrammeStart, Treatment
from allocator.domain.resources import Labour
from allocator.domain.rules import Coverage
from allocator.domain.scenario import Budget, Scenario


def model(**changes: Any) -> Model:
    """Two segments, one resource, one lever, one response."""
    parts: dict[str, Any] = {
        "name": "tiny",
        "period": "year",
        "discount_rate": 0.1,
        "segments": (
            Segment(name="gold", customers=10, margin=5, tier="high"),
            Segment(name="lost", customers=0, margin=0, owner="market"),
        ),
        "transitions": (
            Transition(origin="gold", destination="gold", probability=0.8),
            Transition(origin="gold", destination="lost", probability=0.2),
        ),
        "resources": {"sales": Labour(function="sales", headcount=1, hours=100)},
        "levers": {
            "visits": Lever(function="sales", where={"owner": ("us",)}, effort=Continuous(max=4), uses={"sales": 1.0})
        },
        "responses": (Response(lever="visits", effect="retention", curve=Linear(slope=0.1)),),
    }
    return Model(**{**parts, **changes})


def scenario(**changes: Any) -> Scenario:
    parts: dict[str, Any] = {"name": "question", "model": model(), "horizon": 2}
    return Scenario(**{**parts, **changes})


def test_valid() -> None:
    validate(scenario())


def test_validate_raises_all_mistakes_with_paths() -> None:
    wrong = scenario(
        budgets=(Budget(name="all", amount=1, levers=("visit",)),),
        rules=(Coverage(rule="coverage", lever="visits", min_effort=1, min_share=0.5, where={"tier": ("hihg",)}),),
    )
    with pytest.raises(InvalidInput) as raised:
        validate(wrong)
    assert [(mistake.path, mistake.close_match) for mistake in raised.value.mistakes] == [
        (("scenario", "budgets", 0, "levers", 0), "visits"),
        (("scenario", "rules", 0, "where", "tier"), "high"),
    ]
    assert "scenario.budgets.0.levers.0: unknown lever `visit`" in str(raised.value)


def test_checks_of_a_model_alone() -> None:
    wrong = model(transitions=(Transition(origin="gold", destination="golden", probability=0.8),))
    assert [mistake.path for mistake in check_model(wrong)] == [("transitions", 0, "to")]


def test_only_sound_parts_are_checked() -> None:
    """With broken segments nothing can be said about the transitions between them."""
    wrong = model(
        transitions=(Transition(origin="gold", destination="golden", probability=0.8),),
        resources={name: Labour(function="sales", headcount=1, hours=1, pool="sales") for name in ("a", "b")},
    )
    found = check_model(wrong, frozenset({"transitions", "resources"}))
    assert [mistake.path for mistake in found] == [("model", "resources", "b")]


def test_migration_counts_measured_rows_and_every_period() -> None:
    """A destination reached in one period only is reached."""
    to_lost = Response(lever="visits", effect="migration", to="lost", curve=Linear(slope=-0.1))
    stays = Transition(origin="gold", destination="gold", probability=0.8)
    leaves = Transition(origin="gold", destination="lost", probability=0.1, period=2)
    assert check_model(model(responses=(to_lost,), transitions=(stays, leaves))) == []
    (found,) = check_model(model(responses=(to_lost,), transitions=(stays,)))
    assert found.path == ("responses", 0, "to")


@pytest.mark.parametrize(
    ("plan", "path"),
    [
        (
            Plan(treatments=(Treatment(segment="gold", period=1, share=1, efforts=(("visits", 5.0),)),)),
            ("plan", "effort", "visits", "gold", 1),
        ),
        (
            Plan(treatments=(Treatment(segment="lost", period=1, share=1, efforts=(("visits", 1.0),)),)),
            ("plan", "effort", "visits", "lost", 1),
        ),
        (
            Plan(treatments=(Treatment(segment="gold", period=1, share=1.2, efforts=(("visits", 1.0),)),)),
            ("plan", "effort", "visits", "gold", 1),
        ),
        (Plan(spend=(ChannelSpend(channel="ads", period=1, spend=1),)), ("plan", "spend", "ads", 1)),
        (Plan(heads=(Heads(resource="sales", period=3, headcount=1),)), ("plan", "headcount", "sales", 3)),
        (Plan(programmes=(ProgrammeStart(programme="crm", start=1),)), ("plan", "programme", "crm")),
    ],
)
def test_wrong_plan(plan: Plan, path: tuple[str | int, ...]) -> None:
    assert [mistake.path for mistake in check_plan(plan, scenario())] == [path]
    assert [mistake.path for mistake in check_scenario(scenario(current_plan=plan))] == [path]


def test_plan_may_be_off_by_rounding() -> None:
    shares = (0.3333333, 0.6666668)
    treatments = tuple(
        Treatment(segment="gold", period=1, share=share, efforts=(("visits", 4.0000001),)) for share in shares
    )
    assert check_plan(Plan(treatments=treatments), scenario()) == []
