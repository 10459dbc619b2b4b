"""Budgets and rules of a scenario."""

from __future__ import annotations

from collections.abc import Iterable

from allocator.domain.checks.known import Known, check_name, check_names
from allocator.domain.errors import MistakeList, Path
from allocator.domain.resources import Fixed
from allocator.domain.rules import (
    Active,
    BaseRule,
    Change,
    Coverage,
    Customers,
    Effort,
    Headcount,
    Receivables,
    Uniform,
)
from allocator.domain.scenario import Budget, Scenario
from allocator.domain.selection import Where


def check_budgets(scenario: Scenario, known: Known, found: MistakeList) -> None:
    """Names, functions, places and periods of the budgets."""
    model = known.model
    seen: set[str] = set()
    for index, budget in enumerate(scenario.budgets):
        path: Path = ("scenario", "budgets", index)
        if budget.name in seen:
            found.add((*path, "name"), f"there are two budgets `{budget.name}`", expected="a name of its own")
        seen.add(budget.name)
        for key, kind, names, of_kind in (
            ("function", "function", budget.function, known.functions),
            ("levers", "lever", budget.levers, model.levers),
            ("channels", "channel", budget.channels, model.channels),
            ("resources", "resource", budget.resources, model.resources),
            ("programmes", "programme", budget.programmes, model.programmes),
        ):
            check_names(found, (*path, key), kind, names or (), of_kind)
        _check_budget_where(known, found, path, budget)
        _check_periods(found, (*path, "periods"), budget.periods, scenario.horizon)


def _check_budget_where(known: Known, found: MistakeList, path: Path, budget: Budget) -> None:
    """A budget may be for a place where only channels or resources are."""
    model = known.model
    elsewhere: list[Where] = [channel.where for channel in model.channels.values()]
    elsewhere += [{"unit": (resource.unit,)} for resource in model.resources.values() if resource.unit]
    if not any(budget.where == where for where in elsewhere):
        known.check_where(found, (*path, "where"), budget.where)


def check_rules(scenario: Scenario, known: Known, found: MistakeList) -> None:
    """Names, places, periods and what each kind of rule needs."""
    for index, rule in enumerate(scenario.rules):
        path: Path = ("scenario", "rules", index)
        known.check_where(found, (*path, "where"), rule.where)
        last = scenario.horizon + 1 if isinstance(rule, Customers) else scenario.horizon
        _check_periods(found, (*path, "periods"), rule.periods, last)
        _check_subject(known, found, path, rule)
        if isinstance(rule, Change) and scenario.current_plan is None:
            found.add((*path, "rule"), "`change` needs a `current_plan` to compare with", expected="`current_plan`")
        if isinstance(rule, Receivables):
            _check_receivables(known, found, path, rule)


def _check_subject(known: Known, found: MistakeList, path: Path, rule: BaseRule) -> None:
    """The lever, channels or resources that a rule speaks of."""
    model = known.model
    if isinstance(rule, (Coverage, Effort, Uniform, Active, Change)) and rule.lever is not None:
        known_lever = check_name(found, (*path, "lever"), "lever", rule.lever, model.levers)
        if known_lever and isinstance(rule, Coverage) and rule.min_effort > model.levers[rule.lever].effort.max:
            limit = f"at most {model.levers[rule.lever].effort.max:g}, the lever's largest effort"
            found.add((*path, "min_effort"), f"`min_effort` {rule.min_effort:g} is out of reach", expected=limit)
    if isinstance(rule, Active) and rule.channels is not None:
        check_names(found, (*path, "channels"), "channel", rule.channels, model.channels)
    if isinstance(rule, Headcount):
        labour = [name for name, resource in model.resources.items() if not isinstance(resource, Fixed)]
        check_names(found, (*path, "resources"), "labour resource", rule.resources, labour)


def _check_receivables(known: Known, found: MistakeList, path: Path, rule: Receivables) -> None:
    selected = [segment for segment in known.selected(rule.where) if segment.ours]
    if not any(segment.revenue is not None and segment.collection_days is not None for segment in selected):
        message = "no segment of ours that it selects has both `revenue` and `collection_days`"
        found.add((*path, "rule"), message, expected="these columns in segments.csv")


def _check_periods(found: MistakeList, path: Path, periods: Iterable[int] | None, last: int) -> None:
    seen: set[int] = set()
    for index, period in enumerate(periods or ()):
        if period > last:
            found.add((*path, index), f"period {period} is beyond the horizon", expected=f"1 to {last}")
        if period in seen:
            found.add((*path, index), f"period {period} is given twice")
        seen.add(period)
