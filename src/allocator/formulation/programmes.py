"""Programmes: started once, working after their lead time, for the rest of the horizon.

once      sum over t of start[g,t] <= 1
working   working[g,t] = sum of start[g,u] over u <= t - lead
requires  working[h,t] - start[g,t] >= 0
excludes  sum over t of start[g,t] + start[h,t] <= 1
unlocked  spend[c,t] <= max x working[g,t]
needs     needs[g,s,t] <= reachable[s,t] x working[g,t]
together  sum over s of needs[g,s,t] <= sum over s of reachable[s,t] x working[g,t]

`needs` is the sharp link and has very many rows, which the solver takes in when they are broken; `together`
follows from it and keeps the first solutions near.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from allocator.domain.model import Programme
from allocator.formulation.entries import CashItem
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Limit
from allocator.formulation.terms import Terms, Variable, single


def declare(ledger: Ledger) -> None:
    """Declare starts; post cost, running cost and added hours."""
    periods = ledger.instance.periods
    for name, programme in ledger.instance.programmes.items():
        first, last = programme.window or (1, ledger.instance.horizon)
        window = [t for t in periods if first <= t <= last]
        ledger.starts[name] = ledger.declare(f"start_{name}", window, kind="binary", committed=True)
        if ledger.gives is not None:
            outside = [t for t in periods if t not in window]
            ledger.starts[name] |= ledger.declare(f"outside_{name}", outside, kind="binary", committed=True)
        _hurry(ledger, name, programme)
        for t in periods:
            cost = started(ledger, name, t).times(programme.running)
            if t in ledger.starts[name]:
                cost.add(programme.cost, ledger.starts[name][t])
            ledger.spend(CashItem("programme", name, programme.function, t, cost))
            for resource, hours in programme.adds.items():
                ledger.supply(resource, t, working(ledger, name, t).times(hours), 0.0, hours)


def constrain(ledger: Ledger) -> None:
    """Write what programmes need, exclude and unlock."""
    done: set[frozenset[str]] = set()
    for name, programme in ledger.instance.programmes.items():
        starts = ledger.starts[name]
        ledger.row("once", (name,), _sum(starts.values()), "<=", 1.0)
        path = ("model", "programmes", name)
        for number, other in enumerate(programme.requires):
            place = (*path, "requires", number)
            limit = Limit("requires", place, f"{name} requires {other}", "min", 1.0, "requirement")
            for t, start in starts.items():
                terms = working(ledger, other, t).add(-1.0, start)
                ledger.limit(limit, (name, other, t), terms, 0.0)
        for number, other in enumerate(programme.excludes):
            pair = frozenset((name, other))
            if pair not in done:
                done.add(pair)
                both = _sum([*starts.values(), *ledger.starts[other].values()])
                place, words = (*path, "excludes", number), f"{name} excludes {other}"
                limit = Limit("excludes", place, words, "max", 1.0, "requirement", stated=1.0, rate=-1.0)
                ledger.limit(limit, (name, other), both, 1.0)
        _window(ledger, name, programme)
        _unlock(ledger, name, programme)
        _needs(ledger, name, programme)


def started(ledger: Ledger, name: str, period: int) -> Terms:
    """1 where the programme has started by a period, else 0."""
    return _sum(start for t, start in ledger.starts[name].items() if t <= period)


def working(ledger: Ledger, name: str, period: int) -> Terms:
    """1 where the programme works in a period, else 0."""
    lead = ledger.instance.programmes[name].lead
    terms = started(ledger, name, period - lead)
    for (start, sooner), hurried in ledger.hurried.get(name, {}).items():
        if start + lead - sooner <= period < start + lead:
            terms.add(1.0, hurried)
    return terms


def _window(ledger: Ledger, name: str, programme: Programme) -> None:
    """Where limits give way, a start before or after the window moves the end of the window."""
    if ledger.gives is None or programme.window is None:
        return
    for number, (side, sign) in enumerate((("first", 1), ("last", -1))):
        edge = programme.window[number]
        outside = {t: start for t, start in ledger.starts[name].items() if sign * (edge - t) > 0}
        path = ("model", "programmes", name, "window", number)
        sense: Literal["min", "max"] = "min" if sign > 0 else "max"
        limit = Limit(f"{side} start of", path, name, sense, edge, "periods")
        for t, start in outside.items():
            ledger.limit(limit, (name, side, t), Terms().add(t - edge, start), 0.0)


def _hurry(ledger: Ledger, name: str, programme: Programme) -> None:
    """Where limits give way, a programme may work sooner after its start than its lead time says."""
    if ledger.gives is None or not programme.lead:
        return
    starts = ledger.starts[name]
    choices = [(t, sooner) for t in starts for sooner in range(1, programme.lead + 1)]
    ledger.hurried[name] = ledger.declare(f"hurried_{name}", choices, kind="binary", committed=True)
    for t, start in starts.items():
        chosen = _sum(ledger.hurried[name][t, sooner] for sooner in range(1, programme.lead + 1))
        ledger.row("hurried", (name, t), chosen.add(-1.0, start), "<=", 0.0)
    limit = Limit("lead of", ("model", "programmes", name, "lead"), name, "min", programme.lead, "periods")
    total = Terms()
    for (_, sooner), variable in ledger.hurried[name].items():
        total.add(-sooner, variable)
    ledger.limit(limit, (name,), total, 0.0)


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
    chosen = {} if programme.only_saves else {**programme.boosts, **programme.saves}
    levers = {*programme.unlocks, *chosen} & set(instance.lever_names)
    if not levers:
        return
    reached = np.any(instance.reaches[[instance.lever_index[lever] for lever in levers]], axis=0).tolist()
    index = list(instance.programmes).index(name)
    most = ledger.reachable[reached].sum(axis=0).tolist()
    together = {t: working(ledger, name, t).times(-most[t - 1]) for t in instance.periods}
    for (s, t), needs in ledger.account("needs", index).variables.items():
        if reached[s]:
            together[t].add(1.0, needs)
            row = single(needs).extend(working(ledger, name, t), -float(ledger.reachable[s, t - 1]))
            ledger.row("needs", (name, s, t), row, "<=", 0.0)
    for t, row in together.items():
        ledger.row("together", (name, t), row, "<=", 0.0)
