"""A scenario as the mechanics see it: items that take effort or spend, and what customers are worth untreated.

Items are what a rule decides on: every lever in every segment, then every channel; item ``l * S + s`` is
lever l in segment s, item ``L * S + c`` is channel c. An item's amount is a share of its range: average
effort per customer over the lever's maximum, or spend over the channel's maximum.
"""

from __future__ import annotations

import numpy as np

from allocator.domain.rules import Change
from allocator.domain.scenario import Scenario
from allocator.evaluation import Evaluator
from allocator.evaluation.arrays import Floats
from allocator.evaluation.instance import Instance
from allocator.policies.mechanics.bounds import Bounds
from allocator.policies.mechanics.money import MoneyLimit, money_limits


class Setting:
    """Arrays of a scenario that do not depend on the plan. Segments S, levers L, channels C, periods T.

    A scenario that asks for recourse is planned here as one fixed plan, like any other.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario.model_copy(update={"risk": scenario.risk.with_one_plan()})
        self.evaluator = Evaluator(self.scenario)
        self.instance: Instance = self.evaluator.instance
        self.segments = len(self.instance.segments)
        self.levers = len(self.instance.levers.names)
        self.channels = len(self.instance.channels.names)
        self.horizon = self.instance.horizon
        self.items = self.levers * self.segments + self.channels
        self.money: tuple[MoneyLimit, ...] = money_limits(self.instance)
        self.value: Floats = self._value()
        """[S,T+1] what a customer is worth from the start of a period on if no lever is ever applied, in
        that period's money; with `terminal: baseline` it is the customer lifetime value in every period."""
        self.potential: Floats = self.instance.channels.curves.value(
            np.arange(self.channels), self.instance.channels.max
        )
        """[C] new customers at a channel's largest spend."""
        self.bounds = Bounds(self.instance, self._current_efforts())

    def lever_items(self, table: Floats) -> Floats:
        """Put a table [L,S] over levers and segments where its items are, [I]; 0 for channels."""
        return np.concatenate([table.ravel(), np.zeros(self.channels)])

    def item_amounts(self, per_segment: Floats, per_channel: Floats) -> Floats:
        """The same number for every lever of a segment [S], and one per channel [C], as [I]."""
        return np.concatenate([np.tile(per_segment, self.levers), per_channel])

    def _value(self) -> Floats:
        """Backwards: V_t = margin where the customers are ours + beta P_t V_(t+1), the terminal value last."""
        instance = self.instance
        beta = self.scenario.calendar.beta
        value = np.zeros((self.segments, self.horizon + 1))
        value[:, -1] = instance.terminal * instance.expected_factor[:, -1]
        for t in reversed(range(self.horizon)):
            after = np.append(value[:, t + 1], 0.0)[instance.destinations]
            later = np.einsum("sd,sd->s", instance.baseline.probability[t], after)
            earned = instance.baseline.margin[:, t] * instance.ours * instance.expected_factor[:, t]
            value[:, t] = earned + beta * later
        return value

    def _current_efforts(self) -> Floats | None:
        """[L,S,T] average effort per customer in the current plan, where a rule refers to it."""
        plan = self.scenario.current_plan
        if plan is None or not any(isinstance(rule, Change) for rule in self.scenario.rules):
            return None
        trajectory = self.evaluator.run(plan)
        customers = trajectory.flow.customers[:, :-1]
        total = trajectory.effort.total
        return np.divide(total, customers[None], out=np.zeros_like(total), where=customers[None] > 0.0)
