"""From a solution of the master to a plan in the planner's terms."""

from __future__ import annotations

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
    instance, known = ledger.instance, master.treatments
    amount = master.amounts(value)
    totals = np.zeros((len(instance.segments), instance.horizon + 1))
    np.add.at(totals, (known.segment, known.period), amount)
    total = totals[known.segment, known.period]
    share = np.divide(amount, total, out=np.zeros_like(amount), where=total > 0.0)
    names = list(instance.programmes)
    space = master.postings.space
    needs = space.needs(known.efforts, known.variant)
    chosen = np.flatnonzero((share > _NEGLIGIBLE) & (known.efforts > 0.0).any(axis=1))
    chosen = chosen[np.lexsort((-share[chosen], known.period[chosen], known.segment[chosen]))]
    return tuple(
        Treatment(
            segment=instance.segments[known.segment[row]].name,
            period=int(known.period[row]),
            share=float(share[row]),
            efforts=tuple(
                (name, float(effort))
                for name, effort in zip(instance.lever_names, known.efforts[row], strict=True)
                if effort > 0.0
            ),
            programmes=tuple(names[number] for number in np.flatnonzero(needs[row])),
        )
        for row in chosen.tolist()
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
