"""From a solution of the master to a plan in the planner's terms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import compress

import numpy as np
from pydantic import TypeAdapter

from allocator.domain.plan import Adapted, ChannelSpend, Heads, Plan, ProgrammeStart, Treatment
from allocator.formulation.instance import Floats, Instance
from allocator.formulation.ledger import Ledger
from allocator.formulation.terms import Variable
from allocator.solving.master import Master
from allocator.solving.treatments import Bools, Treatments

NEGLIGIBLE = 1e-9
"""Share of a segment, or of a channel's largest spend, that is rounding."""
NOBODY = 1e-11
"""Customers, as a part of a typical segment, who are rounding: in a segment without customers they would be all."""
_MANY = TypeAdapter(tuple[Treatment, ...])
"""Makes and checks many treatments at once, in half the time that they take one by one."""


def extract(ledger: Ledger, master: Master, value: Floats) -> Plan:
    """The plan that a solution stands for; where treatments adapt, those of every shock scenario and their mean."""
    return planned(ledger, master, value, *given(master, value))


def planned(ledger: Ledger, master: Master, value: Floats, treated: Treatments, amount: Floats) -> Plan:
    """The same of values of the program's own columns, and of treatments that ``amount`` [K] customers get."""
    commitments, instance = committed(ledger, master, value), ledger.instance
    if not instance.branches:
        return commitments.model_copy(
            update={"treatments": treatments(instance, master, treated, amount, commitments.programmes)}
        )
    size = len(instance.segments) // len(instance.branches)
    found = []
    for number, branch in enumerate(instance.branches):
        here = treated.segment // size == number
        found.append((branch, treated.take(here).moved(-number * size), amount[here]))
    return adapting(commitments, instance, master, found)


def committed(ledger: Ledger, master: Master, value: Floats) -> Plan:
    """The part of a plan that is decided before shocks are known: all but the treatments."""
    return Plan(
        spend=_spend(ledger, master, value),
        heads=_heads(ledger, master, value),
        programmes=_programmes(ledger, master, value),
    )


def adapting(
    commitments: Plan, instance: Instance, master: Master, found: Sequence[tuple[Instance, Treatments, Floats]]
) -> Plan:
    """A plan of commitments, and for each shock scenario of its instance, treatments and customers."""
    assert instance.shocks is not None, "asked where there are shocks"
    names, probability = instance.shocks.names, instance.shocks.probability.tolist()
    every = [
        (branch, treated, chance * amount) for (branch, treated, amount), chance in zip(found, probability, strict=True)
    ]
    adapted = tuple(
        Adapted(scenario=name, treatments=treatments(branch, master, treated, amount, commitments.programmes))
        for name, (branch, treated, amount) in zip(names, found, strict=True)
    )
    mean = reduce(Treatments.and_then, (treated for _, treated, _ in every))
    weights = np.concatenate([amount for _, _, amount in every])
    first = found[0][0]
    return commitments.model_copy(
        update={
            "adapted": adapted,
            "treatments": treatments(first, master, *merged(mean, weights), commitments.programmes),
        }
    )


def merged(treated: Treatments, amount: Floats) -> tuple[Treatments, Floats]:
    """Like treatments as one."""
    place: dict[bytes, int] = {}
    rows = np.array([place.setdefault(label, len(place)) for label in treated.labels()], dtype=np.int64)
    first = np.unique(rows, return_index=True)[1]
    return treated.take(first), np.asarray(np.bincount(rows, amount, len(place)), dtype=np.float64)


def given(master: Master, value: Floats) -> tuple[Treatments, Floats]:
    """The treatments that customers get in a solution, and how many customers, scaled."""
    amount = master.amounts(value)
    some = np.flatnonzero(amount > NOBODY)
    return master.treatments.take(some), amount[some]


def _natural(master: Master, variable: Variable, value: Floats) -> float:
    column = master.program.column(variable)
    return 0.0 if column is None else master.natural(column, value)


def treatments(
    instance: Instance, master: Master, known: Treatments, amount: Floats, starts: Sequence[ProgrammeStart]
) -> tuple[Treatment, ...]:
    """Treatments that ``amount`` [K] customers get, in the planner's terms, with programmes started as they are."""
    cell = known.segment * instance.horizon + known.period - 1
    share = amount / np.bincount(cell, amount, len(instance.segments) * instance.horizon)[cell]
    # A boost counts at no effort too, where a curve does not begin at 0.
    treated = (known.efforts > 0.0).any(axis=1) | master.postings.space.uses[known.variant].any(axis=1)
    chosen = np.flatnonzero((share > NEGLIGIBLE) & treated)
    chosen = chosen[np.lexsort((-share[chosen], known.period[chosen], known.segment[chosen]))]
    known, share = known.take(chosen), share[chosen]
    levers, programmes = instance.lever_names, list(instance.programmes)
    used = master.postings.space.uses[known.variant] | _saving(instance, known, starts)
    columns = (known.segment, known.period, share, known.efforts, used)
    return _MANY.validate_python(
        [
            {
                "segment": instance.segments[segment].name,
                "period": period,
                "share": part,
                "efforts": tuple([pair for pair in zip(levers, efforts, strict=True) if pair[1] > 0.0]),
                "programmes": tuple(compress(programmes, used)),
            }
            for segment, period, part, efforts, used in zip(*(column.tolist() for column in columns), strict=True)
        ]
    )


def _saving(instance: Instance, known: Treatments, starts: Sequence[ProgrammeStart]) -> Bools:
    """[K, G] programmes that save hours for all, where they work and the treatment takes such hours."""
    found = np.zeros((len(known), len(instance.programmes)), dtype=bool)
    first = {each.programme: each.start for each in starts}
    for number, (name, programme) in enumerate(instance.programmes.items()):
        if programme.only_saves and name in first:
            levers = [instance.lever_index[lever] for lever in programme.saves]
            working = known.period >= first[name] + programme.lead
            found[:, number] = working & (known.efforts[:, levers] > 0.0).any(axis=1)
    return found


def _spend(ledger: Ledger, master: Master, value: Floats) -> tuple[ChannelSpend, ...]:
    found = []
    for (name, period), cell in ledger.channels.items():
        spend = _natural(master, cell.spend, value)
        if spend > NEGLIGIBLE * ledger.instance.channels[name].spend.max:
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
