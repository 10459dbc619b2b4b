"""Programmes: started once, working after their lead time, for the rest of the horizon.

once      sum over t of start[g,t] <= 1
working   working[g,t] = sum of start[g,u] over u <= t - lead
requires  start[g,t] <= working[h,t]
excludes  sum over t of start[g,t] + start[h,t] <= 1
unlocked  spend[c,t] <= max x working[g,t]
needs     needs[g,s,t] <= reachable[s,t] x working[g,t]
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from allocator.domain.model import Programme
from allocator.formulation.ledger import CashItem, Ledger
from allocator.formulation.terms import Terms, Variable, single


def declare(ledger: Ledger) -> None:
    """Declare starts; post cost, running cost and added hours."""
    periods = ledger.instance.periods
    for name, programme in ledger.instance.programmes.items():
        first, last = programme.window or (1, ledger.instance.horizon)
        window = [t for t in periods if first <= t <= last]
        ledger.starts[name] = ledger.declare(f"start_{name}", window, kind="binary")
        for t in periods:
            cost = started(ledger, name, t).times(programme.running)
            if t in ledger.starts[name]:
                cost.add(programme.cost, ledger.starts[name][t])
            ledger.spend(CashItem("programme", name, programme.function, t, cost))
            for resource, hours in programme.adds.items():
                ledger.supply(resource, t, working(ledger, name, t).times(hours))


def constrain(ledger: Ledger) -> None:
    """Write what programmes need, exclude and unlock."""
    done: set[frozenset[str]] = set()
    for name, programme in ledger.instance.programmes.items():
        starts = ledger.starts[name]
        ledger.row("once", (name,), _sum(starts.values()), "<=", 1.0)
        for other in programme.requires:
            for t, start in starts.items():
                terms = single(start).extend(working(ledger, other, t), -1.0)
                ledger.row("requires", (name, other, t), terms, "<=", 0.0)
        for other in programme.excludes:
            pair = frozenset((name, other))
            if pair not in done:
                done.add(pair)
                both = _sum([*starts.values(), *ledger.starts[other].values()])
                ledger.row("excludes", (name, other), both, "<=", 1.0)
        _unlock(ledger, name, programme)
        _needs(ledger, name, programme)


def started(ledger: Ledger, name: str, period: int) -> Terms:
    """1 where the programme has started by a period, else 0."""
    return _sum(start for t, start in ledger.starts[name].items() if t <= period)


def working(ledger: Ledger, name: str, period: int) -> Terms:
    """1 where the programme works in a period, else 0."""
    return started(ledger, name, period - ledger.instance.programmes[name].lead)


def _sum(variables: Iterable[Variable]) -> Terms:
    chosen = list(variables)
    return Terms([1.0] * len(chosen), chosen)


def _unlock(ledger: Ledger, name: str, programme: Programme) -> None:
    for (channel, t), cell in ledger.channels.items():
        if channel in programme.unlocks:
            most = ledger.instance.channels[channel].spend.max
            subject = single(cell.spend).extend(working(ledger, name, t), -most)
            if cell.use is not None:
                subject = single(cell.use).extend(working(ledger, name, t), -1.0)
            ledger.row("unlocked", (name, channel, t), subject, "<=", 0.0)


def _needs(ledger: Ledger, name: str, programme: Programme) -> None:
    instance = ledger.instance
    levers = {*programme.unlocks, *programme.boosts, *programme.saves} & set(instance.lever_names)
    if not levers:
        return
    reached = np.any(instance.reaches[[instance.lever_index[lever] for lever in levers]], axis=0).tolist()
    index = list(instance.programmes).index(name)
    for (s, t), needs in ledger.account("needs", index).variables.items():
        if reached[s]:
            row = single(needs).extend(working(ledger, name, t), -float(ledger.reachable[s, t - 1]))
            ledger.row("needs", (name, s, t), row, "<=", 0.0)
