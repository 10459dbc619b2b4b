"""Shock scenarios that change the odds of staying."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.domain.curves import Linear
from allocator.domain.model import Continuous, Lever, Model, Response, Segment, Transition
from allocator.response.table import ResponseTable

ROWS = [
    ("a", "a", 0.5),
    ("a", "b", 0.1),
    ("a", "rival", 0.2),
    ("b", "b", 1.0),
    ("rival", "a", 0.3),
    ("rival", "rival", 0.7),
]


def market() -> ResponseTable:
    """`a` and `b` are ours; a fifth of `a` goes to a rival and a fifth leaves for good; one lever adds to retention."""
    names = {"a": "us", "b": "us", "rival": "them"}
    return ResponseTable(
        Model(
            model="odds",
            period="year",
            discount_rate=0.1,
            segments=tuple(Segment(segment=name, customers=1, margin=1, owner=owner) for name, owner in names.items()),
            transitions=tuple(Transition(**{"from": a, "to": b, "probability": p}) for a, b, p in ROWS),
            levers={"calls": Lever(function="service", effort=Continuous(max=2))},
            responses=(Response(lever="calls", effect="retention", curve=Linear(slope=1.0)),),
        )
    )


def of(table: ResponseTable, segment: int, period: int = 1, effort: float = 0.0) -> list[float]:
    """Probabilities by destination, and of leaving."""
    found = table.coefficients(np.array([segment]), np.array([period]), np.array([[effort]]))
    return [*found.probability[0].tolist(), float(found.leave[0])]


# The odds of staying with us are 0.6 : 0.4 = 1.5. Halved they are 0.75, so 3/7 stay, in proportion 5 : 1, and 4/7 go,
# in equal parts to the rival and for good.


def test_odds_are_multiplied():
    keep = np.array([[[0.5, 1.0], [0.5, 0.5], [1.0, 1.0]]])
    shocked = market().under(keep)
    assert of(shocked, 0) == pytest.approx([5 / 14, 1 / 14, 4 / 14, 4 / 14])
    assert of(shocked, 0, period=2) == pytest.approx(of(market(), 0))
    # Whom nothing can lose stays at any odds; a rival's customers are not ours to keep.
    assert of(shocked, 1) == pytest.approx(of(market(), 1))
    assert of(shocked, 2) == pytest.approx(of(market(), 2))


# With effort 1 the weights of a and b are times e before the odds are halved: odds 0.75 e.


def test_levers_act_on_the_shocked_odds():
    shocked = market().under(np.array([[[0.5], [1.0], [1.0]]]))
    odds = 0.75 * np.e
    assert sum(of(shocked, 0, effort=1.0)[:2]) == pytest.approx(odds / (1 + odds))


def test_scenarios_stand_side_by_side():
    keep = np.array([[[0.5], [1.0], [1.0]], [[2.0], [1.0], [1.0]]])
    both = market().under(keep)
    assert both.segments == market().segments * 2
    for number in range(2):
        alone = market().under(keep[number : number + 1])
        for segment in range(3):
            there = 3 * number + segment
            assert of(both, there, effort=0.7) == pytest.approx(of(alone, segment, effort=0.7))
            steps = both.destinations[there] - alone.destinations[segment]
            assert set(steps[alone.destinations[segment] >= 0].tolist()) == {3 * number}


def test_what_comes_after_the_horizon_is_not_shocked():
    np.testing.assert_allclose(market().under(np.full((1, 3, 1), 0.5)).baseline(), market().baseline())
