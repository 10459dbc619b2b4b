"""The first treatments: all there are, each once, or a few."""

from __future__ import annotations

import numpy as np
import pytest
from infeasible_scenario import scenario, small

from allocator.api import solve
from allocator.domain.scenario import Scenario
from allocator.solving import Engine
from allocator.solving.start import every_treatment
from benchmarks.instances import Size, instance

LEVELS = instance(Size(7, 2, 3, (0.5, 1.0)))


def by_period() -> Scenario:
    """The same with a transition that changes after the first period."""
    read: Scenario = LEVELS.read()
    first = read.model.transitions[0]
    later = first.model_copy(update={"period": 2, "probability": 0.5 * first.probability})
    model = read.model.model_copy(update={"transitions": (*read.model.transitions, later)})
    return read.model_copy(update={"model": model})


def test_every_treatment_is_there_once():
    """Three levels of each of two levers, none included, in 7 segments and 3 periods."""
    treatments = Engine(LEVELS.read()).master.treatments
    assert len(treatments) == 7 * 3 * 9
    assert len(set(treatments.labels())) == len(treatments)


def test_the_same_treatments_are_listed_in_every_period():
    engine = Engine(LEVELS.read())
    listed = every_treatment(engine.instance, engine.pricer)
    every, first = listed.in_periods(3), listed.in_periods(1)
    assert len(listed) == len(every) == 3 * len(first)
    assert listed.counts.tolist() == [9] * 7
    assert first.period.tolist() == [1] * len(first)
    for period in (1, 2, 3):
        there = every.take(every.period == period)
        for part in ("segment", "variant", "efforts"):
            assert np.array_equal(getattr(there, part), getattr(first, part))


@pytest.mark.parametrize("planned", [LEVELS.read, by_period], ids=["the same in all periods", "by period"])
def test_a_list_posts_what_each_treatment_posts_alone(planned):
    engine = Engine(planned())
    postings, program = engine.master.postings, engine.program
    listed = every_treatment(engine.instance, engine.pricer)
    together, objective = postings.after(program.matrix, program.objective, listed)
    alone, gains = postings.after(program.matrix, program.objective, listed.in_periods(listed.periods))
    assert np.abs(together - alone).max() <= 1e-12 * np.abs(alone).max()
    assert objective == pytest.approx(gains, rel=1e-12, abs=1e-12)


def test_more_treatments_than_may_be_columns_are_priced():
    assert Engine(LEVELS.read(), most_columns=7 * 3 * 9).refiner.complete
    assert not Engine(LEVELS.read(), most_columns=7 * 3 * 9 - 1).refiner.complete


def test_treatments_to_begin_with_are_there_once():
    """One lever of which 35% of the largest effort and all of it are the same level."""
    built = Engine(scenario(small()))
    labels = built.master.treatments.labels()
    assert len(set(labels)) == len(labels)


def test_a_treatment_that_is_there_is_not_added():
    master = Engine(LEVELS.read()).master
    before = master.solver.columns
    assert master.add(master.treatments.take(np.array([3, 3, 5]))) == 0
    assert master.solver.columns == before


def test_a_plan_begins_with_what_is_allowed():
    """4 calls would be best, but 2 contacts is the most: 14 for each of 100 customers in 2 periods, less the wages."""
    question = small(
        model={
            "segments": [{"segment": "gold", "customers": 100, "margin": 10.0, "contacts_max": 2}],
            "levers": {"calls": {"contacts": 1}},
            "responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 5.0}}],
        },
        current_plan={"treatments": [{"segment": "gold", "period": 1, "share": 1, "efforts": [["calls", 4]]}]},
    )
    assert solve(scenario(question)).objective == pytest.approx(2 * 100 * 14 - 2 * 100)
