"""From a solution of the master to a plan in the planner's terms."""

from __future__ import annotations

from itertools import compress

import numpy as np

from allocator.domain.plan import ChannelSpend, Heads, Plan, ProgrammeStart, Treatment
from allocator.formulation.instance import Floats
from allocator.formulation.ledger import Ledger
from allocator.formulation.terms import Variable
from allocator.solving.master import Master

_NEGLIGIBLE = 1e-9
"""Share of a segment, or of a channel's largest spend, that is rounding."""


def extract(ledger: Ledger, master: Master, value: Floats) -> Plan:
    """The plan that a solution stands for."""
    return Plan(
        treatments=_treatments(ledger, master, value),
        spend=_spend(ledger, master, value),
        heads=_heads(ledger, master, value),
        programmes=_programmes(ledger, master, value),
    )


def _natural(master: Master, variable: Variable, value: Floats) -> float:
    column = master.program.column(variable)
    return 0.0 if column is None else master.natural(column, value)


def _treatments(ledger: Ledger, master: Master, value: Floats) -> tuple[Treatment, ...]:
    instance, amount = ledger.instance, master.amounts(value)
    given = np.flatnonzero(amount)
    known, amount = master.treatments.take(given), amount[given]
    cell = known.segment * instance.horizon + known.period - 1
    share = amount / np.bincount(cell, amount, len(instance.segments) * instance.horizon)[cell]
    chosen = np.flatnonzero((share > _NEGLIGIBLE) & (known.efforts > 0.0).any(axis=1))
    chosen = chosen[np.lexsort((-share[chosen], known.period[chosen], known.segment[chosen]))]
    known, share = known.take(chosen), share[chosen]
    levers, programmes = instance.lever_names, list(instance.programmes)
    needs = master.postings.space.needs(known.efforts, known.variant)
    columns = (known.segment, known.period, share, known.efforts, needs)
    return tuple(
        Treatment(
            segment=instance.segments[segment].name,
            period=period,
            share=part,
            efforts=tuple((name, effort) for name, effort in zip(levers, efforts, strict=True) if effort > 0.0),
            programmes=tuple(compress(programmes, needed)),
        )
        for segment, period, part, efforts, needed in zip(*(column.tolist() for column in columns), strict=True)
    )


def _spend(ledger: Ledger, master: Master, value: Floats) -> tuple[ChannelSpend, ...]:
    found = []
    for (name, period), cell in ledger.channels.items():
        spend = _natural(master, cell.spend, value)
        if spend > _NEGLIGIBLE * ledger.instance.channels[name].spend.max:
            found.append(ChannelSpend(channel=name, period=period, spend=spend))
    return tuple(found)


def _heads(ledger: Ledger, master: Master, value: Floats) -> tuple[Heads, ...]:
    return tuple(
        Heads(resource=name, period=period, headcount=float(round(_natural(master, variable, value))))
        for name, heads in ledger.heads.items()
        for period, variable in heads.items()
    )


def _programmes(ledger: Ledger, master: Master, value: Floats) -> tuple[ProgrammeStart, ...]:
    return tuple(
        ProgrammeStart(programme=name, start=period)
        for name, starts in ledger.starts.items()
        for period, variable in starts.items()
        if _natural(master, variable, value) > 0.5
    )
