"""Lines that support the envelopes of response curves."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allocator.domain.curves import Adbudg, Curve, Linear, Points
from allocator.solving.envelopes import Envelopes


def one(curve: Curve, low: float, high: float) -> Envelopes:
    return Envelopes([curve], np.array([0]), np.array([low]), np.array([high]))


def line(envelopes: Envelopes, stock: float, side: float = 1.0) -> tuple[float, float]:
    intercept, slope = envelopes.lines(np.array([0]), np.array([stock]), np.array([side]))
    return float(intercept[0]), float(slope[0])


def stretch(envelopes: Envelopes, stock: float) -> tuple[float, float]:
    low, high = envelopes.stretches(np.array([0]), np.array([stock]))
    return float(low[0]), float(high[0])


@pytest.mark.parametrize("shape", [1.5, 2.0, 3.4])
def test_the_line_from_nothing_touches_where_it_must(shape):
    """f(x) / x is largest where u = (x / half)^shape meets u / (1 + u) = shape u / (1 + u)^2: u = shape - 1."""
    curve = Adbudg(high=100.0, half=50.0, shape=shape)
    touch = 50.0 * (shape - 1.0) ** (1.0 / shape)
    envelopes = one(curve, 0.0, 500.0)
    assert line(envelopes, 1.0)[0] == pytest.approx(0.0, abs=1e-6)
    assert line(envelopes, 1.0)[1] == pytest.approx(100.0 * (shape - 1.0) / shape / touch, rel=1e-9)
    assert stretch(envelopes, 1.0) == (0.0, pytest.approx(touch, rel=1e-9))
    assert stretch(envelopes, 2.0 * touch) == (2.0 * touch, 2.0 * touch)


@settings(max_examples=60)
@example(shape=0.40625, rise=-30.0, half=1.0, low=0.0, span=1.0, at=6.103515625e-05)
@given(
    shape=st.floats(0.4, 5.0),
    rise=st.sampled_from([-30.0, 80.0]),
    half=st.floats(1.0, 400.0),
    low=st.floats(0.0, 90.0),
    span=st.floats(1.0, 500.0),
    at=st.floats(0.0, 1.0),
)
def test_lines_lie_on_their_side_and_touch_the_envelope(shape, rise, half, low, span, at):
    """Somewhere the line meets the curve, or it could be moved nearer."""
    envelopes = one(Adbudg(low=40.0, high=40.0 + rise, half=half, shape=shape), low, low + span)
    # Points close to the start, too, where a curve may be steep, and the very stock that the line is asked for at.
    shares = np.concatenate([np.linspace(0.0, 1.0, 401), np.geomspace(1e-12, 1.0, 200), [at]])
    stocks = low + span * np.sort(shares)
    values = envelopes.values(np.zeros(len(stocks), dtype=np.int64), stocks)
    for side in (1.0, -1.0):
        intercept, slope = line(envelopes, low + at * span, side)
        distance = side * (intercept + slope * stocks - values)
        assert distance.min() >= -1e-7 * abs(rise)
        assert distance.min() <= 1e-2 * abs(rise)


def test_lines_of_many_curves_are_those_of_each():
    """Whatever else is asked for at once, by number and side."""
    curves = [
        Adbudg(high=100.0, half=50.0, shape=2.0),
        Points(efforts=(10.0, 20.0, 40.0), values=(1.0, 5.0, 6.0)),
        Linear(slope=2.0),
        Adbudg(low=60.0, high=10.0, half=30.0, shape=3.0),
    ]
    low, high = np.array([0.0, 5.0, 3.0, 1.0]), np.array([200.0, 50.0, 9.0, 80.0])
    together = Envelopes(curves, np.arange(4), low, high)
    chosen, stock = np.array([3, 0, 1, 2, 1, 0, 3]), np.array([2.0, 120.0, 30.0, 4.0, 7.0, 9.0, 70.0])
    side = np.array([1.0, -1.0, 1.0, -1.0, -1.0, 1.0, -1.0])
    found = zip(*together.lines(chosen, stock, side), strict=True)
    for pair, number, at, sign in zip(found, chosen.tolist(), stock.tolist(), side.tolist(), strict=True):
        alone = line(one(curves[number], low[number], high[number]), at, sign)
        assert pair == pytest.approx(alone, rel=1e-12, abs=1e-12)


def test_a_hull_of_points():
    """1 up to 10, 5 at 20, 6 from 40 on. Above from 5 to 50: over (5, 1), (20, 5), (40, 6), (50, 6)."""
    envelopes = one(Points(efforts=(10.0, 20.0, 40.0), values=(1.0, 5.0, 6.0)), 5.0, 50.0)
    assert line(envelopes, 12.0) == pytest.approx((1.0 - 5.0 * 4.0 / 15.0, 4.0 / 15.0))
    assert stretch(envelopes, 12.0) == (5.0, 20.0)
    assert line(envelopes, 12.0, -1.0) == pytest.approx((1.0 - 10.0 * 5.0 / 40.0, 5.0 / 40.0))


def test_ranges_that_end_sooner_and_ranges_added_have_envelopes_of_their_own():
    """x^2 / (50^2 + x^2) is convex up to 50 / sqrt(3) = 28.9: up to 25 its chord is above it."""
    curve = Adbudg(high=100.0, half=50.0, shape=2.0)
    envelopes = one(curve, 0.0, 200.0)
    assert stretch(envelopes, 10.0) == (0.0, pytest.approx(50.0))
    number = envelopes.append(np.array([0]), np.array([25.0]), np.array([200.0]))
    envelopes.end(np.array([0]), np.array([25.0]))
    assert stretch(envelopes, 10.0) == (0.0, 25.0)
    assert line(envelopes, 10.0) == pytest.approx((0.0, 20.0 / 25.0))
    low, high = envelopes.stretches(number, np.array([30.0]))
    assert (low[0], 28.9 < high[0] < 50.0) == (25.0, True)
