"""Levers: their cash, their set-up, and the hours they take.

usage  reached[l,0,s,t] <= reachable[s,t] x usage[l,s,t]              (where there is a set-up)
used   reached[l,0,s,t] >= least x reachable[s,t] x usage[l,s,t]      (where a requirement asks for spending, too)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from allocator.domain.errors import InternalError
from allocator.formulation import idle
from allocator.formulation.entries import CashItem
from allocator.formulation.ledger import Ledger
from allocator.formulation.terms import Terms, Variable, single


def declare(ledger: Ledger) -> None:
    """Post every lever's cost, set-up and use of resources."""
    for index, name in enumerate(ledger.instance.lever_names):
        _cost(ledger, index)
        _hours(ledger, index, name)


def _cost(ledger: Ledger, index: int) -> None:
    lever = ledger.instance.levers[index]
    if lever.cost:
        _spend(ledger, index, "lever", lever.cost, ledger.account("effort", index).variables)
    if lever.setup:
        _spend(ledger, index, "setup", lever.setup, ledger.usage(index))
        if idle.may_pay(ledger.instance.scenario):
            _used(ledger, index)


def _used(ledger: Ledger, index: int) -> None:
    """Nobody pays for a set-up of which nobody gets anything."""
    reached = ledger.account("reached", index, 0.0).variables
    for (s, t), switch in ledger.usage(index).items():
        # Where nobody can be, the row asks for somebody all the same, or it would say nothing.
        least = idle.LEAST * ledger.reachable[s, t - 1] or ledger.instance.units.customers
        ledger.row("used", (index, s, t), single(reached[s, t]).add(-least, switch), ">=", 0.0)


def _spend(ledger: Ledger, index: int, kind: str, price: float, cells: Mapping[tuple[int, int], Variable]) -> None:
    """Post the cash of each period: a price per unit of what is in each of the cells (segment, period)."""
    name, function = ledger.instance.lever_names[index], ledger.instance.levers[index].function
    by_period: dict[int, tuple[list[int], list[Variable]]] = {t: ([], []) for t in ledger.instance.periods}
    for (s, t), variable in cells.items():
        segments, variables = by_period[t]
        segments.append(s)
        variables.append(variable)
    for t, (segments, variables) in by_period.items():
        terms = Terms([float(price)] * len(variables), variables)
        ledger.spend(CashItem(kind, name, function, t, terms, segments=segments))


def _hours(ledger: Ledger, index: int, name: str) -> None:
    instance = ledger.instance
    for pool, per_unit in instance.levers[index].uses.items():
        cells = ledger.load(index).variables
        serving = {s: instance.serving(pool, s) for s in {s for s, _ in cells}}
        for s, resource in serving.items():
            if resource is None:
                raise InternalError(f"no resource of pool {pool} serves {instance.segments[s].name} for {name}")
        taken: dict[tuple[str | None, int], list[Variable]] = defaultdict(list)
        for (s, t), load in cells.items():
            taken[serving[s], t].append(load)
        for (resource, t), loads in taken.items():
            ledger.demand(str(resource), t, Terms([float(per_unit)] * len(loads), loads))
