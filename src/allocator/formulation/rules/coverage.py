"""Coverage: customers who get at least a given effort.

coverage  sum of reached[l,h,s,t] >= min_share x sum of customers[s,t]     (<= max_share)
"""

from __future__ import annotations

from allocator.domain.rules import Coverage
from allocator.formulation.rules.subject import Posted
from allocator.formulation.terms import Terms


def write(posted: Posted, rule: Coverage) -> None:
    """Write the rule's rows."""
    ledger = posted.ledger
    reached = ledger.account("reached", ledger.instance.lever_index[rule.lever], rule.min_effort).variables
    for subject in posted.subjects():
        covered, everyone = Terms(), Terms()
        for s in subject.segments:
            everyone.add(1.0, ledger.customers(s, subject.period or 1))
            if (s, subject.period) in reached:
                covered.add(1.0, reached[s, subject.period or 1])
        posted.write(subject, "min_share", covered, "share", basis=everyone)
        posted.write(subject, "max_share", covered, "share", basis=everyone)
