"""Levers: their cash, their set-up, and the hours they take.

usage  reached[l,0,s,t] <= reachable[s,t] x usage[l,s,t]      (where there is a set-up)
"""

from __future__ import annotations

from allocator.domain.errors import InternalError
from allocator.formulation.entries import CashItem
from allocator.formulation.ledger import Ledger
from allocator.formulation.terms import Terms


def declare(ledger: Ledger) -> None:
    """Post every lever's cost, set-up and use of resources."""
    for index, name in enumerate(ledger.instance.lever_names):
        _cost(ledger, index, name)
        _hours(ledger, index, name)


def _cost(ledger: Ledger, index: int, name: str) -> None:
    lever = ledger.instance.levers[index]
    if lever.cost:
        for (s, t), effort in ledger.account("effort", index).variables.items():
            terms = Terms().add(lever.cost, effort)
            ledger.spend(CashItem("lever", name, lever.function, t, terms, segment=s))
    if lever.setup:
        for (s, t), used in ledger.usage(index).items():
            terms = Terms().add(lever.setup, used)
            ledger.spend(CashItem("setup", name, lever.function, t, terms, segment=s))


def _hours(ledger: Ledger, index: int, name: str) -> None:
    instance = ledger.instance
    for pool, per_unit in instance.levers[index].uses.items():
        cells = ledger.load(index).variables
        serving = {s: instance.serving(pool, s) for s in {s for s, _ in cells}}
        for (s, t), load in cells.items():
            resource = serving[s]
            if resource is None:
                raise InternalError(f"no resource of pool {pool} serves {instance.segments[s].name} for {name}")
            ledger.demand(resource, t, Terms().add(per_unit, load))
