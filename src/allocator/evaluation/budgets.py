"""Budgets: which cash counts, and how much of each is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from allocator.domain.scenario import Budget
from allocator.domain.selection import Where, matches, where_within
from allocator.evaluation.arrays import Floats
from allocator.evaluation.cash import Cash
from allocator.evaluation.instance import Instance
from allocator.evaluation.readings import Reading


@dataclass(frozen=True, slots=True)
class CashSelection:
    """Which cash items count: 1 or 0 by lever and segment, channel, resource and programme.

    Selections may be stacked: then each array has a first axis [B].
    """

    levers: Floats
    segments: Floats
    channels: Floats
    resources: Floats
    programmes: Floats

    def amounts(self, cash: Cash) -> Floats:
        """Selected money in each period, [T], or [B,T] where selections are stacked."""
        by_segment = np.tensordot(self.levers, cash.lever + cash.setup, axes=1)
        resources = sum(self.resources @ item for item in cash.of_resources().values())
        others = self.channels @ cash.channel + self.programmes @ cash.programme
        customers = (self.segments[..., None, :] @ by_segment)[..., 0, :]
        return np.asarray(customers + others + resources, dtype=float)


def located(instance: Instance, where: Where) -> CashSelection:
    """Cash in the places that ``where`` selects.

    Segments by their tags, channels whose own `where` lies within it, resources whose unit does where
    nothing but `unit` is asked; programmes are in no place. Without ``where``, everything.
    """
    model = instance.model
    in_unit = set(where) <= {"unit"}
    return CashSelection(
        levers=np.ones(len(model.levers)),
        segments=instance.selected(where).astype(float),
        channels=_ones(where_within(where, channel.where) for channel in model.channels.values()),
        resources=_ones(in_unit and matches(where, {"unit": r.unit}) for r in model.resources.values()),
        programmes=_ones(not where for _ in model.programmes),
    )


class _Items:
    """Items of one kind by name and by function, looked up once for all budgets."""

    def __init__(self, functions: Mapping[str, str]) -> None:
        self._position = {name: position for position, name in enumerate(functions)}
        self._every = np.ones(len(functions))
        kinds = np.array(list(functions.values()), dtype=object)
        self._of_function = {kind: (kinds == kind).astype(float) for kind in set(functions.values())}

    def chosen(self, names: tuple[str, ...] | None, functions: tuple[str, ...] | None, *, naming: bool) -> Floats:
        """1 for the items with these names and functions; None asks for neither, but with ``naming`` for no names."""
        found = self._every
        if functions is not None:
            found = sum((self._of_function.get(kind, 0.0) for kind in set(functions)), start=np.zeros_like(found))
        if not naming:
            return found
        named = np.zeros_like(found)
        named[[self._position[name] for name in names or () if name in self._position]] = 1.0
        return found * named


class _Selections:
    """Cash that budgets limit."""

    def __init__(self, instance: Instance) -> None:
        model = instance.model
        self._instance = instance
        self._places: dict[str, CashSelection] = {}
        self._levers = _Items({name: lever.function for name, lever in model.levers.items()})
        self._channels = _Items({name: channel.function for name, channel in model.channels.items()})
        self._resources = _Items({name: resource.function for name, resource in model.resources.items()})
        self._programmes = _Items({name: programme.function for name, programme in model.programmes.items()})

    def of(self, budget: Budget) -> CashSelection:
        """Cash that ``budget`` limits."""
        place, wanted = self._place(budget.where), budget.function
        lists = (budget.levers, budget.channels, budget.resources, budget.programmes)
        naming = any(names is not None for names in lists)
        return CashSelection(
            levers=self._levers.chosen(budget.levers, wanted, naming=naming),
            segments=place.segments,
            channels=place.channels * self._channels.chosen(budget.channels, wanted, naming=naming),
            resources=place.resources * self._resources.chosen(budget.resources, wanted, naming=naming),
            programmes=place.programmes * self._programmes.chosen(budget.programmes, wanted, naming=naming),
        )

    def _place(self, where: Where) -> CashSelection:
        key = repr(where)
        if key not in self._places:
            self._places[key] = located(self._instance, where)
        return self._places[key]


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """Money used of a budget; ``period`` counts from 1, None for all its periods together."""

    budget: Budget
    period: int | None
    used: float


class Budgets:
    """All budgets of a scenario, with what counts towards each found once."""

    def __init__(self, instance: Instance) -> None:
        self._horizon = instance.horizon
        self._budgets = instance.scenario.budgets
        selections = _Selections(instance)
        self._chosen = _stacked([selections.of(budget) for budget in self._budgets]) if self._budgets else None

    def use(self, cash: Cash) -> Iterator[BudgetUse]:
        """Money used of each budget, in each period or over all of its periods."""
        every = [] if self._chosen is None else self._chosen.amounts(cash).tolist()
        for budget, amounts in zip(self._budgets, every, strict=True):
            periods = [p for p in budget.periods or range(1, self._horizon + 1) if p <= self._horizon]
            if budget.per == "period":
                for period in periods:
                    yield BudgetUse(budget, period, amounts[period - 1])
            else:
                yield BudgetUse(budget, None, float(sum(amounts[period - 1] for period in set(periods))))


def readings(uses: Iterable[BudgetUse], all_cash: float) -> Iterator[Reading]:
    """Each budget's ceiling and floor beside what is used; ``all_cash`` is the scale of rounding."""
    for use in uses:
        budget = use.budget
        if budget.amount is not None:
            yield Reading("budget", budget.name, "max", budget.amount, use.used, scale=all_cash, period=use.period)
        if budget.at_least is not None:
            yield Reading("budget", budget.name, "min", budget.at_least, use.used, scale=all_cash, period=use.period)


def _stacked(selections: Sequence[CashSelection]) -> CashSelection:
    """Selections one above the other."""
    names = (field.name for field in fields(CashSelection))
    return CashSelection(**{name: np.array([getattr(one, name) for one in selections]) for name in names})


def _ones(flags: Iterable[bool]) -> Floats:
    return np.array([1.0 if flag else 0.0 for flag in flags])
