"""Equity share: our part of what all owners' customers are worth to their owners, before cost.

equity_share  our margin and terminal value >= min x that of all owners but `market`

A rival's customers count at the rival's own margins, and everyone's terminal value is taken from the
rival's side: V = m + beta P V with m = 0 outside the rival's segments.
"""

from __future__ import annotations

from allocator.domain.model import MARKET, OWN
from allocator.domain.rules import EquityShare
from allocator.formulation.ledger import Ledger
from allocator.formulation.rules.subject import Posted
from allocator.formulation.terms import Terms


def write(posted: Posted, rule: EquityShare) -> None:
    """Write the rule's rows."""
    ledger = posted.ledger
    for subject in posted.over_horizon():
        owners = {segment.owner for segment in ledger.instance.segments} - {MARKET}
        worth = {owner: _worth(ledger, owner, subject.segments) for owner in sorted(owners)}
        everyone = Terms()
        for terms in worth.values():
            everyone.extend(terms)
        posted.write(subject, "min", worth.get(OWN, Terms()), "share", basis=everyone)


def _worth(ledger: Ledger, owner: str, segments: list[int]) -> Terms:
    instance = ledger.instance
    values = instance.table.terminal_values(instance.scenario, owner)
    margin = ledger.account("margin").variables
    terms = Terms()
    for s in segments:
        if instance.segments[s].owner == owner:
            for t in instance.periods:
                terms.add(
                    instance.weights[t - 1] * (instance.mean_factor[s, t - 1] if owner == OWN else 1.0), margin[s, t]
                )
        factor = instance.mean_factor[s, -1] if owner == OWN else 1.0
        terms.add(instance.weights[-1] * factor * values[s], ledger.final[s])
    return terms
