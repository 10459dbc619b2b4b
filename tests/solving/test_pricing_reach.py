"""The bound on customers in a segment holds against simulated flows, and is tight where it can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import random_model

from allocator.response.table import ResponseTable
from allocator.solving.pricing import Pricer, reach


@settings(max_examples=40)
@given(st.integers(0, 10**9), st.sampled_from([0.0, 0.5, 1.0]))
def test_random_treatments_never_exceed_it(seed, discrete):
    rng = np.random.default_rng(seed)
    model = random_model(rng, levers=2, discrete=discrete)
    table = ResponseTable(model)
    pricer = Pricer(table, model)
    start, arrivals = rng.uniform(0, 100, 4), rng.uniform(0, 20, (4, 4)) * (rng.random((4, 4)) < 0.3)
    most = reach(table, pricer, start, arrivals)
    assert most.shape == (4, 5)
    for _ in range(10):
        customers = start
        for period in range(1, 5):
            moved = np.zeros(4)
            for segment in range(4):
                chances = table.coefficients(
                    np.array([segment]), np.array([period]), *random_treatment(rng, pricer, segment)
                )
                for place, chance in zip(table.destinations[segment], chances.probability[0], strict=True):
                    moved[place] += customers[segment] * chance * (place >= 0)
            customers = moved + arrivals[period - 1]
            assert (customers <= most[:, period] * (1 + 1e-9) + 1e-9).all()


def random_treatment(rng, pricer, segment):
    space = pricer.space
    variant = rng.choice(space.variants(segment))
    while True:
        efforts = rng.uniform(0, 1, (1, len(space.levels))) * space.max_effort[:, segment]
        for lever, levels in enumerate(space.levels):
            if levels is not None and space.max_effort[lever, segment] > 0.0:
                efforts[0, lever] = rng.choice(levels)
        if space.fits_contacts(np.array([segment]), efforts)[0]:
            return efforts, space.boosts[[variant]]


def test_without_levers_it_is_the_flow():
    rng = np.random.default_rng(3)
    model = random_model(rng, levers=1, programmes=False).model_copy(update={"responses": (), "treated": ()})
    table = ResponseTable(model)
    start, arrivals = np.array([10.0, 20, 30, 40]), np.full((3, 4), 2.0)
    most = reach(table, Pricer(table, model), start, arrivals)
    customers = start
    for period in range(1, 4):
        customers = customers @ table.baseline(period) + 2.0
        assert most[:, period] == pytest.approx(customers)
