"""The bound that takes each lever by itself, against brute force, and where it is exact."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import random_model

from allocator.domain.curves import Adbudg, Exponential, Points
from allocator.domain.model import Continuous, Lever, Model, Response, Segment, Transition
from allocator.response.table import ResponseTable
from allocator.solving.pricing import CellPrices, Pricer
from allocator.solving.pricing.levers import LeverProblems, Terms
from allocator.solving.pricing.objective import ReducedCost
from allocator.solving.pricing.separable import SeparableBounds
from allocator.solving.pricing.shapes import Shapes
from allocator.solving.pricing.space import TreatmentSpace

POINTS = {1: 400, 2: 41, 3: 15}


def random_cells(rng, space, cells=6):
    """Prices of cells of any segments."""
    table, levers = space.table, len(space.levels)
    segment = rng.integers(0, len(table.segments), cells)
    return CellPrices(
        segment=segment,
        period=rng.integers(1, 4, cells),
        effort=rng.normal(-2, 2, (cells, levers)),
        load=-rng.exponential(1, (cells, levers)),
        margin=rng.normal(0.5, 1, cells),
        arrival=rng.normal(20, 20, (cells, table.destinations.shape[1])) * (table.destinations[segment] >= 0),
        threshold=np.zeros((cells, 0)),
        need=np.zeros((cells, space.uses.shape[1])),
        constant=np.zeros(cells),
    )


def random_boxes(rng, largest):
    """Boxes within ``largest`` [K, L]: whole sides, parts of them, and points."""
    ends = np.sort(rng.uniform(0, 1, (2, *largest.shape)), axis=0)
    kind = rng.integers(0, 4, largest.shape)
    low = np.where(kind <= 1, 0.0, ends[0]) * largest
    high = np.where(kind == 0, 1.0, np.where(kind == 3, ends[0], ends[1])) * largest
    return np.minimum(low, high), high


def asked(rng, model):
    """Reduced costs of random cells that the bound fits, and boxes and variants there."""
    table = ResponseTable(model)
    space = TreatmentSpace(table, model, ())
    bounds = SeparableBounds(space)
    prices = random_cells(rng, space)
    prices = prices.take(np.flatnonzero(bounds.fits[prices.segment]))
    variant = np.array([rng.choice(space.variants(segment)) for segment in prices.segment], dtype=np.int64)
    box = random_boxes(rng, space.max_effort[:, prices.segment].T)
    return bounds, ReducedCost(space, prices), variant, box


@settings(max_examples=60)
@given(st.integers(0, 10**9), st.integers(1, 3), st.sampled_from([-np.inf, 0.0, np.inf]))
def test_no_treatment_of_a_box_is_above_it(seed, levers, target):
    rng = np.random.default_rng(seed)
    bounds, reduced_cost, variant, (low, high) = asked(rng, random_model(rng, levers=levers, discrete=0.0))
    cells, prices = np.arange(len(variant)), reduced_cost.prices
    terms, outlook = reduced_cost.separated(cells, variant, (low, high))
    found = bounds.bound(terms, outlook, np.full(len(cells), target))
    untreated = prices.margin * reduced_cost.space.table.untreated_margin[prices.segment]
    shares = np.array(list(product(np.linspace(0.0, 1.0, POINTS[levers]), repeat=levers)))
    for cell in cells:
        efforts = low[cell] + shares * (high - low)[cell]
        each = np.full(len(efforts), cell)
        best = reduced_cost.smooth(each, variant[each], efforts).max() - untreated[cell]
        assert best <= found.upper[cell] + 1e-9 * (1.0 + abs(best))
        for tried in found.efforts:
            assert (tried[cell] >= low[cell]).all()
            assert (tried[cell] <= high[cell]).all()


@settings(max_examples=40)
@given(st.integers(0, 10**9), st.floats(-30, 30))
def test_the_best_of_one_lever_is_bounded_and_nearly_found(seed, worth):
    rng = np.random.default_rng(seed)
    model = random_model(rng, levers=1, discrete=0.0)
    space = TreatmentSpace(ResponseTable(model), model, ())
    segment = np.arange(len(model.segments))
    low, high = random_boxes(rng, space.max_effort.T)
    price, margin = rng.normal(-2, 3, low.shape), rng.normal(0, 1, len(segment))
    boosts, sign = rng.uniform(0.5, 2, low.shape), np.full(len(segment), 1.0 if worth >= 0 else -1.0)
    shapes = Shapes(space)
    problems = LeverProblems(shapes, Terms(segment, low, high, boosts, price, margin, sign))
    found = problems.solve(np.full(len(segment), worth))
    efforts = low + np.linspace(0, 1, 2001) * (high - low)
    flat, index = efforts.reshape(-1, 1), np.repeat(segment, efforts.shape[1])
    loyalty = boosts * shapes.loyalty.evaluate(index, flat)[0].reshape(efforts.shape)
    phi = price * efforts + worth * loyalty
    phi += boosts * margin[:, None] * shapes.margin.evaluate(index, flat)[0].reshape(efforts.shape)
    best = phi.max(axis=1)
    assert (best <= found.upper + 1e-9 * (1.0 + np.abs(best))).all()
    assert (found.upper - best <= 0.02 * (1.0 + np.ptp(phi, axis=1))).all()
    least, most = problems.loyalty
    assert (least <= loyalty.min(axis=1) + 1e-12).all()
    assert (most >= loyalty.max(axis=1) - 1e-12).all()


def business(curves, arrivals=0.5):
    """Customers of one segment stay with a chance, else leave; one lever of at most 4 with each curve."""
    levers = {f"l{place}": Lever(function="sales", effort=Continuous(max=4)) for place in range(len(curves))}
    return Model(
        model="one",
        period="year",
        discount_rate=0.1,
        segments=(Segment(segment="a", customers=1, margin=0),),
        transitions=(Transition(**{"from": "a", "to": "a", "probability": arrivals}),),
        levers=levers,
        responses=tuple(
            Response(lever=lever, effect="retention", curve=curve) for lever, curve in zip(levers, curves, strict=True)
        ),
    )


def bound_of(model, effort, worth, target=-np.inf):
    """The bound on all treatments of the one cell, a customer kept being ``worth``."""
    space = TreatmentSpace(ResponseTable(model), model, ())
    levers = len(effort)
    prices = CellPrices(
        segment=np.zeros(1, dtype=np.int64),
        period=np.ones(1, dtype=np.int64),
        effort=np.array([effort], dtype=float),
        load=np.zeros((1, levers)),
        margin=np.zeros(1),
        arrival=np.full((1, 1), float(worth)),
        threshold=np.zeros((1, 0)),
        need=np.zeros((1, 0)),
        constant=np.zeros(1),
    )
    reduced_cost, cell = ReducedCost(space, prices), np.zeros(1, dtype=np.int64)
    box = np.zeros((1, levers)), space.max_effort.T
    terms, outlook = reduced_cost.separated(cell, cell, box)
    return reduced_cost, SeparableBounds(space).bound(terms, outlook, np.array([target]))


def test_where_every_curve_saturates_it_is_the_best_value():
    # One curve for both levers, 1 - exp(-e), and 100 / (1 + exp(-G)) for G = 2 (1 - exp(-e)): at the best e, which is
    # the same for both, 100 P (1 - P) exp(-e) = 8, found by halving.
    low, high = 0.0, 4.0
    for _ in range(100):
        effort = (low + high) / 2.0
        share = 1.0 / (1.0 + np.exp(-2.0 * (1.0 - np.exp(-effort))))
        low, high = (effort, high) if 100.0 * share * (1.0 - share) * np.exp(-effort) > 8.0 else (low, effort)
    best = 100.0 * share - 16.0 * effort
    _, found = bound_of(business([Exponential(high=1, rate=1)] * 2), [-8.0, -8.0], 100.0)
    assert found.upper[0] == pytest.approx(best, rel=1e-6)
    assert found.upper[0] >= best - 1e-9
    assert found.efforts[0][0] == pytest.approx([effort, effort], abs=1e-2)


def test_what_stays_open_is_cut_between_the_two_bests_of_a_lever():
    # Nothing happens below effort 1 or beyond 2: the best is 0 or 2, never between, and at the price at which both are
    # as good, phi is least at the kink at 1. By lines alone, shares of customers could get either.
    model = business([Points(efforts=(1, 2), values=(0, 1)), Exponential(high=1, rate=1)])
    _, found = bound_of(model, [-9.0, -4.0], 100.0)
    assert found.lever[0] == 0
    assert found.place[0] == pytest.approx(1.0)


def test_a_target_once_reached_is_enough():
    model = business([Adbudg(high=1, half=1, shape=2)] * 2)
    _, sharp = bound_of(model, [-4.0, -4.0], 100.0)
    _, rough = bound_of(model, [-4.0, -4.0], 100.0, target=sharp.upper[0] + 1.0)
    assert sharp.upper[0] <= rough.upper[0] <= sharp.upper[0] + 1.0


def test_customers_moved_to_single_segments_do_not_fit():
    model = business([Exponential(high=1, rate=1)])
    moved = Response(lever="l0", effect="migration", to="a", curve=Exponential(high=1, rate=1))
    bounds = [
        SeparableBounds(TreatmentSpace(ResponseTable(each), each, ()))
        for each in (model, replace_responses(model, (*model.responses, moved)))
    ]
    assert [each.fits.tolist() for each in bounds] == [[True], [False]]


def replace_responses(model, responses):
    return model.model_copy(update={"responses": responses})


def test_many_levers_are_proven():
    # Six levers, alike but for their prices: a cut for each lever would take very many boxes.
    model = business([Adbudg(high=0.6, half=1, shape=2)] * 6)
    pricer = Pricer(ResponseTable(model), model)
    reduced_cost, _ = bound_of(model, [-1.0, -2.0, -2.5, -3.0, -3.5, -4.0], 100.0)
    prices = replace(reduced_cost.prices, constant=np.array([-60.0]))
    priced = pricer.prove(prices, tolerance=1e-7)
    assert priced.upper[0] - priced.value[0] <= 1e-7
    rng = np.random.default_rng(1)
    tried = rng.uniform(0, 4, (20_000, 6)) * (rng.random((20_000, 6)) < 0.7)
    values = ReducedCost(pricer.space, prices).value(np.zeros(len(tried), int), np.zeros(len(tried), int), tried)
    assert values.max() <= priced.upper[0]
