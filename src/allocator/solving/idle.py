"""What a plan pays for and does not use: set-ups without effort, channels in use without spend, heads who are hired and
released at once.

A search that ends within the gap asked for may leave some of that. The same plan without it is worth more, and it is
what an evaluation of the plan sees.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.formulation.instance import Floats
from allocator.formulation.ledger import Ledger
from allocator.solving.deadline import Deadline
from allocator.solving.extract import NEGLIGIBLE, NOBODY
from allocator.solving.master import Master
from allocator.solving.search import Search
from allocator.solving.treatments import Bools


def switch_off(ledger: Ledger, search: Search, deadline: Deadline) -> None:
    """Leave out of the best plan of a search what it does not use, until nothing is left of that."""
    best = search.best
    while best is not None:
        value = best.value.copy()
        for column, number in _unused(ledger, search.master, value):
            value[column] = number
        if np.array_equal(value, best.value):
            return
        search.hold_and_polish(value, deadline)
        best = search.best if search.best is not best else None


def _unused(ledger: Ledger, master: Master, value: Floats) -> Iterator[tuple[int, float]]:
    """(column, whole number to have instead) of what a solution does not use."""
    yield from _set_ups(ledger, master, value)
    yield from _channels(ledger, master, value)
    yield from _moves(ledger, master, value)


def _set_ups(ledger: Ledger, master: Master, value: Floats) -> Iterator[tuple[int, float]]:
    for lever, switches in ledger.usages.items():
        used = _used(master, lever, value)
        for (segment, period), switch in switches.items():
            column = master.program.column(switch)
            if column is not None and not used[segment, period - 1]:
                yield column, 0.0


def _channels(ledger: Ledger, master: Master, value: Floats) -> Iterator[tuple[int, float]]:
    for (name, _), cell in ledger.channels.items():
        use = None if cell.use is None else master.program.column(cell.use)
        spend = master.program.column(cell.spend)
        least = NEGLIGIBLE * ledger.instance.channels[name].spend.max
        if use is not None and (spend is None or master.natural(spend, value) <= least):
            yield use, 0.0


def _moves(ledger: Ledger, master: Master, value: Floats) -> Iterator[tuple[int, float]]:
    for staff in ledger.staff.values():
        for period in staff.hires.keys() & staff.releases.keys():
            columns = [master.program.column(moved[period]) for moved in (staff.hires, staff.releases)]
            both = min(0.0 if column is None else np.round(value[column]) for column in columns)
            if both > 0.0:
                yield from ((column, np.round(value[column]) - both) for column in columns if column is not None)


def _used(master: Master, lever: int, value: Floats) -> Bools:
    """[S, T] where anyone gets effort of a lever."""
    instance, treatments, amount = master.instance, master.treatments, master.amounts(value)
    cell = treatments.segment * instance.horizon + treatments.period - 1
    size = len(instance.segments) * instance.horizon
    everyone = np.bincount(cell, amount, size)
    given = (treatments.efforts[:, lever] > 0.0) & (amount > np.maximum(NOBODY, NEGLIGIBLE * everyone[cell]))
    return np.asarray(np.bincount(cell[given], minlength=size) > 0).reshape(-1, instance.horizon)
