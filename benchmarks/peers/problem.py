"""A scenario of channels as the arrays that peers get, and a peer's plan as the evaluation sees it."""

from __future__ import annotations

import math
from typing import Any

from allocator.api import Plan, Scenario, evaluate
from allocator.domain.plan import ChannelSpend, Heads
from allocator.domain.rules import Active


def arrays(scenario: Scenario) -> dict[str, Any]:
    """The fields of the workers' `Cells`; every number in plain units."""
    channels = scenario.model.channels
    pools = list(scenario.model.resources)
    floors = {
        budget.channels[0]: budget.at_least
        for budget in scenario.budgets
        if budget.channels is not None and budget.at_least is not None
    }
    money = {budget.function: budget.amount for budget in scenario.budgets if budget.channels is None}
    staff = scenario.model.resources.values()
    curves = [channel.response for channel in channels.values()]
    return {
        **{key: [getattr(curve, key) for curve in curves] for key in ("low", "high", "half", "shape")},
        "lower": [floors.get(name, 0.0) for name in channels],
        "least": [channel.spend.min for channel in channels.values()],
        "most": [channel.spend.max for channel in channels.values()],
        "fixed": [channel.spend.fixed for channel in channels.values()],
        "pool": [-1 if channel.input == "money" else pools.index(channel.input) for channel in channels.values()],
        "marketing": [channel.function == "marketing" for channel in channels.values()],
        "money": money[None],
        "marketing_money": money.get(("marketing",), math.inf),
        "active": next((rule.max for rule in scenario.rules if isinstance(rule, Active)), 0),
        "hours": [resource.hours for resource in staff],
        "wage": [resource.wage for resource in staff],
        "heads": [resource.headcount + (resource.hire.max if resource.hire else 0) for resource in staff],
    }


def judged(scenario: Scenario, efforts: list[float]) -> tuple[float, tuple[str, ...]]:
    """(sum of new customers, limits broken) of a peer's efforts, on the exact curves."""
    channels = scenario.model.channels
    spend = tuple(
        ChannelSpend(channel=name, period=1, spend=effort)
        for name, effort in zip(channels, efforts, strict=True)
        if effort > 0
    )
    heads = []
    for name, resource in scenario.model.resources.items():
        hours = sum(effort for effort, channel in zip(efforts, channels.values(), strict=True) if channel.input == name)
        heads.append(Heads(resource=name, period=1, headcount=math.ceil(hours / resource.hours - 1e-9)))
    evaluation = evaluate(scenario, Plan(spend=spend, heads=tuple(heads)))
    return new_customers(evaluation), (*map(str, evaluation.violations), *evaluation.scaled)


def new_customers(evaluation: Any) -> float:
    return float(evaluation.tables.channels["new_customers"].sum())
