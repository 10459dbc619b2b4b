"""Pricing where shock scenarios change the odds of staying: no treatment drawn is above the bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import random_model

from allocator.response.table import ResponseTable
from allocator.solving.pricing import CellPrices, Pricer
from allocator.solving.pricing.objective import ReducedCost


@settings(max_examples=10)
@given(st.integers(0, 10**9))
def test_no_treatment_is_above_the_bound(seed: int):
    rng = np.random.default_rng(seed)
    model = random_model(rng, levers=2)
    table = ResponseTable(model).under(rng.uniform(0.2, 4.0, (2, len(model.segments), 3)))
    doubled = model.model_copy(update={"segments": model.segments * 2})
    pricer = Pricer(table, doubled)
    cells = 6
    segment = rng.integers(0, len(doubled.segments), cells)
    arrival = rng.normal(20, 20, (cells, table.destinations.shape[1])) * (table.destinations[segment] >= 0)
    prices = CellPrices(
        segment=segment,
        period=rng.integers(1, 4, cells),
        effort=-rng.exponential(2, (cells, 2)),
        load=-rng.exponential(1, (cells, 2)),
        margin=rng.uniform(0, 1, cells),
        arrival=arrival,
        threshold=np.zeros((cells, 0)),
        need=-rng.exponential(1, (cells, len(model.programmes))),
        constant=rng.normal(-10, 5, cells),
    )
    priced = pricer.prove(prices, tolerance=1e-6)
    exact = ReducedCost(pricer.space, prices)
    every = np.arange(cells)
    assert exact.value(every, priced.variant, priced.efforts) == pytest.approx(priced.value, abs=1e-9)
    for _ in range(200):
        wanted = rng.uniform(0, 1, (cells, 2)) * pricer.space.max_effort[:, segment].T
        efforts, fits = pricer.space.nearest(segment, wanted, np.zeros_like(wanted))
        variant = np.array([rng.choice(pricer.space.variants(place)) for place in segment])
        value = exact.value(every, variant, efforts)
        assert (value[fits] <= priced.upper[fits] + 1e-9).all()
