"""Many replications of a plan, lived through period by period at once."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from allocator.evaluation import staffing
from allocator.evaluation.arrays import Floats, Ints
from allocator.evaluation.flows import over
from allocator.evaluation.simulation.capacity import Demand, assign
from allocator.evaluation.simulation.luck import Luck
from allocator.evaluation.simulation.stages import Journey, Stage, with_leaving


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over replications (customers, hours, service), and money of each (the first three)."""

    margin: Floats
    cost: Floats
    terminal: Floats
    customers: Floats
    """[S,T+1], as is its sum of squares."""
    customers_squared: Floats
    hours: Floats
    """[R,T] used, as are the next three."""
    hours_squared: Floats
    shortfall: Floats
    short: Floats
    """Replications with a shortfall."""
    planned: Floats
    """[S,T] customers who should get effort, as is ``given``, who do."""
    given: Floats

    @classmethod
    def empty(cls, journey: Journey, size: int) -> Tally:
        """Zeros for ``size`` replications."""
        instance = journey.instance
        segments, resources, periods = len(instance.segments), len(instance.resources.names), instance.horizon
        shapes: dict[str, tuple[int, ...]] = dict.fromkeys(("margin", "cost", "terminal"), (size,))
        shapes |= dict.fromkeys(("customers", "customers_squared"), (segments, periods + 1))
        shapes |= dict.fromkeys(("hours", "hours_squared", "shortfall", "short"), (resources, periods))
        shapes |= dict.fromkeys(("planned", "given"), (segments, periods))
        return cls(**{name: np.zeros(shape) for name, shape in shapes.items()})

    def __add__(self, other: Tally) -> Tally:
        """Replications of both, in order."""
        joined = {}
        for field in fields(self):
            one, two = getattr(self, field.name), getattr(other, field.name)
            joined[field.name] = np.concatenate([one, two]) if one.ndim == 1 else one + two
        return Tally(**joined)

    def sorted_by(self, places: Ints) -> Tally:
        """The same with the replication that stands at i put at ``places[i]``."""
        order = np.argsort(places)
        return replace(self, margin=self.margin[order], cost=self.cost[order], terminal=self.terminal[order])


class Lives:
    """B replications on their way through the periods."""

    def __init__(self, journey: Journey, luck: Luck, size: int, random: np.random.Generator) -> None:
        self._journey = journey
        self._instance = journey.instance
        self._luck = luck
        self._random = random
        self._customers = self._rounded(np.broadcast_to(self._instance.customers, (size, len(self._instance.segments))))
        self._stock = np.zeros((size, len(self._instance.channels.names)))
        self._tally = Tally.empty(journey, size)

    def live(self) -> Tally:
        """Live through the horizon."""
        instance = self._instance
        for period, stage in enumerate(self._journey.stages):
            self._count(period)
            demand = self._demand(stage, period)
            chance, margin = self._answers(stage, period)
            self._earn(demand, margin, period)
            self._pay(demand, period)
            self._move(demand, chance)
        self._count(instance.horizon)
        left = self._customers * instance.terminal * instance.weights[-1]
        self._tally.terminal[:] = (left * self._shock(instance.horizon)).sum(axis=1)
        return self._tally

    def _rounded(self, amounts: Floats) -> Ints:
        """Whole numbers with the given means."""
        return np.asarray(np.floor(amounts + self._random.random(amounts.shape)), dtype=np.int64)

    def _shock(self, period: int) -> Floats:
        """Factor on what each segment earns, [B,S] or [1,1]."""
        return np.ones((1, 1)) if self._luck.factor is None else self._luck.factor[:, :, period]

    def _count(self, period: int) -> None:
        self._tally.customers[:, period] = self._customers.sum(axis=0)
        self._tally.customers_squared[:, period] = (self._customers.astype(float) ** 2).sum(axis=0)

    def _new_customers(self, stock: Floats) -> Floats:
        """Mean new customers of each channel, [B,C]."""
        every = np.tile(np.arange(stock.shape[1]), stock.shape[0])
        answer = self._instance.channels.curves.value(every, stock.ravel()).reshape(stock.shape)
        return np.maximum(answer if self._luck.channel is None else answer * self._luck.channel, 0.0)

    def _demand(self, stage: Stage, period: int) -> Demand:
        """Who should be treated and who arrives, and then what fits."""
        instance, size = self._instance, self._customers.shape[0]
        counts = assign(stage, self._customers, self._random.random(self._customers.shape))
        planned = self._journey.spend[:, period]
        spend = np.tile(planned, (size, 1))
        carried = instance.channels.carryover * self._stock
        mean = self._new_customers(spend + carried)
        arrivals = self._random.poisson(mean[:, :, None] * instance.channels.into)
        demand = Demand(instance, stage, counts, spend, arrivals)
        self._note(demand, period, self._tally.planned)
        asked, most = demand.hours(), self._journey.capacity.most[:, period]
        short = over(asked, most)
        self._tally.shortfall[:, period] = np.where(short, asked - most, 0.0).sum(axis=0)
        self._tally.short[:, period] = short.sum(axis=0)
        demand.fit(most)
        self._stock = demand.spend + carried
        if (demand.spend != planned).any():
            less = self._new_customers(self._stock)
            share = np.divide(less, mean, out=np.ones_like(mean), where=mean > 0.0)
            demand.arrivals = self._random.binomial(demand.arrivals, np.minimum(share, 1.0)[:, :, None])
        self._note(demand, period, self._tally.given)
        return demand

    def _note(self, demand: Demand, period: int, table: Floats) -> None:
        """Add up the customers with effort by segment."""
        totals = (demand.counts.sum(axis=0) * demand.stage.treated).astype(float)
        np.add.at(table[:, period], demand.stage.segment, totals)

    def _earn(self, demand: Demand, margin: Floats, period: int) -> None:
        """Margin of the period; ``margin`` is [J] or [B,J] per customer."""
        shock = np.broadcast_to(self._shock(period), self._customers.shape)[:, demand.stage.segment]
        earned = (demand.counts * margin * shock).sum(axis=1)
        self._tally.margin[:] += self._instance.weights[period] * earned

    def _pay(self, demand: Demand, period: int) -> None:
        """Hours and money of the period."""
        instance, used = self._instance, demand.hours()
        self._tally.hours[:, period] = used.sum(axis=0)
        self._tally.hours_squared[:, period] = (used**2).sum(axis=0)
        met = staffing.dispatch(instance, self._journey.capacity.at(period), used.T)
        resources, channels = instance.resources, instance.channels
        cost = demand.counts @ demand.stage.cost + used @ resources.unit_cost + self._setups(demand)
        cost += resources.overtime_cost @ met.overtime + resources.partner_cost @ met.partner
        cost += demand.spend @ channels.money.astype(float) + (demand.spend > 0.0) @ channels.fixed
        self._tally.cost[:] += instance.weights[period] * (cost + self._journey.fixed_cost[period])

    def _setups(self, demand: Demand) -> Floats:
        """Set-up money of each replication, [B]."""
        setup, size = self._instance.levers.setup, len(self._instance.segments)
        total = np.zeros(demand.counts.shape[0])
        for lever in np.flatnonzero(setup > 0.0):
            users = np.flatnonzero(demand.stage.efforts[:, lever] > 0.0)
            active = np.zeros((total.size, size), dtype=bool)
            for k in users:
                active[:, demand.stage.segment[k]] |= demand.counts[:, k] > 0
            total += setup[lever] * active.sum(axis=1)
        return total

    def _answers(self, stage: Stage, period: int) -> tuple[Floats, Floats]:
        """Chances [J,D+1] and margin [J]; with [B,...] in front where each replication has its own curves."""
        lever = self._luck.lever
        if lever is None:
            return self._kept(stage.probability, stage, period), stage.margin
        size, width = lever.shape[0], stage.segment.size
        boosts = (lever[:, None, :] * stage.boosts[None, :, :]).reshape(size * width, -1)
        segment = np.tile(stage.segment, size)
        periods = np.full(segment.size, period + 1)
        found = self._instance.response.coefficients(segment, periods, np.tile(stage.efforts, (size, 1)), boosts)
        margin = np.where(self._instance.ours[segment], found.margin, 0.0)
        chance = with_leaving(found.probability).reshape(size, width, -1)
        return self._kept(chance, stage, period), margin.reshape(size, width)

    def _kept(self, chance: Floats, stage: Stage, period: int) -> Floats:
        """Chances with the shocks' factors on the odds of staying with us of customers of ours."""
        if self._luck.keep is None:
            return chance
        owned = np.append(self._instance.ours, False)
        origin = stage.segment
        staying = owned[self._instance.destinations[origin]] & owned[origin][:, None]
        staying = np.concatenate([staying, np.zeros((origin.size, 1), dtype=bool)], axis=1)
        shocked = chance * np.where(staying, self._luck.keep[:, origin, period, None], 1.0)
        return np.asarray(shocked / shocked.sum(axis=-1, keepdims=True), dtype=float)

    def _move(self, demand: Demand, chance: Floats) -> None:
        """Move everyone by chance, and let new customers in."""
        instance = self._instance
        moved = self._random.multinomial(demand.counts, chance)[:, :, :-1]
        arrived = np.zeros((demand.counts.shape[0], len(instance.segments) + 1), dtype=np.int64)
        for j, segment in enumerate(demand.stage.segment.tolist()):
            arrived[:, instance.destinations[segment]] += moved[:, j]
        self._customers = arrived[:, :-1] + demand.arrivals.sum(axis=1)
