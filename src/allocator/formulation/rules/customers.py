"""Customers: how many there are in the selected segments, in periods up to T+1.

customers  sum of customers[s,t] >= min     (<= max)
"""

from __future__ import annotations

from allocator.domain.rules import Customers
from allocator.formulation.rules.subject import Posted
from allocator.formulation.terms import Terms


def write(posted: Posted, rule: Customers) -> None:
    """Write the rule's rows."""
    for subject in posted.subjects():
        total = Terms()
        for s in subject.segments:
            total.add(1.0, posted.ledger.customers(s, subject.period or 1))
        for key in ("min", "max"):
            posted.write(subject, key, total, "customers")
