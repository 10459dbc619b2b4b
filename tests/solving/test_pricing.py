"""Pricing against brute force: the best treatment of a fine grid is never better, and never above the bound."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from random_models import random_model

from allocator.domain.curves import Adbudg, Exponential, Linear
from allocator.domain.model import Continuous, Levels, Lever, Model, Programme, Response, Segment, Transition
from allocator.response.intervals import BoxEvaluator
from allocator.response.table import ResponseTable
from allocator.solving.pricing import CellPrices, Pricer, Threshold
from allocator.solving.pricing.objective import ReducedCost
from allocator.solving.pricing.space import TreatmentSpace

TOLERANCE = 1e-6
FINENESS = {1: 300, 2: 41, 3: 13}


def random_prices(rng, table, model, thresholds, cells=5):
    levers = len(table.levers)
    segment = rng.integers(0, len(table.segments), cells)
    return CellPrices(
        segment=segment,
        period=rng.integers(1, 4, cells),
        effort=-rng.exponential(2, (cells, levers)),
        load=-rng.exponential(1, (cells, levers)),
        margin=rng.uniform(0, 1, cells),
        arrival=rng.normal(20, 20, (cells, table.destinations.shape[1])) * (table.destinations[segment] >= 0),
        threshold=np.array(
            [rng.normal(0, 2, cells) if mark.level else -rng.exponential(2, cells) for mark in thresholds]
        ).T.reshape(cells, len(thresholds)),
        need=-rng.exponential(1, (cells, len(model.programmes))),
        constant=rng.normal(-10, 5, cells),
    )


def grid(space: TreatmentSpace, segment: int, fineness: int):
    """Allowed efforts on a fine grid that includes levels, kinks and thresholds."""
    choices = []
    for lever, levels in enumerate(space.levels):
        largest = space.max_effort[lever, segment]
        if largest == 0.0:
            choices.append([0.0])
        elif levels is not None:
            choices.append(levels.tolist())
        else:
            marks = [mark.level for mark in space.thresholds if mark.lever == lever and mark.level <= largest]
            stops = space.stop_table[segment, lever]
            choices.append(sorted({*np.linspace(0, largest, fineness), *marks, *stops[~np.isnan(stops)].tolist()}))
    efforts = np.array(list(product(*choices)))
    return efforts[space.fits_contacts(np.full(len(efforts), segment), efforts)]


@settings(max_examples=25)
@given(st.integers(0, 10**9), st.integers(1, 3))
@example(29, 3)
@example(39, 3)
def test_pricing_matches_brute_force(seed, levers):
    rng = np.random.default_rng(seed)
    model = random_model(rng, levers=levers, discrete=0.25)
    table = ResponseTable(model)
    marks = [Threshold(0, 0.0), Threshold(levers - 1, 1.5), Threshold(levers - 1, 0.0)][: rng.integers(0, 4)]
    pricer = Pricer(table, model, marks)
    prices = random_prices(rng, table, model, marks)
    priced = pricer.prove(prices, tolerance=TOLERANCE)
    exact = ReducedCost(pricer.space, prices)
    each = np.arange(len(prices))
    assert exact.value(each, priced.variant, priced.efforts) == pytest.approx(priced.value, abs=1e-9)
    assert pricer.space.fits_contacts(prices.segment, priced.efforts).all()
    assert (priced.efforts <= pricer.space.max_effort[:, prices.segment].T).all()
    assert (priced.upper >= priced.value).all()
    assert (priced.upper - priced.value <= 10 * TOLERANCE).all()
    for cell in range(len(prices)):
        efforts = grid(pricer.space, prices.segment[cell], FINENESS[levers])
        for variant in pricer.space.variants(prices.segment[cell]):
            same = np.ones(len(efforts), dtype=np.int64)
            best = exact.value(cell * same, variant * same, efforts).max()
            assert best <= priced.upper[cell] + 1e-9
            assert best <= priced.value[cell] + 10 * TOLERANCE


def one_segment(levers, responses, programmes=None, contacts_max=None):
    """Customers worth 100 stay with chance one half, else leave."""
    return Model(
        model="one",
        period="year",
        discount_rate=0.1,
        segments=(Segment(segment="a", customers=1, margin=0, contacts_max=contacts_max),),
        transitions=(Transition(**{"from": "a", "to": "a", "probability": 0.5}),),
        levers=levers,
        responses=tuple(responses),
        programmes=programmes or {},
    )


def one_cell(pricer, effort, arrival=100.0, **given):
    space = pricer.space
    zero = CellPrices(
        segment=np.zeros(1, dtype=np.int64),
        period=np.ones(1, dtype=np.int64),
        effort=np.array([effort], dtype=float),
        load=np.zeros((1, len(effort))),
        margin=np.zeros(1),
        arrival=np.full((1, 1), arrival),
        threshold=np.zeros((1, len(space.thresholds))),
        need=np.zeros((1, space.uses.shape[1])),
        constant=np.zeros(1),
    )
    return replace(zero, **{name: np.array([amount], dtype=float) for name, amount in given.items()})


def solve(model, effort, marks=(), **given):
    pricer = Pricer(ResponseTable(model), model, marks)
    priced = pricer.prove(one_cell(pricer, effort, **given), tolerance=1e-9)
    return priced.efforts[0], priced.value[0], priced.upper[0], pricer.uses[priced.variant[0]].tolist()


VISIT = {"visit": Lever(function="sales", effort=Continuous(max=4), uses={"hours": 1}, contacts=1)}
LOYALTY = Response(lever="visit", effect="retention", curve=Linear(slope=1.0))


def test_interior_optimum():
    # 100 e^x / (1 + e^x) - 20 x: the slope 100 P (1 - P) = 20 at P = (1 + sqrt(0.2)) / 2.
    stay = (1 + np.sqrt(0.2)) / 2
    best = np.log(stay / (1 - stay))
    efforts, value, upper, _ = solve(one_segment(VISIT, [LOYALTY]), [-20])
    assert efforts == pytest.approx([best], abs=1e-6)
    assert value == pytest.approx(100 * stay - 20 * best, abs=1e-9)
    assert upper - value <= 1e-9


def test_a_threshold_is_met_exactly():
    # 35 more from effort 3 on: 100 P(3) - 60 + 35 = 70.26 beats the interior optimum, 53.11.
    efforts, value, _, _ = solve(one_segment(VISIT, [LOYALTY]), [-20], [Threshold(0, 3.0)], threshold=[35])
    assert efforts.tolist() == [3.0]
    assert value == pytest.approx(100 / (1 + np.exp(-3)) - 25)


def test_a_penalty_from_a_threshold_on_is_avoided_from_below():
    # Without the penalty 1.0 of effort >= 0.5 the best effort is 0.96; at 0.5 the loss is smaller than 1.
    mark = Threshold(0, 0.5)
    efforts, value, upper, _ = solve(one_segment(VISIT, [LOYALTY]), [-20], [mark], threshold=[-5])
    assert 0.5 * (1 - 1e-6) < efforts[0] < 0.5
    assert value == pytest.approx(100 / (1 + np.exp(-0.5)) - 10, abs=1e-5)
    assert upper == pytest.approx(value, abs=1e-5)


def test_a_setup_too_dear_leaves_no_effort():
    # The interior optimum gains 53.11 - 50 over no effort.
    mark = Threshold(0, 0.0)
    assert solve(one_segment(VISIT, [LOYALTY]), [-20], [mark], threshold=[-3.2])[:2] == ([0.0], 50.0)
    assert solve(one_segment(VISIT, [LOYALTY]), [-20], [mark], threshold=[-3.0])[0][0] > 0.9


def test_contacts_cap_the_sum():
    efforts, _, upper, _ = solve(one_segment(VISIT, [LOYALTY], contacts_max=0.5), [-20])
    assert efforts == pytest.approx([0.5], abs=1e-8)
    assert upper == pytest.approx(100 / (1 + np.exp(-0.5)) - 10, abs=1e-6)


def test_contacts_go_to_the_better_lever():
    # Both levers alike but for their price; all of the one contact goes to the cheaper.
    levers = {**VISIT, "call": Lever(function="sales", effort=Continuous(max=4), contacts=1)}
    responses = [LOYALTY, Response(lever="call", effect="retention", curve=Linear(slope=1.0))]
    efforts, _, upper, _ = solve(one_segment(levers, responses, contacts_max=1.0), [-2, -1])
    assert efforts == pytest.approx([0, 1], abs=1e-6)
    assert upper == pytest.approx(100 / (1 + np.exp(-1)) - 1, abs=1e-6)


def test_a_programme_that_boosts_is_used_when_it_pays():
    boosting = {"data": Programme(function="sales", boosts={"visit": 2.0})}
    model = one_segment(VISIT, [LOYALTY], boosting)
    assert solve(model, [-20], need=[-1])[3] == [True]
    assert solve(model, [-20], need=[-30])[3] == [False]


def test_a_programme_that_saves_hours_lowers_the_load():
    saving = {"tablet": Programme(function="sales", saves={"visit": 0.5}, boosts={"visit": 1.0})}
    efforts, value, _, used = solve(one_segment(VISIT, [LOYALTY], saving), [0], load=[-20], need=[-1])
    stay = (1 + np.sqrt(0.6)) / 2  # 100 P (1 - P) = 10
    best = np.log(stay / (1 - stay))
    assert used == [True]
    assert efforts == pytest.approx([best], abs=1e-6)
    assert value == pytest.approx(100 * stay - 10 * best - 1)


def test_unlocking_is_paid_once_for_any_effort():
    levers = {**VISIT, "call": Lever(function="sales", effort=Continuous(max=4))}
    responses = [LOYALTY, Response(lever="call", effect="retention", curve=Linear(slope=1.0))]
    launch = {"launch": Programme(function="sales", unlocks=("visit", "call"))}
    model = one_segment(levers, responses, launch)
    assert solve(model, [-20, -21], need=[-3.2])[1] == 50.0
    assert solve(model, [-20, -21], need=[-3.0])[1] == pytest.approx(50.11, abs=0.005)


def test_infinite_slope_at_zero():
    # 10 sqrt(e) / (1 + sqrt(e)) - 5 e: slope 5 / (sqrt(e) (1 + sqrt(e))^2) = 5 at sqrt(e) (1 + sqrt(e))^2 = 1.
    curve = Adbudg(high=10, half=1, shape=0.5)
    model = one_segment(VISIT, [Response(lever="visit", effect="margin_add", curve=curve)])
    root = max(np.roots([1, 2, 1, -1]).real)
    efforts, value, upper, _ = solve(model, [-5], margin=1, arrival=[0])
    assert efforts == pytest.approx([root**2], abs=1e-5)
    assert upper - value <= 1e-9


@pytest.mark.parametrize("steepness", [50, 1000])
@pytest.mark.parametrize(("owner", "effect"), [("us", "retention"), ("rival", "migration")])
def test_bounds_hold_where_weights_differ_beyond_all_digits(owner, effect, steepness):
    # From one end of the effort to the other the odds of staying grow by exp(50), beyond the digits of a sum, or
    # by exp(1000), beyond all numbers. At no effort they are even: the mean is 50 and rises by 25 x steepness.
    to = "a" if effect == "migration" else ""
    model = one_segment(VISIT, [Response(lever="visit", effect=effect, to=to, curve=Linear(slope=steepness))])
    segment = model.segments[0].model_copy(update={"owner": owner})
    model = model.model_copy(update={"segments": (segment,)})
    pricer = Pricer(ResponseTable(model), model)
    place = np.zeros(1, dtype=np.int64)
    cost, factors = ReducedCost(pricer.space, one_cell(pricer, [0])), pricer.space.factors_of(place)
    bounds = cost.bounds(BoxEvaluator(pricer.space.table), place, factors, np.zeros((1, 1)), np.ones((1, 1)))
    assert bounds.mean[0] <= 50.0
    assert bounds.mean[1] == pytest.approx(100.0)
    assert bounds.gradient()[1] >= 25.0 * steepness


def test_levels_are_looked_up_exactly():
    levers = {"visit": Lever(function="sales", effort=Levels(levels=(1, 2)), uses={"hours": 1})}
    model = one_segment(levers, [LOYALTY])
    efforts, value, upper, _ = solve(model, [-20])
    assert efforts.tolist() == [1.0]
    assert value == upper == pytest.approx(100 / (1 + np.exp(-1)) - 20)


def test_treatments_are_listed_without_idle_programmes():
    # (0) and (1) for visits; the programme makes a second variant of the latter only.
    # A boost of 1 changes nothing, but a programme that boosts is one that treatments choose.
    levers = {"visit": Lever(function="sales", effort=Levels(levels=(1,)), uses={"hours": 1})}
    saving = {"tablet": Programme(function="sales", saves={"visit": 0.5}, boosts={"visit": 1.0})}
    model = one_segment(levers, [LOYALTY], saving)
    pricer = Pricer(ResponseTable(model), model)
    efforts, variants = pricer.treatments(0)
    listed = sorted(zip(efforts[:, 0].tolist(), pricer.uses[variants, 0].tolist(), strict=True))
    assert listed == [(0.0, False), (1.0, False), (1.0, True)]
    assert pricer.count(0) == 3


def test_a_listed_programme_saves_whatever_has_a_price():
    # The lever states no hours, its load has a price all the same: 100 P(1) - 20 becomes 100 P(1) - 10 - 1.
    levers = {"visit": Lever(function="sales", effort=Levels(levels=(1,)))}
    saving = {"tablet": Programme(function="sales", saves={"visit": 0.5}, boosts={"visit": 1.0})}
    efforts, value, upper, used = solve(one_segment(levers, [LOYALTY], saving), [0], load=[-20], need=[-1])
    assert (efforts.tolist(), used) == ([1.0], [True])
    assert value == upper == pytest.approx(100 / (1 + np.exp(-1)) - 11)


def test_excluded_programmes_are_not_used_together():
    both = {
        "one": Programme(function="sales", boosts={"visit": 2.0}, excludes=("other",)),
        "other": Programme(function="sales", boosts={"visit": 2.0}),
    }
    model = one_segment(VISIT, [LOYALTY], both)
    pricer = Pricer(ResponseTable(model), model)
    assert pricer.count(0) is None
    assert pricer.uses.tolist() == [[False, False], [True, False], [False, True]]


def test_a_cell_below_the_floor_stops_with_a_valid_bound():
    model = one_segment(VISIT, [Response(lever="visit", effect="retention", curve=Exponential(high=1, rate=1))])
    pricer = Pricer(ResponseTable(model), model)
    prices = one_cell(pricer, [-1], constant=-500)
    best = pricer.prove(prices, tolerance=1e-9).value[0]
    early = Pricer(ResponseTable(model), model).prove(prices, tolerance=1e-9, floor=0.0)
    assert best <= early.upper[0] <= 0.0


def test_a_look_claims_no_bound_that_does_not_hold():
    model = one_segment(VISIT, [LOYALTY])
    pricer = Pricer(ResponseTable(model), model)
    prices = one_cell(pricer, [-20])
    assert pricer.look(prices, thorough=False).upper[0] >= pricer.prove(prices, tolerance=1e-9).value[0]


@pytest.mark.parametrize("tolerance", [0.0, 1e-3, 1.0])
def test_a_look_climbs_until_a_step_brings_less_than_the_tolerance(tolerance):
    # 100 e^x / (1 + e^x) - 20 x is concave above 0, and Newton steps that are small there are followed by smaller ones.
    model = one_segment(VISIT, [LOYALTY])
    pricer = Pricer(ResponseTable(model), model)
    stay = (1 + np.sqrt(0.2)) / 2
    best = 100 * stay - 20 * np.log(stay / (1 - stay))
    found = pricer.look(one_cell(pricer, [-20]), tolerance=tolerance, thorough=False).value[0]
    assert best - tolerance <= found + 1e-9
    assert found <= best + 1e-9
