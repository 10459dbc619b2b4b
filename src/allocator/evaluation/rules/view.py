"""What a rule may look at, and the places it holds in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from allocator.domain.rules import BaseRule, Rule
from allocator.evaluation.arrays import Bools, Floats
from allocator.evaluation.equity import by_segment
from allocator.evaluation.instance import Instance
from allocator.evaluation.readings import Reading
from allocator.evaluation.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Subject:
    """Segments that a rule holds over, and the period."""

    segments: Bools
    """[S]"""
    alone: str | None
    """The segment's name where the rule holds for each segment alone."""
    period: int
    """Counted from 0."""

    def at(self, amounts: Floats) -> float:
        """Sum of ``amounts`` [S,T] over the subject's segments in its period."""
        return float(amounts[self.segments, self.period].sum())


@dataclass(frozen=True)
class View:
    """A plan followed through, as rules see it."""

    instance: Instance
    trajectory: Trajectory
    current_efforts: Callable[[], Floats] = field(repr=False)
    """[L,S,T] total efforts of the current plan; raises InvalidInput where there is none."""

    @cached_property
    def equity(self) -> Floats:
        """Equity earned in each segment, [S], expected and discounted."""
        return by_segment(self.instance, self.trajectory)

    @cached_property
    def crowd(self) -> float:
        """Customers of all segments at the start: the scale of counts."""
        return float(self.instance.customers.sum())

    @cached_property
    def worth(self) -> float:
        """What customers of all segments earn in the first period without effort: the scale of equity."""
        return float(self.instance.customers @ np.abs(self.instance.baseline.margin[:, 0]))

    @cached_property
    def money(self) -> float:
        """All cash of all periods: the scale of cash."""
        return float(self.trajectory.cash.total.sum())

    def lever(self, name: str) -> int:
        """Position of a lever."""
        return self.instance.levers.names.index(name)

    def groups(self, rule: BaseRule) -> Iterator[tuple[Bools, str | None]]:
        """Selected segments, together or each alone."""
        chosen = self.instance.selected(rule.where)
        if rule.each is None:
            yield chosen, None
            return
        for position, name in enumerate(self.instance.segments):
            if chosen[position]:
                alone = chosen & False
                alone[position] = True
                yield alone, name

    def periods(self, rule: BaseRule, last: int | None = None) -> list[int]:
        """Selected periods, counted from 0; ``last`` (counted from 1) is the horizon unless given."""
        horizon = self.instance.horizon
        given = rule.periods or range(1, horizon + 1)
        return [period - 1 for period in given if period <= (last or horizon)]

    def subjects(self, rule: BaseRule, last: int | None = None) -> Iterator[Subject]:
        """Every period and group that a rule holds in."""
        groups = list(self.groups(rule))
        for period in self.periods(rule, last):
            for segments, alone in groups:
                yield Subject(segments, alone, period)


def bounds(
    rule: Rule,
    amount: float,
    *,
    subject: Subject | None = None,
    alone: str | None = None,
    keys: tuple[str, ...] = ("min", "max"),
    base: float = 1.0,
    scale: float = 0.0,
    detail: str = "",
) -> Iterator[Reading]:
    """Readings of those ``keys`` of a rule that are given; ``detail`` tells parts of one rule apart."""
    name = rule.name or rule.rule
    for key in keys:
        limit = getattr(rule, key, None)
        if limit is None:
            continue
        sense: Literal["min", "max"] = "min" if key.startswith("min") else "max"
        yield Reading(
            kind=rule.rule,
            name=f"{name} ({detail})" if detail else name,
            sense=sense,
            limit=float(limit),
            amount=amount,
            base=base,
            scale=scale,
            period=None if subject is None else subject.period + 1,
            segment=alone if subject is None else subject.alone,
        )
