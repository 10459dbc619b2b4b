"""Headcount: heads in the named resources together.

headcount  sum of heads[r,t] >= min     (<= max)
"""

from __future__ import annotations

from allocator.domain.model import Labour
from allocator.domain.rules import Headcount
from allocator.formulation.rules.subject import Posted
from allocator.formulation.terms import Terms


def write(posted: Posted, rule: Headcount) -> None:
    """Write the rule's rows."""
    ledger = posted.ledger
    for subject in posted.subjects():
        heads = Terms()
        for name in rule.resources:
            resource = ledger.instance.model.resources[name]
            if name in ledger.heads:
                heads.add(1.0, ledger.heads[name][subject.period or 1])
            elif isinstance(resource, Labour):
                heads.plus(resource.headcount)
        for key in ("min", "max"):
            posted.write(subject, key, heads, "heads")
