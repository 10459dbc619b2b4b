"""Lines that support the envelopes of a response curve."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allocator.domain.curves import Adbudg
from allocator.formulation.envelope import Envelope


@pytest.mark.parametrize("shape", [1.5, 2.0, 3.4])
def test_the_line_from_nothing_touches_where_it_must(shape):
    """f(x) / x is largest where u = (x / half)^shape meets u / (1 + u) = shape u / (1 + u)^2: u = shape - 1."""
    curve = Adbudg(high=100.0, half=50.0, shape=shape)
    touch = 50.0 * (shape - 1.0) ** (1.0 / shape)
    line = Envelope(curve, 0.0, 500.0).line(1.0, "above")
    assert line.intercept == pytest.approx(0.0, abs=1e-6)
    assert line.slope == pytest.approx(100.0 * (shape - 1.0) / shape / touch, rel=1e-9)


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
    curve = Adbudg(low=40.0, high=40.0 + rise, half=half, shape=shape)
    envelope = Envelope(curve, low, low + span)
    # Points close to the start, too, where a curve may be steep, and the very stock that the line is asked for at.
    shares = np.concatenate([np.linspace(0.0, 1.0, 401), np.geomspace(1e-12, 1.0, 200), [at]])
    stocks = low + span * np.sort(shares)
    values = np.array([envelope.value(stock) for stock in stocks.tolist()])
    for side, sign in (("above", 1.0), ("below", -1.0)):
        line = envelope.line(low + at * span, side)
        distance = sign * (line.intercept + line.slope * stocks - values)
        assert distance.min() >= -1e-7 * abs(rise)
        assert distance.min() <= 1e-2 * abs(rise)
