"""A treatment's transition probabilities and margin, and their ranges over boxes of effort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import MAX_EFFORT, random_model

from allocator.domain.curves import Linear
from allocator.domain.errors import InternalError, InvalidInput
from allocator.domain.model import (
    Continuous,
    Lever,
    Model,
    Response,
    Segment,
    Transition,
    TreatedTransition,
)
from allocator.domain.scenario import Scenario
from allocator.response.intervals import Boxes, BoxEvaluator
from allocator.response.table import ResponseTable

ROWS = [("a", "a", 0.6, None), ("a", "b", 0.3, None), ("b", "a", 0.2, None), ("b", "b", 0.8, None)]


def linear(lever, effect, slope, **selectors):
    return Response(lever=lever, effect=effect, curve=Linear(slope=slope), **selectors)


def business(responses=(), treated=(), rows=ROWS, rate=0.1, where=None):
    """`a` is ours, earns 10 and loses a tenth of its customers for good; `b` is a rival's."""
    return Model(
        model="two",
        period="year",
        discount_rate=rate,
        segments=(
            Segment(segment="a", customers=100, margin=10, tier="gold", unit="x/y"),
            Segment(segment="b", customers=50, margin=7, owner="rival"),
        ),
        transitions=tuple(
            Transition(**{"from": origin, "to": to, "probability": chance, "period": period})
            for origin, to, chance, period in rows
        ),
        treated=tuple(
            TreatedTransition(**{"lever": "visit", "effort": effort, "from": "a", "to": to, "probability": chance})
            for effort, to, chance in treated
        ),
        levers={
            "visit": Lever(function="sales", effort=Continuous(max=4), where=where or {}),
            "mail": Lever(function="marketing", effort=Continuous(max=4)),
        },
        responses=tuple(responses),
    )


def evaluate(model, segment, efforts, period=1, boosts=None):
    table = ResponseTable(model)
    found = table.coefficients(
        np.array([segment]),
        np.array([period]),
        np.array([efforts], float),
        None if boosts is None else np.array([boosts], float),
    )
    return found.probability[0], found.leave[0], found.margin[0]


def test_no_effort_gives_the_stated_rows():
    probability, leave, margin = evaluate(business(), 0, [0, 0])
    assert probability.tolist() == pytest.approx([0.6, 0.3])
    assert leave == pytest.approx(0.1)
    assert margin == 10


def test_retention_shifts_our_destinations_where_the_origin_is_ours():
    model = business([linear("visit", "retention", 0.5), linear("visit", "acquisition", 9)])
    probability, leave, _ = evaluate(model, 0, [2, 0])
    stay = 0.6 * np.e
    assert probability.tolist() == pytest.approx([stay / (stay + 0.4), 0.3 / (stay + 0.4)])
    assert leave == pytest.approx(0.1 / (stay + 0.4))


def test_acquisition_shifts_our_destinations_where_the_origin_is_not_ours():
    model = business([linear("visit", "retention", 9), linear("visit", "acquisition", 0.5)])
    won = 0.2 * np.e
    assert evaluate(model, 1, [2, 0])[0].tolist() == pytest.approx([won / (won + 0.8), 0.8 / (won + 0.8)])


def test_levers_add_up_and_boosts_multiply_the_curve():
    model = business([linear("visit", "retention", 0.5), linear("mail", "migration", 0.25, to="b")])
    stay, moved = 0.6 * np.exp(0.5 * 2 * 3), 0.3 * np.exp(0.25 * 4)
    total = stay + moved + 0.1
    assert evaluate(model, 0, [2, 4], boosts=[3, 1])[0].tolist() == pytest.approx([stay / total, moved / total])


def test_margin_is_multiplied_then_added_to():
    model = business([linear("visit", "margin", 0.1), linear("mail", "margin", 0.2), linear("mail", "margin_add", 3)])
    assert evaluate(model, 0, [2, 1], boosts=[2, 1])[2] == pytest.approx(10 * (1 + 0.4 + 0.2) + 3)


def test_huge_shifts_do_not_overflow():
    model = business([linear("visit", "retention", 1e4)])
    assert evaluate(model, 0, [4, 0])[0].tolist() == [1.0, 0.0]


def test_probability_zero_stays_zero():
    rows = [("a", "a", 0.6, None), ("b", "b", 1.0, None)]
    model = business([linear("visit", "migration", 5, to="b")], rows=rows)
    probability, leave, _ = evaluate(model, 0, [4, 0])
    assert probability[0] == pytest.approx(0.6)
    assert leave == pytest.approx(0.4)


def test_most_specific_row_wins():
    rows = [
        linear("visit", "margin_add", 1),
        linear("visit", "margin_add", 2, tier="gold"),
        linear("visit", "margin_add", 3, tier="gold", unit="x"),
        linear("visit", "margin_add", 4, unit="x/y"),
    ]
    assert evaluate(business(rows), 0, [1, 0])[2] == 13
    assert evaluate(business([*rows, linear("visit", "margin_add", 5, segment="a")]), 0, [1, 0])[2] == 15
    assert evaluate(business(rows), 1, [1, 0])[2] == 8


def test_a_tie_is_an_internal_error():
    rows = [linear("visit", "margin", 1, tier="gold"), linear("visit", "margin", 2, unit="x")]
    assert ResponseTable(business(rows))  # the deeper unit wins
    with pytest.raises(InternalError, match="equally well"):
        ResponseTable(business([*rows, linear("visit", "margin", 3, unit="x")]))


def test_a_tie_below_the_narrowest_row_does_not_matter():
    rows = [linear("visit", "margin_add", 1, unit="x"), linear("visit", "margin_add", 2, unit="x")]
    with pytest.raises(InternalError, match="equally well"):
        ResponseTable(business(rows))
    narrower = [linear("visit", "margin_add", 3, segment="a"), linear("visit", "margin_add", 5, segment="b")]
    assert evaluate(business([*rows, *narrower]), 0, [1, 0])[2] == 13


def test_a_row_for_a_segment_that_is_not_there_fits_none():
    assert evaluate(business([linear("visit", "margin_add", 3, segment="nowhere")]), 0, [1, 0])[2] == 10


def test_levers_act_only_where_they_reach():
    model = business([linear("visit", "margin_add", 1)], where={"tier": "gold"})
    table = ResponseTable(model)
    assert table.reaches.tolist() == [[True, False], [True, True]]
    assert evaluate(model, 1, [3, 0])[2] == 7


def test_rows_with_a_period_replace_the_pair_in_that_period():
    table = ResponseTable(business(rows=[*ROWS, ("a", "b", 0.1, 2)]))
    assert [table.baseline(period)[0, 1] for period in (1, 2, 3, None)] == [0.3, 0.1, 0.3, 0.3]
    assert table.stationary.tolist() == [False, True]


def test_a_pair_stated_by_period_only_keeps_its_last_value_after_the_horizon():
    rows = [("a", "a", 0.5, 1), ("a", "a", 0.4, 2), ("b", "b", 1.0, None)]
    table = ResponseTable(business(rows=rows))
    assert [table.baseline(period)[0, 0] for period in (1, 2, 3, None)] == [0.5, 0.4, 0.0, 0.4]


def test_measured_rows_are_linear_between_efforts_and_level_beyond():
    treated = [(2.0, "a", 0.9), (3.0, "a", 0.7), (3.0, "b", 0.3)]
    rows = [evaluate(business(treated=treated), 0, [effort, 0])[0].tolist() for effort in (0, 1, 2, 2.5, 3, 9)]
    expected = [[0.6, 0.3], [0.75, 0.15], [0.9, 0.0], [0.8, 0.15], [0.7, 0.3], [0.7, 0.3]]
    assert np.allclose(rows, expected)


def test_terminal_value_baseline():
    # V_a = 10 + beta (0.6 V_a + 0.3 V_b), V_b = beta (0.2 V_a + 0.8 V_b): the rival's customer may come back.
    model = business()
    beta = 1 / 1.1
    of_b = beta * 0.2 / (1 - beta * 0.8)
    of_a = 10 / (1 - beta * 0.6 - beta * 0.3 * of_b)
    values = ResponseTable(model).terminal_values(Scenario(scenario="s", model=model, horizon=2))
    assert values.tolist() == pytest.approx([of_a, of_b * of_a])


def test_terminal_values_of_many_segments_solve_the_same_equations():
    """V = m + beta P V, whichever way it is solved; 120 segments, each of which leads to itself and the next."""
    names = [f"s{number}" for number in range(120)]
    model = Model(
        model="m",
        period="year",
        discount_rate=0.1,
        segments=tuple(Segment(segment=name, customers=1, margin=float(n)) for n, name in enumerate(names)),
        transitions=tuple(
            Transition.model_validate({"from": name, "to": to, "probability": share})
            for number, name in enumerate(names)
            for to, share in ((name, 0.5), (names[(number + 1) % 120], 0.4))
        ),
    )
    table = ResponseTable(model)
    values = table.terminal_values(Scenario(scenario="s", model=model, horizon=1))
    assert values == pytest.approx(table.untreated_margin + table.baseline() @ values / 1.1, rel=1e-12)


def test_terminal_value_none_and_stated():
    model = business()
    table = ResponseTable(model)
    none = Scenario(scenario="s", model=model, horizon=2, terminal="none")
    stated = Scenario(scenario="s", model=model, horizon=2, terminal={"b": 3.0})
    assert table.terminal_values(none).tolist() == [0, 0]
    assert table.terminal_values(stated).tolist() == [0, 3]


def test_an_infinite_terminal_value_is_the_planners_mistake():
    model = business(rows=[("a", "a", 1.0, None), *ROWS[2:]], rate=0.0)
    with pytest.raises(InvalidInput, match="infinite"):
        ResponseTable(model).terminal_values(Scenario(scenario="s", model=model, horizon=2))


def test_no_effort_counts_low():
    curve = {"curve": "adbudg", "low": 1.0, "high": 2.0, "half": 1.0, "shape": 1.0}
    table = ResponseTable(business([Response(lever="visit", effect="retention", curve=curve)]))
    stay = 0.6 * np.e
    assert table.no_effort(1)[0].tolist() == pytest.approx([stay / (stay + 0.4), 0.3 / (stay + 0.4)])
    assert table.baseline(1)[0].tolist() == [0.6, 0.3]


def random_boxes(seed):
    rng = np.random.default_rng(seed)
    table = ResponseTable(random_model(rng))
    size = 12
    segment, period = rng.integers(0, 4, size), rng.integers(1, 4, size)
    corners = np.sort(rng.uniform(0, MAX_EFFORT, (2, size, 3)), axis=0)
    corners[0, rng.random((size, 3)) < 0.2] = 0.0
    boosts = rng.choice([0.0, 1.0, 1.5], (size, 3))
    return rng, table, segment, period, corners[0], corners[1], boosts


@settings(max_examples=40)
@given(st.integers(0, 10**9))
def test_ranges_hold_samples_from_the_box(seed):
    rng, table, segment, period, low, high, boosts = random_boxes(seed)
    region = Boxes(segment, period, low, high, (boosts, boosts))
    evaluator = BoxEvaluator(table)
    boxes = evaluator.ranges(region)
    loyalty = evaluator.loyalty(region, boxes)
    least, most = boxes.rows.low * boxes.factor_low * loyalty[0], boxes.rows.high * boxes.factor_high * loyalty[1]
    for _ in range(30):
        efforts = low + rng.random(low.shape) * (high - low)
        found = table.coefficients(segment, period, efforts, boosts)
        assert (found.margin >= boxes.margin_low - 1e-9).all()
        assert (found.margin <= boxes.margin_high + 1e-9).all()
        chances = np.column_stack([found.probability, found.leave])
        with np.errstate(invalid="ignore"):
            largest = most / (most + least.sum(axis=1, keepdims=True) - least)
            smallest = least / (least + most.sum(axis=1, keepdims=True) - most)
        assert not (chances > largest + 1e-9).any()
        assert not (chances < smallest - 1e-9).any()


@settings(max_examples=40)
@given(st.integers(0, 10**9))
def test_ranges_hold_finite_differences(seed):
    """What margin and log-weights (as odds against leaving) gain per unit of effort lies in the slopes' range."""
    _, table, segment, period, low, _, boosts = random_boxes(seed)
    stated = table.transitions.measured_lever[segment] < 0
    for lever in range(3):
        high = low.copy()
        high[:, lever] += 1e-4
        slopes = BoxEvaluator(table).ranges(Boxes(segment, period, low, high, (boosts, boosts))).slopes
        first, last = (table.coefficients(segment, period, efforts, boosts) for efforts in (low, high))
        rise = (last.margin - first.margin) / 1e-4
        assert (rise >= slopes.margin.low[:, lever] - 1e-6).all()
        assert (rise <= slopes.margin.high[:, lever] + 1e-6).all()
        own = BoxEvaluator(table).own(segment)
        least, most = (np.where(own, bound[:, lever, None], 0.0) for bound in (slopes.loyalty.low, slopes.loyalty.high))
        for move in slopes.migrations:
            if move.lever == lever:
                least[move.rows, move.column] += move.low
                most[move.rows, move.column] += move.high
        rows = np.flatnonzero(stated & (first.leave > 1e-6))
        odds = [found.probability[rows] / found.leave[rows, None] for found in (first, last)]
        possible = odds[0] > 0.0
        rise = np.log(odds[1][possible] / odds[0][possible]) / 1e-4
        assert (rise >= least[rows, :-1][possible] - 1e-6).all()
        assert (rise <= most[rows, :-1][possible] + 1e-6).all()
