"""Effort: average effort of a lever per selected customer.

effort  sum of effort[l,s,t] <= max x sum of customers[s,t]     (>= min)
"""

from __future__ import annotations

from allocator.domain.rules import Effort
from allocator.formulation.rules.subject import Posted
from allocator.formulation.terms import Terms


def write(posted: Posted, rule: Effort) -> None:
    """Write the rule's rows."""
    ledger = posted.ledger
    efforts = ledger.account("effort", ledger.instance.lever_index[rule.lever]).variables
    for subject in posted.subjects():
        total, everyone = Terms(), Terms()
        for s in subject.segments:
            everyone.add(1.0, ledger.customers(s, subject.period or 1))
            if (s, subject.period) in efforts:
                total.add(1.0, efforts[s, subject.period or 1])
        posted.write(subject, "min", total, "effort per customer", basis=everyone)
        posted.write(subject, "max", total, "effort per customer", basis=everyone)
