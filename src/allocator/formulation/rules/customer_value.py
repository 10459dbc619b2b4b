"""Customer value: what all effort is worth to the customers who get it.

customer_value  sum over levers of customer_value x effort[l,s,t] >= min
"""

from __future__ import annotations

from allocator.domain.rules import CustomerValue
from allocator.formulation.rules.subject import Posted
from allocator.formulation.terms import Terms


def write(posted: Posted, rule: CustomerValue) -> None:
    """Write the rule's rows."""
    ledger = posted.ledger
    for subject in posted.subjects():
        worth = Terms()
        for index, lever in enumerate(ledger.instance.levers):
            if lever.customer_value:
                efforts = ledger.account("effort", index).variables
                for s in subject.segments:
                    if (s, subject.period) in efforts:
                        worth.add(lever.customer_value, efforts[s, subject.period or 1])
        posted.write(subject, "min", worth, "money")
