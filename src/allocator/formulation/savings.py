"""Hours saved by programmes that do nothing else to treatments: no treatment is worse off with them.

So nothing is chosen treatment by treatment. What a lever asks of a resource in a period is one number, the work,
and the programmes that save on it cut it one after the other:

work      work[l,r,t] = sum of effort[l,s,t] over the segments s that r serves
within    saved[g] <= rest[g],  rest[g] = work - sum over programmes h before g of (1 - factor of h) saved[h]
linked    saved[g] <= most rest x working[g,t]
supplied  least hours x saved[g] <= supply[r,t] - least supply[r,t] x (1 - working[g,t])
no less   saved[g] >= rest[g] - most effort x (1 - working[g,t])      (where a requirement asks for spending)
hours     hours per unit x (1 - factor of g) x saved[g] fewer are taken

saved[g] = rest[g] x working[g,t], by its upper envelope (McCormick 1976). What can be left at most follows from
the hours and the money there are, which is far less than all customers at their largest effort. A unit of what
is left takes its least hours where all later programmes work too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from allocator.formulation.budgets import most_effort
from allocator.formulation.idle import may_pay
from allocator.formulation.ledger import Ledger
from allocator.formulation.programmes import working
from allocator.formulation.terms import Terms, Variable


@dataclass(frozen=True, slots=True)
class _Work:
    """What a lever asks of a resource in a period: ``efforts`` by segment, ``hours`` per unit of effort."""

    lever: int
    resource: str
    period: int
    hours: float
    efforts: dict[int, Variable]

    @property
    def key(self) -> tuple[int, str, int]:
        """How its rows are called."""
        return self.lever, self.resource, self.period


def constrain(ledger: Ledger) -> None:
    """Declare what is saved, post it, and write its rows; every supply is posted before."""
    for lever, name in enumerate(ledger.instance.lever_names):
        factors = {g: p.saves[name] for g, p in ledger.instance.programmes.items() if p.only_saves and name in p.saves}
        if factors:
            for work in _works(ledger, lever):
                _save(ledger, work, factors)


def _works(ledger: Ledger, lever: int) -> Iterator[_Work]:
    instance = ledger.instance
    for pool, hours in instance.levers[lever].uses.items():
        found: dict[tuple[str, int], dict[int, Variable]] = defaultdict(dict)
        for (s, t), effort in ledger.load(lever).variables.items():
            found[str(instance.serving(pool, s)), t][s] = effort
        for (resource, t), efforts in found.items():
            if hours:
                yield _Work(lever, resource, t, hours, efforts)


def _save(ledger: Ledger, work: _Work, factors: dict[str, float]) -> None:
    instance, t = ledger.instance, work.period
    unit = instance.units.customers * instance.levers[work.lever].effort.max
    name = f"{work.lever}_{work.resource}_{t}"
    total = ledger.declare(f"work_{name}", [0], unit=unit)[0]
    asked = Terms([1.0] * len(work.efforts), list(work.efforts.values()))
    ledger.row("work", work.key, asked.add(-1.0, total), "==", 0.0)
    saved = ledger.declare(f"saved_{name}", list(factors), unit=unit)
    supply = ledger.supplied(work.resource, t)
    least, most = (0.0, np.inf) if ledger.gives is not None else ledger.supply_range(work.resource, t)
    largest, exact = _largest(ledger, work), may_pay(instance.scenario)
    rest = Terms([1.0], [total])
    kept = np.cumprod(list(factors.values())[::-1])[::-1].tolist()
    for (programme, factor), later in zip(factors.items(), kept, strict=True):
        hours = work.hours * later
        key, works = (programme, *work.key), working(ledger, programme, t)
        amount = saved[programme]
        ledger.row("within", key, rest.times(-1.0).add(1.0, amount), "<=", 0.0)
        left = min(largest, most / hours) if hours else largest
        ledger.row("linked", key, works.times(-left).add(1.0, amount), "<=", 0.0)
        if least:
            within = supply.times(-1.0).add(hours, amount).extend(works, -least)
            ledger.row("supplied", key, within, "<=", -least)
        if exact:
            ledger.row("no_less", key, rest.times(1.0).add(-1.0, amount).extend(works, largest), "<=", largest)
        ledger.demand(work.resource, t, Terms().add(-work.hours * (1.0 - factor), amount))
        rest = rest.times(1.0).add(factor - 1.0, amount)


def _largest(ledger: Ledger, work: _Work) -> float:
    """The most effort that there can be of it: all customers at the largest effort, or all the money spent on it."""
    effort = ledger.instance.levers[work.lever].effort.max
    reached = float(ledger.reachable[list(work.efforts), work.period - 1].sum()) * effort
    return reached if ledger.limits_move else min(reached, most_effort(ledger, work.lever, work.period))
