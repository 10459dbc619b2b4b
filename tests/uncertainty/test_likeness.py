"""Which known shock scenario another is most like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.domain.model import Model, Segment
from allocator.domain.risk import Risk, Shock
from allocator.domain.scenario import Scenario
from allocator.uncertainty import ShockSet, nearest, shock_set


def question() -> tuple[Scenario, ShockSet]:
    """Gold earns 900 a period, iron 100, in good times, in bad ones for gold, and in bad ones for iron."""
    segments = (Segment(name="gold", customers=90, margin=10), Segment(name="iron", customers=100, margin=1))
    model = Model(name="two", period="year", discount_rate=0.1, segments=segments)
    rows = [("good", "gold", 1.0, None), ("gold falls", "gold", 0.5, None), ("iron leaves", "iron", 1.0, 0.5)]
    shocks = tuple(
        Shock(scenario=name, probability=1 / 3, segment=segment, factor=factor, keep_factor=keep)
        for name, segment, factor, keep in rows
    )
    scenario = Scenario(name="two", model=model, horizon=2, risk=Risk(shocks=shocks, recourse=True))
    found = shock_set(scenario)
    assert found is not None
    return scenario, found


def test_each_scenario_is_most_like_itself() -> None:
    scenario, known = question()
    assert nearest(known, known.take(np.array([2, 0, 1, 1])), scenario).tolist() == [2, 0, 1, 1]
    assert nearest(known, known.calm(), scenario).tolist() == [0]


def test_likeness_is_weighed_by_the_money_at_stake() -> None:
    # Gold at 0.7 is nearer to 0.5 than to 1, and gold is 90 percent of the money: iron at a tenth changes nothing.
    scenario, known = question()
    factor = np.stack([np.tile([[0.7], [0.1]], (1, 3)), np.tile([[0.9], [1.0]], (1, 3))])
    others = replace(known.take(np.array([0, 0])), factor=factor)
    assert nearest(known, others, scenario).tolist() == [1, 0]
