"""Values, slopes and ranges of the response curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import random_curve

from allocator.domain.curves import Adbudg, Exponential, Linear, Points
from allocator.response.curves import CurveSet, inflection, ranges, value

STEPS = Points(efforts=(1, 2, 4), values=(1.0, 3.0, 0.0))


def derivative(curve, efforts):
    flat = np.ravel(np.asarray(efforts, dtype=float))
    return CurveSet([curve]).evaluate(np.zeros(len(flat), dtype=np.int64), flat)[1].reshape(np.shape(efforts))


@pytest.mark.parametrize(
    ("curve", "effort", "expected"),
    [
        (Adbudg(low=1, high=5, half=2, shape=3), 0.0, 1.0),
        (Adbudg(low=1, high=5, half=2, shape=3), 2.0, 3.0),
        (Adbudg(low=1, high=5, half=2, shape=3), 4.0, 1 + 4 * 64 / 72),
        (Exponential(high=-2, rate=0.5), 2.0, -2 * (1 - np.exp(-1))),
        (Linear(slope=1.5), 4.0, 6.0),
        (STEPS, 0.5, 1.0),
        (STEPS, 1.5, 2.0),
        (STEPS, 2.0, 3.0),
        (STEPS, 3.0, 1.5),
        (STEPS, 9.0, 0.0),
    ],
)
def test_value(curve, effort, expected):
    assert value(curve, effort) == pytest.approx(expected, rel=1e-14)


def test_shape_of_the_efforts_is_kept():
    assert value(Linear(slope=2), [[1, 2], [3, 4]]).tolist() == [[2, 4], [6, 8]]


@pytest.mark.parametrize(
    ("curve", "effort", "expected"),
    [
        (Adbudg(high=4, half=2, shape=2), 0.0, 0.0),
        (Adbudg(high=4, half=2, shape=1), 0.0, 2.0),  # high / half
        (Adbudg(high=4, half=2, shape=0.5), 0.0, np.inf),
        (Adbudg(low=4, high=1, half=2, shape=0.5), 0.0, -np.inf),
        (Adbudg(low=4, high=4, half=2, shape=0.5), 0.0, 0.0),
        (STEPS, 1.0, 2.0),
        (STEPS, 2.0, -1.5),
        (STEPS, 4.0, 0.0),
    ],
)
def test_slope_at_the_borders(curve, effort, expected):
    assert derivative(curve, effort) == expected


@pytest.mark.parametrize("half", [5e-324, 1e-300, 1.0, 1e300])
@pytest.mark.parametrize("shape", [1e-3, 1.0, 60.0])
def test_extreme_parameters_give_numbers(half, shape):
    curve = Adbudg(high=2, half=half, shape=shape)
    efforts = np.array([0.0, 5e-324, 1e-200, 1.0, 1e200, 1.7e308])
    found = value(curve, efforts)
    assert ((found >= 0) & (found <= 2)).all()
    assert (np.diff(found) >= 0).all()
    assert not np.isnan(derivative(curve, efforts)).any()


def test_inflection_is_where_the_slope_peaks():
    curve = Adbudg(high=1, half=2, shape=3)
    peak = inflection(curve)
    assert peak == pytest.approx(2 * 0.5 ** (1 / 3))
    around = derivative(curve, [peak * 0.999, peak, peak * 1.001])
    assert around[1] > max(around[0], around[2])
    assert inflection(Adbudg(high=1, half=2, shape=0.8)) == inflection(Linear(slope=1)) == 0.0


@settings(max_examples=60)
@given(st.integers(0, 10**9), st.floats(0, 5), st.floats(0, 5))
def test_ranges_hold_samples_and_are_reached(seed, first, second):
    curve = random_curve(np.random.default_rng(seed))
    low, high = min(first, second), max(first, second)
    inside = np.linspace(low, high, 2001)
    bounds, found = ranges(curve, low, high), value(curve, inside)
    assert bounds.low[0] - 1e-12 <= found.min() <= bounds.low[0] + 0.02 * (1 + np.ptp(found))
    assert bounds.high[0] - 0.02 * (1 + np.ptp(found)) <= found.max() <= bounds.high[0] + 1e-12
    slopes = derivative(curve, inside[1:-1])
    assert (slopes >= bounds.slope_low[0] - 1e-9).all()
    assert (slopes <= bounds.slope_high[0] + 1e-9).all()


@settings(max_examples=40)
@given(st.integers(0, 10**9), st.floats(0.05, 5))
def test_slope_agrees_with_finite_differences(seed, effort):
    curve = random_curve(np.random.default_rng(seed))
    if isinstance(curve, Points) and min(abs(effort - knot) for knot in curve.efforts) < 1e-5:
        return
    step = 1e-6
    rise = value(curve, effort + step) - value(curve, effort - step)
    assert derivative(curve, effort) == pytest.approx(rise / (2 * step), rel=1e-4, abs=1e-6)


@settings(max_examples=60)
@given(st.integers(0, 10**9), st.floats(0.01, 5), st.floats(0.01, 5))
def test_bends_hold_what_the_slope_gains(seed, first, second):
    curve = random_curve(np.random.default_rng(seed))
    low, high = min(first, second), max(first, second) + 1e-3
    inside = np.linspace(low, high, 501)
    least, most = CurveSet([curve]).bends(np.zeros(1, int), np.array([low]), np.array([high]))
    gained = np.diff(derivative(curve, inside)) / np.diff(inside)
    slack = 1e-9 * (1 + np.abs(gained).max())
    assert (gained >= least - slack).all()
    assert (gained <= most + slack).all()
