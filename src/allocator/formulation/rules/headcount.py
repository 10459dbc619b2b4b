"""Headcount: heads in the named resources together.

headcount  sum of heads[r,t] >= min     (<= max)
"""

from __future__ import annotations

from allocator.domain.rules import Headcount
from allocator.formulation.rules.subject import Posted
from allocator.formulation.terms import Terms


def write(posted: Posted, rule: Headcount) -> None:
    """Write the rule's rows."""
    ledger = posted.ledger
    for subject in posted.subjects():
        heads = Terms()
        for name in rule.resources:
            if name in ledger.staff:
                heads.extend(ledger.staff[name].heads[subject.period or 1])
        for key in ("min", "max"):
            posted.write(subject, key, heads, "heads")
