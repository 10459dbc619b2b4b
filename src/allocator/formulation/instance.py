"""A scenario as index sets and arrays, and the units in which the program is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocator.domain.curves import Points
from allocator.domain.evaluation import Evaluation
from allocator.domain.model import Channel, Lever, Model, Programme, Segment
from allocator.domain.scenario import Scenario
from allocator.domain.selection import Where, matches
from allocator.response.scalar import value_at
from allocator.response.table import ResponseTable
from allocator.uncertainty import ShockSet, shock_set

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Units:
    """One unit of the program in natural units, so that multiplying all money or all customers changes nothing.

    ``customers`` is near the size of a segment, ``money`` a thousandth of what all customers are worth.
    """

    customers: float
    money: float


class Instance:
    """Index sets, arrays and units of one scenario. Read-only after construction.

    Segments are indexed 0..S-1, levers 0..L-1; periods keep their numbers 1..T. Where treatments adapt to
    shocks, ``branches`` are the shock scenarios side by side: segment s of scenario w has index w S + s.
    """

    branches: tuple[Instance, ...] = ()

    def __init__(self, scenario: Scenario, current: Evaluation | None = None) -> None:
        self.scenario = scenario
        self.current = current
        """The current plan's consequences, for `change`; None where there is no current plan."""
        self.model: Model = scenario.model
        self.table = ResponseTable(scenario.model)
        self.segments: tuple[Segment, ...] = scenario.model.segments
        self.levers: tuple[Lever, ...] = tuple(scenario.model.levers.values())
        self.lever_names: tuple[str, ...] = tuple(scenario.model.levers)
        self.channels: dict[str, Channel] = dict(scenario.model.channels)
        self.programmes: dict[str, Programme] = dict(scenario.model.programmes)
        self.horizon: int = scenario.horizon
        self.periods: range = range(1, scenario.horizon + 1)
        self.weights: Floats = np.array(scenario.calendar.weights())
        self.terminal: Floats = np.asarray(self.table.terminal_values(scenario), dtype=np.float64)
        self.shocks: ShockSet | None = shock_set(scenario)
        self.units = _units(self)

    def alone(self, number: int) -> Instance:
        """The same with one shock scenario for certain, its margins and its transitions."""
        assert self.shocks is not None, "asked where there are shocks"
        return self.certain(self.shocks.alone(number))

    def certain(self, shocks: ShockSet) -> Instance:
        """The same with one shock scenario, for certain."""
        found = self._fresh()
        found.shocks = shocks
        if shocks.keep_factor is not None:
            found.table = self.table.under(shocks.keep_factor)
        return found

    def meeting(self, shocks: ShockSet) -> Instance:
        """The same with other shock scenarios."""
        found = self._fresh()
        found.shocks = shocks
        return found

    def average(self) -> Instance:
        """The same with the mean of all shock scenarios for certain."""
        assert self.shocks is not None, "asked where there are shocks"
        rows = np.stack([self.table.baseline(period) for period in self.periods], axis=2)
        return self.certain(self.shocks.average(np.minimum(rows[:, self.ours].sum(axis=1), 1.0)))

    def fan(self) -> Instance:
        """Every shock scenario side by side."""
        assert self.shocks is not None, "asked where there are shocks"
        found = self._fresh()
        copies = len(self.shocks.names)
        found.branches = tuple(self.alone(number) for number in range(copies))
        found.segments = self.segments * copies
        found.model = self.model.model_copy(update={"segments": found.segments})
        found.terminal = np.tile(self.terminal, copies)
        found.table = self.table.under(self.shocks.odds)
        return found

    def standing(self) -> Instance:
        """One branch, without shocks, that stands for every shock scenario where only commitments are asked for."""
        assert self.shocks is not None, "asked where there are shocks"
        found = self._fresh()
        calm = replace(self.shocks.alone(0), factor=np.ones((1, *self.shocks.factor.shape[1:])), keep_factor=None)
        found.branches = (self.certain(calm),)
        return found

    @property
    def probabilities(self) -> Floats:
        """[W] of the shock scenarios."""
        assert self.shocks is not None, "asked where there are shocks"
        return self.shocks.probability

    def _fresh(self) -> Instance:
        """A copy without what has been worked out from segments and shocks."""
        found = copy(self)
        for name in ("customers_now", "margins", "ours", "reaches", "mean_factor"):
            found.__dict__.pop(name, None)
        return found

    @cached_property
    def segment_index(self) -> dict[str, int]:
        """Segment name -> index."""
        return {segment.name: index for index, segment in enumerate(self.segments)}

    @cached_property
    def lever_index(self) -> dict[str, int]:
        """Lever name -> index."""
        return {name: index for index, name in enumerate(self.lever_names)}

    @cached_property
    def reaches(self) -> NDArray[np.bool_]:
        """[L, S] whether a lever reaches a segment."""
        return np.asarray(self.table.reaches, dtype=bool)

    @cached_property
    def customers_now(self) -> Floats:
        """[S] customers at the start of period 1."""
        return np.array([segment.customers for segment in self.segments], dtype=np.float64)

    @cached_property
    def margins(self) -> Floats:
        """[S] margin per customer and period with no lever applied."""
        return np.array([segment.margin for segment in self.segments], dtype=np.float64)

    @cached_property
    def ours(self) -> NDArray[np.bool_]:
        """[S] whether the segment's customers are ours."""
        return np.array([segment.ours for segment in self.segments], dtype=bool)

    @cached_property
    def mean_factor(self) -> Floats:
        """[S, T+1] expected shock factor; 1 without shocks."""
        if self.shocks is None:
            return np.ones((len(self.segments), self.horizon + 1))
        return np.asarray(np.einsum("w,wst->st", self.shocks.probability, self.shocks.factor))

    @cached_property
    def largest_answer(self) -> dict[str, float]:
        """Channel -> most new customers it can bring in one period."""
        return {
            name: max(value_at(channel.response, stock) for stock in _turns(channel, self.largest_stock[name]))
            for name, channel in self.channels.items()
        }

    @cached_property
    def largest_stock(self) -> dict[str, float]:
        """Channel -> largest stock within the horizon, in units of spend."""
        return {
            name: channel.spend.max * sum(channel.carryover**lag for lag in range(self.horizon))
            for name, channel in self.channels.items()
        }

    def selected(self, where: Where) -> list[int]:
        """Indices of the segments that ``where`` selects."""
        return [index for index, segment in enumerate(self.segments) if matches(where, segment.tags)]

    def rule_periods(self, periods: Sequence[int] | None) -> Iterable[int]:
        """The periods a rule or budget holds in; default all."""
        return self.periods if periods is None else periods

    def serving(self, pool: str, segment: int) -> str | None:
        """The resource that gives a segment the hours or units of a pool."""
        return self.model.serving(pool, self.segments[segment].unit)


def _turns(channel: Channel, largest: float) -> list[float]:
    """Stocks from 0 to ``largest`` among which the answer is largest; between measured points it may fall again."""
    measured = channel.response.efforts if isinstance(channel.response, Points) else ()
    return [0.0, largest, *(stock for stock in measured if stock < largest)]


def _units(instance: Instance) -> Units:
    sizes = instance.customers_now
    answers = sum(instance.largest_answer.values())
    worth = np.abs(instance.margins) + np.abs(instance.terminal)
    value = float(sizes @ worth) + answers * float(worth.max())
    crowded = max(1, int(np.count_nonzero(sizes)))
    return Units(customers=(float(sizes.sum()) + answers) / crowded or 1.0, money=value / 1000.0 or 1.0)
