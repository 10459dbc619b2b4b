"""Budgets: limits on selected cash.

budget  sum of the cash selected in the periods <= amount   (>= at_least)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from math import inf

from allocator.domain.scenario import Budget
from allocator.domain.selection import Where, matches, where_within
from allocator.formulation.entries import CashItem
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Limit
from allocator.formulation.terms import Terms


def constrain(ledger: Ledger) -> None:
    """Write one row per budget and side, or one per period with `per: period`."""
    by_name: dict[str, list[CashItem]] = defaultdict(list)
    for item in ledger.cash:
        by_name[item.name].append(item)
    for number, budget in enumerate(ledger.instance.scenario.budgets):
        periods = list(ledger.instance.rule_periods(budget.periods))
        candidates = ledger.cash if (names := _names(budget)) is None else [i for n in names for i in by_name[n]]
        chosen = set(ledger.instance.selected(budget.where))
        counted = [(item.period, _part(budget, item, chosen)) for item in candidates if counts(ledger, budget, item)]
        groups: list[tuple[int | None, list[int]]] = [(None, periods)]
        if budget.per == "period":
            groups = [(t, [t]) for t in periods]
        for period, group in groups:
            spent = Terms()
            for t, terms in counted:
                if t in group:
                    spent.extend(terms)
            _rows(ledger, number, budget, period, spent)


def _rows(ledger: Ledger, number: int, budget: Budget, period: int | None, spent: Terms) -> None:
    path = ("scenario", "budgets", number)
    ledger.gauge(budget.name, period, spent)
    if budget.amount is not None:
        limit = Limit("budget", (*path, "amount"), budget.name, "max", budget.amount, "money", period=period)
        ledger.limit(limit, (number, period, "max"), spent, budget.amount)
    if budget.at_least is not None:
        limit = Limit("budget", (*path, "at_least"), budget.name, "min", budget.at_least, "money", period=period)
        ledger.limit(limit, (number, period, "min"), spent, budget.at_least)


def _part(budget: Budget, item: CashItem, chosen: Set[int]) -> Terms:
    """What counts of a cash item, ``chosen`` being the segments that the budget selects."""
    return item.terms if item.segments is None or not budget.where else item.on(chosen)


_NAMES = {"lever": "levers", "setup": "levers", "channel": "channels", "programme": "programmes"}


def _names(budget: Budget) -> list[str] | None:
    """What a budget names, each once; None where it names nothing."""
    lists = (budget.levers, budget.channels, budget.resources, budget.programmes)
    if all(names is None for names in lists):
        return None
    return list(dict.fromkeys(name for names in lists for name in names or ()))


def counts(ledger: Ledger, budget: Budget, item: CashItem) -> bool:
    """Whether a cash item counts towards a budget (its periods apart)."""
    if budget.function is not None and item.function not in budget.function:
        return False
    lists = {key: getattr(budget, key) for key in ("levers", "channels", "resources", "programmes")}
    if any(names is not None for names in lists.values()):
        named = lists[_NAMES.get(item.kind, "resources")]
        if named is None or item.name not in named:
            return False
    return not budget.where or located(budget.where, item)


def most_effort(ledger: Ledger, lever: int, period: int) -> float:
    """The most effort of a lever that budgets pay for in a period, if they pay for nothing else."""
    instance = ledger.instance
    name, cost = instance.lever_names[lever], instance.levers[lever].cost
    item = CashItem("lever", name, instance.levers[lever].function, period, Terms())
    amounts = [
        budget.amount
        for budget in instance.scenario.budgets
        if budget.amount is not None
        and not budget.where
        and period in instance.rule_periods(budget.periods)
        and counts(ledger, budget, item)
    ]
    return min(amounts) / cost if amounts and cost else inf


def located(where: Where, item: CashItem) -> bool:
    """Whether ``where`` may cover a cash item, of segments a part: channels and resources by their own tags."""
    if item.segments is not None:
        return True
    if item.where is not None:
        return where_within(where, item.where)
    if item.unit is not None:
        return set(where) == {"unit"} and matches(where, {"unit": item.unit})
    return False
