"""Whether money spent on nothing could meet a requirement.

A set-up or the fixed cost of a channel is paid where effort or spend is above 0, however little. Nobody pays it
for nothing, unless a requirement asks for spending: then a switch that is on stands for some effort or spend.
"""

from __future__ import annotations

from allocator.domain.rules import BaseRule, Concentration, SpendRule
from allocator.domain.scenario import Scenario

LEAST = 2e-6
"""Part of the customers, or of the largest spend, that is enough for a switch to be on."""


def may_pay(scenario: Scenario) -> bool:
    """Whether a requirement asks for spending, or for some of it to earn less."""
    return any(budget.at_least for budget in scenario.budgets) or any(map(_asks, scenario.rules))


def _asks(rule: BaseRule) -> bool:
    if isinstance(rule, SpendRule):
        return bool(rule.min or rule.min_share) or rule.max_share is not None
    return isinstance(rule, Concentration)
