"""Step by step, whatever earns most per unit of the scarcest thing it takes; far-sighted or for one period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.policies.mechanics import Period, Setting, best_plan

STEPS = 8
"""Steps into which a continuous range is cut."""
KEEN = 0.9
"""Steps within this factor of the best one's return are taken in the same round."""
ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Moves:
    """Possible next steps: raise an item to a target (share of its range), for a gain in money."""

    item: Ints
    target: Floats
    gain: Floats


class BestStepsFirst:
    """Take the steps with the highest gain per unit of the scarcest thing they need, until none gains.

    The scarcest thing of a step is the hours, money or contacts of which it takes the largest share of what
    is left. A step may leap over an unprofitable stretch of an S-shaped curve. Efforts of other levers are
    taken as they stand; customers count with what they are worth a period later, see ``value``.
    """

    def __init__(self, setting: Setting, value: Floats) -> None:
        self._setting = setting
        self._value = value
        """[S,T+1] worth of a customer from the start of a period on, in that period's money."""
        self._lever, self._segment, self._target = _candidates(setting)

    def allot(self, period: Period) -> None:
        """Take steps until none of them gains or fits."""
        stuck = np.zeros(self._setting.items, dtype=bool)
        for _ in range(ROUNDS):
            moves = self._moves(period, stuck)
            returns = self._returns(period, moves)
            if not len(returns) or float(returns.max()) <= 0.0:
                return
            taken: set[int] = set()
            for index in np.lexsort((-moves.target, -returns)):
                if returns[index] < KEEN * returns.max():
                    break
                item = int(moves.item[index])
                place = self._place(item)
                if place not in taken:
                    taken.add(place)
                    stuck[item] = not period.raise_item(item, float(moves.target[index]))

    def _place(self, item: int) -> int:
        """Segment of a lever's item, or a number of its own for a channel: steps there depend on each other."""
        lever_items = self._setting.levers * self._setting.segments
        return item % self._setting.segments if item < lever_items else item

    def _moves(self, period: Period, stuck: Bools) -> Moves:
        levers, channels = self._lever_moves(period), self._channel_moves(period)
        item = np.concatenate([levers.item, channels.item])
        target = np.concatenate([levers.target, channels.target])
        gain = np.concatenate([levers.gain, channels.gain])
        possible = (gain > 0.0) & ~stuck[item] & (target > period.amount[item] + 1e-9)
        return Moves(item[possible], target[possible], gain[possible])

    def _lever_moves(self, period: Period) -> Moves:
        """Every allowed higher effort of every lever in every segment."""
        setting = self._setting
        item = self._lever * setting.segments + self._segment
        open_ = np.flatnonzero(period.most[item] > period.amount[item])
        item, lever, segment = item[open_], self._lever[open_], self._segment[open_]
        target = np.minimum(self._target[open_], period.most[item])
        efforts = self._efforts(period)
        raised = efforts[segment]
        raised[np.arange(len(segment)), lever] = target * setting.instance.levers.max[lever]
        every = np.arange(setting.segments)
        worth = self._worth(period, np.concatenate([every, segment]), np.concatenate([efforts, raised]))
        gained = (worth[setting.segments :] - worth[segment]) * period.customers[segment]
        return Moves(item, target, gained - np.where(period.used[item], 0.0, setting.instance.levers.setup[lever]))

    def _efforts(self, period: Period) -> Floats:
        """[S,L] average efforts so far."""
        setting = self._setting
        amounts = period.amount[: setting.levers * setting.segments].reshape(setting.levers, setting.segments)
        return np.asarray((amounts * setting.instance.levers.max[:, None]).T)

    def _worth(self, period: Period, segment: Ints, efforts: Floats) -> Floats:
        """[K] money that a customer brings from this period on, at the efforts [K,L], less their cost."""
        instance, t = self._setting.instance, period.t
        boosts = np.broadcast_to(period.ground.boosts[t], efforts.shape)
        given = instance.response.coefficients(segment, np.full(len(segment), t + 1), efforts, boosts)
        after = np.append(self._value[:, t + 1], 0.0)[instance.destinations[segment]]
        margin = np.where(instance.ours[segment], given.margin * instance.expected_factor[segment, t], 0.0)
        later = self._setting.scenario.calendar.beta * (given.probability * after).sum(axis=1)
        return np.asarray(margin + later - efforts @ instance.levers.cost)

    def _channel_moves(self, period: Period) -> Moves:
        setting, channels = self._setting, self._setting.instance.channels
        first = setting.levers * setting.segments
        index = np.tile(np.arange(setting.channels), STEPS)
        target = np.repeat(np.arange(1, STEPS + 1) / STEPS, setting.channels)
        target = np.clip(target, (channels.min / channels.max)[index], period.most[first + index])
        worth = setting.scenario.calendar.beta * (channels.into @ self._value[:, period.t + 1])
        before = period.usage.arrivals(period.amount)[index]
        stock = period.usage.stock(period.amount)[index] + (target - period.amount[first + index]) * channels.max[index]
        after = channels.curves.value(index, stock)
        cash = np.where(channels.money, channels.max, 0.0)[index] * (target - period.amount[first + index])
        cash += np.where(period.used[first + index], 0.0, channels.fixed[index])
        return Moves(first + index, target, (after - before) * worth[index] - cash)

    def _returns(self, period: Period, moves: Moves) -> Floats:
        """[K] gain per share of the scarcest thing that is left; -1 for what needs something used up."""
        left = np.maximum(period.usage.room - period.usage.load(period.amount, period.used), 0.0)
        rise = moves.target - period.amount[moves.item]
        taken = period.usage.burden[:, moves.item] * rise[None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(taken > 0.0, taken / left[:, None], 0.0)
        scarcest = share.max(axis=0, initial=1e-12)
        return np.where(np.isinf(scarcest), -1.0, moves.gain / scarcest)


def _candidates(setting: Setting) -> tuple[Ints, Ints, Floats]:
    """Lever, segment and target (share of the lever's range) of every step there may be."""
    levers = setting.instance.levers
    steps = [np.arange(1, STEPS + 1) / STEPS if x is None else x[x > 0.0] / x[-1] for x in levers.levels]
    reached = [np.flatnonzero(reaches) for reaches in levers.reaches]
    pairs = list(zip(steps, reached, strict=True))
    lever = [np.full(len(step) * len(there), index) for index, (step, there) in enumerate(pairs)]
    segment = [np.repeat(there, len(step)) for step, there in pairs]
    target = [np.tile(step, len(there)) for step, there in pairs]
    none = np.zeros(0, dtype=np.int64)
    return np.concatenate([none, *lever]), np.concatenate([none, *segment]), np.concatenate([np.zeros(0), *target])


@dataclass(frozen=True, slots=True)
class Greedy:
    """Marginal customer equity per unit of the scarcest resource, customers at their untreated value."""

    name: str = "greedy"
    title: str = "Greedy by equity per scarce unit"

    def plan(self, scenario: Scenario) -> Plan:
        """Plan made of the best steps, period by period."""
        return best_plan(scenario, lambda setting: BestStepsFirst(setting, setting.value))


@dataclass(frozen=True, slots=True)
class Myopic:
    """The same steps, judged by this period's and the next one's profit only."""

    name: str = "myopic"
    title: str = "Best next period's profit"

    def plan(self, scenario: Scenario) -> Plan:
        """Plan that looks one period ahead."""
        return best_plan(scenario, lambda setting: BestStepsFirst(setting, next_margin(setting)))


def next_margin(setting: Setting) -> Floats:
    """[S,T+1] what a customer earns in one period with no lever applied; after the horizon what they earned last."""
    instance = setting.instance
    earned = instance.baseline.margin * instance.ours[:, None] * instance.expected_factor[:, :-1]
    return np.concatenate([earned, earned[:, -1:]], axis=1)
