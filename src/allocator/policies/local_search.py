"""What a good numerical optimiser finds from where it stands: SLSQP on the exact model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import Bounds, NonlinearConstraint, minimize

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Floats, Ints
from allocator.policies.base import NotApplicable
from allocator.policies.exact_model import ExactModel, Values
from allocator.policies.mechanics import Period, Setting
from allocator.policies.mechanics.choice import best_draft, score
from allocator.policies.mechanics.commitments import Commitments, Ground
from allocator.policies.mechanics.walk import Draft, walk
from allocator.policies.proportional import EqualSplit

VARIABLES = 240
"""Most variables; beyond them, neighbouring periods share one amount. The method's work grows with their cube."""
ITERATIONS = 100
EVALUATIONS = 250
"""Points tried in all: at kinks, where levels mix, the method can go back and forth within a line search for long."""
TOLERANCE = 1e-7
MARGIN = 1e-4
"""Share of each limit that the search keeps clear of, because the method ends a hair beyond limits."""


@dataclass(frozen=True, slots=True)
class TowardsTarget:
    """Raise everything in step towards stated amounts [T,I], as far as hours and money go."""

    target: Floats

    def allot(self, period: Period) -> None:
        """Fill up to the target of the period."""
        period.fill(self.target[period.t], self.target[period.t])


@dataclass(frozen=True, slots=True)
class LocalSearch:
    """SLSQP from the current plan or from an equal split.

    Heads, programmes and which set-ups and channels are used stay as at the start. Levels are mixed: an
    average effort between two levels is some customers at each. What it finds is fitted to capacity and
    budgets, and never worse than its start.
    """

    start: Literal["current", "uniform"]

    @property
    def name(self) -> str:
        """``local_search_current`` or ``local_search_uniform``."""
        return f"local_search_{self.start}"

    @property
    def title(self) -> str:
        """For people."""
        origin = "the current plan" if self.start == "current" else "an equal split"
        return f"Local search from {origin}"

    def plan(self, scenario: Scenario) -> Plan:
        """Plan at a local optimum; NotApplicable where there is no current plan to start from."""
        if self.start == "current" and scenario.current_plan is None:
            raise NotApplicable("the scenario states no current_plan to start from")
        setting = Setting(scenario)
        start = _current(setting) if self.start == "current" else best_draft(setting, EqualSplit())
        found = walk(setting, start.commitments, TowardsTarget(_search(setting, start)))
        plans = [start.plan(), found.plan()]
        if self.start == "current" and scenario.current_plan is not None:
            plans.append(scenario.current_plan)
        return max(plans, key=lambda plan: score(setting, plan))


def _current(setting: Setting) -> Draft:
    """The current plan, fitted to capacity and budgets."""
    plan = setting.scenario.current_plan
    if plan is None:
        raise NotApplicable("the scenario states no current_plan to start from")
    arrays = setting.evaluator.arrays(plan)
    levers, channels = setting.instance.levers, setting.instance.channels
    total = np.zeros((setting.horizon, setting.segments, setting.levers))
    np.add.at(total, (arrays.period, arrays.segment), arrays.share[:, None] * arrays.efforts)
    shares = np.divide(total, levers.max, out=np.zeros_like(total), where=levers.max > 0.0).transpose(0, 2, 1)
    by_lever = shares.reshape(setting.horizon, setting.levers * setting.segments)
    target = np.concatenate([by_lever, (arrays.spend / channels.max[:, None]).T], axis=1)
    commitments = Commitments(arrays.heads, arrays.start, extra_hours=True)
    return walk(setting, commitments, TowardsTarget(np.clip(target, 0.0, 1.0)))


class _EnoughError(Exception):
    """As many points were tried as may be."""


class _Search:
    """The model as SLSQP wants it: one vector in, cached values out; ``best`` is the best vector within the limits."""

    def __init__(self, setting: Setting, start: Draft) -> None:
        ground = Ground(setting, start.commitments)
        self._model = ExactModel(setting, ground, start.amounts > 0.0)
        self._base = start.amounts
        self._variable = self._variables(setting, ground)
        self.low, self.high = self._ranges(setting)
        self.first = np.clip(self._mean(start.amounts), self.low, self.high)
        self._seen: tuple[bytes, Values] | None = None
        self._tried = 0
        self.best, self._most = self.first, -np.inf
        self.scale = max(abs(self.values(self.first).equity), 1e-9)

    def _variables(self, setting: Setting, ground: Ground) -> Ints:
        """[T,I] number of the variable that an amount follows, -1 for none."""
        levers, channels = setting.instance.levers, setting.instance.channels
        entry = np.concatenate([np.repeat(levers.setup, setting.segments), channels.fixed + channels.min]) > 0.0
        free = ~ground.locked.T & (~entry[None, :] | (self._base > 0.0))
        items = max(int(free.any(axis=0).sum()), 1)
        length = min(math.ceil(setting.horizon * items / VARIABLES), setting.horizon)
        block = np.arange(setting.horizon)[:, None] // length * setting.items + np.arange(setting.items)[None, :]
        numbers = np.unique(np.where(free, block, -1), return_inverse=True)[1].reshape(free.shape)
        return np.asarray(numbers - int(not free.all()), dtype=np.int64)

    def _ranges(self, setting: Setting) -> tuple[Floats, Floats]:
        channels = setting.instance.channels
        minimum = setting.item_amounts(np.zeros(setting.segments), channels.min / channels.max)
        least, most = np.maximum(setting.bounds.least.T, minimum[None, :]), setting.bounds.most.T
        low, high = np.zeros(self._count), np.ones(self._count)
        free = self._variable >= 0
        np.maximum.at(low, self._variable[free], least[free])
        np.minimum.at(high, self._variable[free], most[free])
        return np.minimum(low, high), high

    @property
    def _count(self) -> int:
        return int(self._variable.max(initial=-1)) + 1

    def _mean(self, amounts: Floats) -> Floats:
        free = self._variable >= 0
        total = np.bincount(self._variable[free], amounts[free], self._count)
        return np.asarray(total / np.maximum(np.bincount(self._variable[free], minlength=self._count), 1))

    def _collected(self, gradient: Floats) -> Floats:
        """Gradient [..., T, I] in the variables [..., N]."""
        flat = gradient.reshape(int(np.prod(gradient.shape[:-2])), self._variable.size)
        spread = np.zeros((self._count + 1, len(flat)))
        np.add.at(spread, self._variable.ravel(), flat.T)
        return spread[:-1].T

    def amounts(self, vector: Floats) -> Floats:
        """Amounts [T,I] of a vector of variables."""
        return np.where(self._variable >= 0, np.append(vector, 0.0)[self._variable], self._base)

    def values(self, vector: Floats) -> Values:
        key = vector.tobytes()
        if self._seen is None or self._seen[0] != key:
            if self._tried >= EVALUATIONS:
                raise _EnoughError
            self._tried += 1
            self._seen = key, self._model(self.amounts(np.clip(vector, self.low, self.high)))
            found = self._seen[1]
            if found.equity > self._most and float(found.left.min(initial=0.0)) >= 0.0:
                self.best, self._most = vector.copy(), found.equity
        return self._seen[1]

    def loss(self, vector: Floats) -> float:
        return -self.values(vector).equity / self.scale

    def loss_gradient(self, vector: Floats) -> Floats:
        return np.asarray(-self._collected(self.values(vector).equity_gradient)[0] / self.scale)

    def left(self, vector: Floats) -> Floats:
        return self.values(vector).left

    def left_gradient(self, vector: Floats) -> Floats:
        return self._collected(self.values(vector).left_gradient)


def _search(setting: Setting, start: Draft) -> Floats:
    """Amounts [T,I] at the end of the search."""
    search = _Search(setting, start)
    if not len(search.first):
        return start.amounts
    try:
        found = minimize(
            search.loss,
            search.first,
            jac=search.loss_gradient,
            method="SLSQP",
            bounds=Bounds(search.low, search.high),
            constraints=NonlinearConstraint(search.left, MARGIN, np.inf, jac=search.left_gradient),
            options={"maxiter": ITERATIONS, "ftol": TOLERANCE},
        ).x
    except _EnoughError:
        found = search.best
    return search.amounts(np.clip(np.nan_to_num(found), search.low, search.high))
