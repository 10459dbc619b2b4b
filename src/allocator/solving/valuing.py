"""What a plan gives on shocks that it was not made on: as it stands, or with treatments that adapt to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import Reading
from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.evaluation.following import Followed, carry_out, follow
from allocator.evaluation.out_of_sample import fresh_shocks
from allocator.solving.second_stage import SecondStage
from allocator.uncertainty import ShockSet, equally_likely, nearest, shock_set


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a plan gives on shocks.

    equity: [W] customer equity
    gained, paid: [W] customer equity and discounted cash; where a return is asked for, beyond those of no effort
    keeps: [W] whether there were treatments that keep all limits but those over several shock scenarios
    shared: rules on customer equity, beside their means over the shocks
    target: that of the objective, beside the means; None where it has none
    probability: [W]
    varying: [W] what says how sure the mean of the objective is, cash where spend is least and equity elsewhere
    """

    equity: Floats
    gained: Floats
    paid: Floats
    keeps: Bools
    shared: tuple[Reading, ...]
    target: Reading | None
    probability: Floats
    varying: Floats

    @property
    def possible(self) -> bool:
        """Whether all limits are kept but those on risk."""
        over_all = self.shared if self.target is None else (*self.shared, self.target)
        return bool(self.keeps.all()) and not any(reading.violation() is not None for reading in over_all)


class Valued(Protocol):
    """A plan whose equity can be told for any shocks."""

    def fresh(self, count: int, seed: int) -> Outcome:
        """What it gives on so many fresh shocks, all equally likely."""
        ...

    def on(self, sample: Scenario) -> Outcome:
        """What it gives on the shocks that a sample plans with."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A plan that is carried out as it is: limits do not hang on shocks."""

    scenario: Scenario
    plan: Plan

    def fresh(self, count: int, seed: int) -> Outcome:
        """As :class:`Valued`."""
        return self._of(fresh_shocks(self.scenario, count=count, seed=seed), equally_likely(count))

    def on(self, sample: Scenario) -> Outcome:
        """As :class:`Valued`."""
        shocks = shock_set(sample)
        assert shocks is not None, "asked where there are shocks"
        return self._of([shocks], shocks.probability)

    def _of(self, parts: Iterable[ShockSet], probability: Floats) -> Outcome:
        found = carry_out(self.scenario, self.plan, parts)
        varying = found.paid if self.scenario.objective.kind == "spend" else found.equity
        return _outcome(found, varying, np.arange(probability.size), probability)


class CarriedOut:
    """A plan under recourse whose treatments are those that it states."""

    def __init__(self, scenario: Scenario, plan: Plan) -> None:
        self.scenario = scenario
        self.plan = plan

    def fresh(self, count: int, seed: int) -> Outcome:
        """As :class:`Valued`."""
        return self._of(fresh_shocks(self.scenario, count=count, seed=seed), equally_likely(count))

    def on(self, sample: Scenario) -> Outcome:
        """As :class:`Valued`."""
        shocks = shock_set(sample)
        assert shocks is not None, "asked where there are shocks"
        return self._of([shocks], shocks.probability)

    def _of(self, parts: Iterable[ShockSet], probability: Floats) -> Outcome:
        """Each shock scenario that differs is worked out once."""
        shocks, places = ShockSet.different(parts)
        found = follow(self.scenario, shocks, self.plans(shocks))
        return _outcome(found, self._varying(found), places, probability)

    def _varying(self, found: Followed) -> Floats:
        least = self.scenario.objective.kind == "spend"
        allowed = found.beyond @ [self.price(reading) for reading in found.shared]
        if found.target is not None:
            base = 1.0 if least else found.paid
            allowed = allowed + self.price(found.target) * (found.gained - found.target.limit * base)
        return np.asarray(found.paid + allowed if least else found.equity - allowed)

    def price(self, reading: Reading) -> float:
        """What one unit more of what a rule or target over all shocks allows is worth in the mean; 0 where nothing is
        made of it."""
        return 0.0

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
        """The best treatments in each shock scenario; where none keep all its limits, those stated for the one most
        like it, cut to what fits."""
        stated = super().plans(shocks)
        for treatments, plan in zip(self._second.treatments(shocks), stated, strict=True):
            yield plan if treatments is None else plan.model_copy(update={"treatments": treatments})

    def price(self, reading: Reading) -> float:
        """As for what is stated; treatments are chosen again for each sample of shocks, within what limits allow."""
        return self._second.price(reading)


def _outcome(found: Followed, varying: Floats, places: Ints, probability: Floats) -> Outcome:
    """What was found, at the place of each shock scenario."""
    return Outcome(
        equity=found.equity[places],
        gained=found.gained[places],
        paid=found.paid[places],
        keeps=found.keeps[places],
        shared=found.shared,
        target=found.target,
        probability=probability,
        varying=varying[places],
    )
