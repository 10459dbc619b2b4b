"""Derivatives of the reduced cost at treatments against differences of its values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import random_model
from test_pricing import random_prices

from allocator.response.table import ResponseTable
from allocator.solving.pricing.objective import ReducedCost
from allocator.solving.pricing.space import TreatmentSpace

STEP = 1e-4


def smooth_cells(seed, levers, shocks):
    """Cells of a random model, each with a variant and efforts away from 0 and from kinks."""
    rng = np.random.default_rng(seed)
    model = random_model(rng, levers=levers, discrete=0.0)
    table = ResponseTable(model)
    if shocks:
        table = table.under(rng.uniform(0.2, 4.0, (2, len(model.segments), 3)))
        model = model.model_copy(update={"segments": model.segments * 2})
    space, prices = TreatmentSpace(table, model, ()), random_prices(rng, table, model, (), cells=20)
    most = space.max_effort[:, prices.segment].T
    efforts = rng.uniform(0.1, 0.9, most.shape) * most
    stops = space.stop_table[prices.segment]
    clear = (np.isnan(stops) | (np.abs(stops - efforts[:, :, None]) > 1e-2)).all(axis=(1, 2)) if stops.size else True
    kept = np.flatnonzero(np.broadcast_to(clear, len(efforts)))
    variant = np.array([rng.choice(space.variants(segment)) for segment in prices.segment])
    return ReducedCost(space, prices), kept, variant[kept], efforts[kept]


@settings(max_examples=25)
@given(st.integers(0, 10**9), st.integers(1, 3), st.booleans())
def test_derivatives_are_those_of_the_values(seed, levers, shocks):
    reduced_cost, cell, variant, efforts = smooth_cells(seed, levers, shocks)
    gradient, hessian = reduced_cost.derivatives(cell, variant, efforts)
    for lever in range(levers):
        step = STEP * np.eye(levers)[lever]
        ends = [reduced_cost.smooth(cell, variant, efforts + side * step) for side in (1.0, -1.0)]
        slopes = [reduced_cost.derivatives(cell, variant, efforts + side * step)[0] for side in (1.0, -1.0)]
        size = 1.0 + np.abs(gradient).max(initial=0.0) + np.abs(hessian).max(initial=0.0)
        assert gradient[:, lever] == pytest.approx((ends[0] - ends[1]) / (2.0 * STEP), abs=1e-4 * size)
        assert hessian[:, lever] == pytest.approx((slopes[0] - slopes[1]) / (2.0 * STEP), abs=1e-4 * size)
