"""The first treatments: all there are, each once, or a few."""

from __future__ import annotations

import numpy as np
import pytest
from infeasible_scenario import scenario, small

from allocator.api import solve
from allocator.domain.scenario import Scenario
from allocator.solving import Engine
from allocator.solving.treatments import Treatments
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


def test_treatments_alike_differ_by_their_period_alone():
    treatments = Engine(LEVELS.read()).master.treatments
    assert treatments.alike is not None
    same = treatments.take(treatments.alike)
    assert same.period.tolist() == [1] * len(treatments)
    for part in ("segment", "variant", "efforts"):
        assert np.array_equal(getattr(same, part), getattr(treatments, part))


@pytest.mark.parametrize("planned", [LEVELS.read, by_period], ids=["the same in all periods", "by period"])
def test_treatments_alike_post_what_each_posts_alone(planned):
    postings, treatments = (engine := Engine(planned()).master).postings, engine.treatments
    alone = Treatments(treatments.segment, treatments.period, treatments.efforts, treatments.variant)
    together, each = (postings.columns(given) for given in (treatments, alone))
    assert np.array_equal(together[0].toarray(), each[0].toarray())
    assert np.array_equal(together[1], each[1])


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
