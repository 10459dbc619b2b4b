"""Receivables: revenue not yet collected.

receivables  sum of revenue x collection_days / days in a period x customers[s,t] <= max
"""

from __future__ import annotations

from allocator.domain.rules import Receivables
from allocator.formulation.rules.subject import Posted
from allocator.formulation.terms import Terms


def write(posted: Posted, rule: Receivables) -> None:
    """Write the rule's rows."""
    ledger = posted.ledger
    days = ledger.instance.scenario.calendar.days
    for subject in posted.subjects():
        owed = Terms()
        for s in subject.segments:
            segment = ledger.instance.segments[s]
            if segment.ours and segment.revenue and segment.collection_days:
                per_customer = segment.revenue * segment.collection_days / days
                owed.add(per_customer, ledger.customers(s, subject.period or 1))
        posted.write(subject, "max", owed, "money")
