"""What a plan gives on shocks that it was not made on: as it stands, or with treatments that adapt to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import Evaluator
from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.evaluation.out_of_sample import followed_equities, fresh_equities, fresh_shocks
from allocator.solving.second_stage import SecondStage
from allocator.uncertainty import ShockSet, nearest, shock_set


class Valued(Protocol):
    """A plan whose equity can be told for any shocks."""

    def fresh(self, count: int, seed: int) -> tuple[Floats, Bools]:
        """Equity [count] on fresh shocks, and in which there were treatments that keep all limits [count]."""
        ...

    def on(self, sample: Scenario) -> tuple[Floats, Floats, bool]:
        """Equity and probability [W] in each shock scenario that the sample plans with, and whether there were
        treatments that keep all limits in every one."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A plan that is carried out as it is."""

    scenario: Scenario
    plan: Plan

    def fresh(self, count: int, seed: int) -> tuple[Floats, Bools]:
        """As :class:`Valued`; limits do not hang on shocks."""
        values = fresh_equities(self.scenario, self.plan, count=count, seed=seed)
        return values, np.ones(count, dtype=bool)

    def on(self, sample: Scenario) -> tuple[Floats, Floats, bool]:
        """As :class:`Valued`; limits do not hang on shocks."""
        evaluator = Evaluator(sample)
        shocks = evaluator.instance.shocks
        assert shocks is not None, "asked where there are shocks"
        return evaluator.outcome(evaluator.run(self.plan)).by_shock, shocks.probability, True


class CarriedOut:
    """A plan under recourse whose treatments are those that it states."""

    def __init__(self, scenario: Scenario, plan: Plan) -> None:
        self.scenario = scenario
        self.plan = plan

    def fresh(self, count: int, seed: int) -> tuple[Floats, Bools]:
        """As :class:`Valued`."""
        found = [self.of(shocks) for shocks in fresh_shocks(self.scenario, count=count, seed=seed)]
        return np.concatenate([equity for equity, _ in found]), np.concatenate([keeps for _, keeps in found])

    def on(self, sample: Scenario) -> tuple[Floats, Floats, bool]:
        """As :class:`Valued`."""
        shocks = shock_set(sample)
        assert shocks is not None, "asked where there are shocks"
        equity, keeps = self.of(shocks)
        return equity, shocks.probability, bool(keeps.all())

    def of(self, shocks: ShockSet) -> tuple[Floats, Bools]:
        """Equity [W], and in which shock scenarios all limits are kept [W]; each different one is worked out once."""
        first, places = _different(shocks)
        some = shocks.take(first)
        equity, keeps = followed_equities(self.scenario, some, self.plans(some))
        return equity[places], keeps[places]

    def plans(self, shocks: ShockSet) -> Iterator[Plan]:
        """What is done in each shock scenario: what is stated for the one most like it."""
        known = shock_set(self.scenario)
        assert known is not None, "asked where there are shocks"
        for place in nearest(known, shocks, self.scenario).tolist():
            yield self.plan.within(known.names[place])


class Adapting(CarriedOut):
    """A plan under recourse whose commitments stay and whose treatments adapt to any shocks, as well as can be."""

    def __init__(self, scenario: Scenario, plan: Plan, evaluation: Evaluation, current: Evaluation | None) -> None:
        super().__init__(scenario, plan)
        self._evaluation, self._current = evaluation, current

    @cached_property
    def _second(self) -> SecondStage:
        return SecondStage(self.scenario, self.plan, self._evaluation, self._current)

    def plans(self, shocks: ShockSet) -> Iterator[Plan]:
        """The best treatments in each shock scenario; where none keep all limits, those stated for the one most like
        it, cut to what fits."""
        stated = super().plans(shocks)
        for treatments, plan in zip(self._second.treatments(shocks), stated, strict=True):
            yield plan if treatments is None else plan.model_copy(update={"treatments": treatments})


def _different(shocks: ShockSet) -> tuple[Ints, Ints]:
    """Positions of shock scenarios that differ, and for each scenario which of them it is."""
    numbers: dict[bytes, int] = defaultdict(lambda: len(numbers))
    odds = shocks.odds
    places = [numbers[factor.tobytes() + keep.tobytes()] for factor, keep in zip(shocks.factor, odds, strict=True)]
    found = np.array(places, dtype=np.int64)
    return np.unique(found, return_index=True)[1], found
