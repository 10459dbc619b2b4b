"""Programmes in pricing: which are worth using, which cannot work yet, and what an earlier proof still proves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from random_models import random_model
from test_pricing import LOYALTY, VISIT, grid, one_cell, one_segment, random_prices

from allocator.domain.curves import Linear
from allocator.domain.model import Continuous, Levels, Lever, Programme, Response
from allocator.response.table import ResponseTable
from allocator.solving.pricing import Pricer, Threshold
from allocator.solving.pricing.objective import ReducedCost
from allocator.solving.pricing.space import NEVER, earliest_work

TOLERANCE = 1e-6


def with_programmes(rng, levers=2):
    """A random business with programmes that boost, damp, save, waste, unlock and exclude each other."""
    model = random_model(rng, levers=levers, discrete=0.2)
    last = f"l{levers - 1}"
    more = {
        "damping": Programme(function="sales", boosts={last: 0.6}, saves={"l0": 0.4}),
        "both": Programme(function="sales", boosts={"l0": 1.3, last: 1.2}, excludes=("boosting",)),
        "wasting": Programme(function="sales", saves={last: 1.5}, boosts={"l0": 1.1}, unlocks=("l0",)),
    }
    return model.model_copy(update={"programmes": {**model.programmes, **more}})


def best_of_grid(pricer, prices, cell, can_work):
    """The best treatment on a fine grid, over all sets of programmes that can work."""
    exact, space, segment = ReducedCost(pricer.space, prices), pricer.space, prices.segment[cell]
    efforts = grid(space, segment, 31)
    same, best = np.ones(len(efforts), dtype=np.int64), -np.inf
    for variant in space.variants(segment):
        possible = ~(space.needs(efforts, variant * same) & ~can_work).any(axis=1)
        values = exact.value(cell * same, variant * same, efforts)
        best = max(best, values[possible].max(initial=-np.inf))
    return best


@settings(max_examples=8)
@given(st.integers(0, 10**9))
@example(680)
@example(4592914)  # a programme that surely gains, and clashes only with one that is out already
def test_programmes_match_brute_force(seed):
    rng = np.random.default_rng(seed)
    model = with_programmes(rng)
    table = ResponseTable(model)
    marks = [Threshold(0, 0.0), Threshold(1, 1.5)]
    earliest = rng.integers(0, 4, len(model.programmes))
    pricer = Pricer(table, model, marks, earliest)
    prices = random_prices(rng, table, model, marks)
    priced = pricer.prove(prices, tolerance=TOLERANCE)
    needed = pricer.space.needs(priced.efforts, priced.variant)
    assert not (needed & (prices.period[:, None] < earliest)).any()
    each = np.arange(len(prices))
    assert ReducedCost(pricer.space, prices).value(each, priced.variant, priced.efforts) == pytest.approx(priced.value)
    assert (priced.upper - priced.value <= 10 * TOLERANCE).all()
    for cell in each:
        best = best_of_grid(pricer, prices, cell, prices.period[cell] >= earliest)
        assert best <= priced.upper[cell] + 1e-9


@settings(max_examples=8)
@given(st.integers(0, 10**9), st.floats(1e-6, 1.0))
def test_an_earlier_proof_still_bounds_at_other_prices(seed, drift):
    rng = np.random.default_rng(seed)
    model = with_programmes(rng)
    table = ResponseTable(model)
    pricer = Pricer(table, model)
    prices = random_prices(rng, table, model, [], cells=3)
    everything = np.ones(len(model.programmes), dtype=bool)
    for _ in range(3):
        priced = pricer.prove(prices, tolerance=0.1)
        assert (priced.upper - priced.value <= 0.1 + 1e-9).all()
        for cell in range(len(prices)):
            assert best_of_grid(pricer, prices, cell, everything) <= priced.upper[cell] + 1e-9
        moved = {
            name: getattr(prices, name) + drift * rng.normal(size=getattr(prices, name).shape) * 0.1
            for name in ("effort", "load", "margin", "constant")
        }
        # A programme never pays by being needed: its price is that of a limit on those who may need it.
        need = np.minimum(prices.need + drift * rng.normal(size=prices.need.shape) * 0.1, 0.0)
        prices = replace(prices, **moved, need=need)


def test_a_proof_is_kept_while_prices_stay():
    pricer = Pricer(ResponseTable(one_segment(VISIT, [LOYALTY])), one_segment(VISIT, [LOYALTY]))
    prices = one_cell(pricer, [-20])
    first = pricer.prove(prices, tolerance=0.5)
    again = pricer.prove(prices, tolerance=0.5)
    assert again.upper.tolist() == first.upper.tolist()
    # One more on the constant lifts every treatment by one.
    dearer = pricer.prove(replace(prices, constant=np.ones(1)), tolerance=0.5)
    assert dearer.upper == pytest.approx(first.upper + 1.0)


def test_what_was_ruled_out_is_searched_again_once_it_may_work():
    boosting = {"data": Programme(function="sales", boosts={"visit": 2.0})}
    model = one_segment(VISIT, [LOYALTY], boosting)
    pricer = Pricer(ResponseTable(model), model)
    ruled_out = pricer.prove(one_cell(pricer, [-20], need=[-np.inf]), tolerance=1e-9)
    free = pricer.prove(one_cell(pricer, [-20], need=[0]), tolerance=1e-9)
    assert pricer.uses[ruled_out.variant].tolist() == [[False]]
    assert pricer.uses[free.variant].tolist() == [[True]]
    assert free.value > ruled_out.upper


def test_a_locked_lever_gets_no_effort_before_its_programme_can_work():
    launch = {"launch": Programme(function="sales", unlocks=("visit",), window=(2, 3), lead=1)}
    model = one_segment(VISIT, [LOYALTY], launch)
    pricer = Pricer(ResponseTable(model), model, (), earliest_work(model))
    before = pricer.prove(one_cell(pricer, [-1]), tolerance=1e-9)
    after = pricer.prove(replace(one_cell(pricer, [-1]), period=np.array([3])), tolerance=1e-9)
    assert (before.efforts.item(), before.upper.item()) == (0.0, pytest.approx(50.0))
    assert after.efforts.item() > 0.0


def test_listed_treatments_wait_for_programmes_too():
    levers = {"visit": Lever(function="sales", effort=Levels(levels=(1,)))}
    model = one_segment(levers, [LOYALTY], {"data": Programme(function="sales", boosts={"visit": 2.0})})
    pricer = Pricer(ResponseTable(model), model, (), np.array([2]))
    cells = [replace(one_cell(pricer, [-1]), period=np.array([period])) for period in (1, 2)]
    used = [pricer.uses[pricer.prove(prices, tolerance=0.0).variant].item() for prices in cells]
    assert used == [False, True]


def test_many_programmes_are_decided_one_by_one():
    # Each of six programmes multiplies the slope by 1.1 and costs 0.4; with k of them and the best effort x,
    # 100 P(1.1^k x) - 20 x - 0.4 k is greatest over k = 0..6 at the k that brute force over k finds.
    programmes = {f"p{number}": Programme(function="sales", boosts={"visit": 1.1}) for number in range(6)}
    model = one_segment(VISIT, [LOYALTY], programmes)
    pricer = Pricer(ResponseTable(model), model)
    priced = pricer.prove(one_cell(pricer, [-20], need=[-0.4] * 6), tolerance=1e-9)
    efforts = np.linspace(0, 4, 4001)[:, None]
    number = np.arange(7)
    values = 100 / (1 + np.exp(-(1.1**number) * efforts)) - 20 * efforts - 0.4 * number
    assert priced.value.item() == pytest.approx(values.max(), abs=1e-4)
    assert pricer.uses[priced.variant].sum() == values.max(axis=0).argmax()
    assert priced.upper - priced.value <= 1e-9


def test_the_earliest_period_follows_windows_leads_and_requirements():
    # data: starts in 2 at the earliest, works from 4; segments: may start once data works, 4, works from 5;
    # late: its window closes in 3, before data works, so never; free: starts and works in period 1.
    programmes = {
        "segments": Programme(function="sales", lead=1, requires=("data",)),
        "data": Programme(function="sales", lead=2, window=(2, 3)),
        "late": Programme(function="sales", window=(1, 3), requires=("data",)),
        "free": Programme(function="sales"),
    }
    levers = {**VISIT, "call": Lever(function="sales", effort=Continuous(max=4))}
    model = one_segment(levers, [Response(lever="call", effect="retention", curve=Linear(slope=1.0))], programmes)
    assert earliest_work(model).tolist() == [5, 4, NEVER, 1]
