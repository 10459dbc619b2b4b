"""Spend: cash on the selected segments, in money or as a share of all cash of the period.

spend  cash on the segments <= max, <= max_share x all cash     (>= min, min_share)
"""

from __future__ import annotations

from allocator.domain.rules import SpendRule
from allocator.domain.selection import where_within
from allocator.formulation.entries import CashItem
from allocator.formulation.rules.subject import Posted, Subject
from allocator.formulation.terms import Terms


def write(posted: Posted, rule: SpendRule) -> None:
    """Write the rule's rows."""
    for subject in posted.subjects():
        spent, everything = Terms(), Terms()
        for item in posted.ledger.cash:
            if item.period == subject.period:
                everything.extend(item.terms)
                spent.extend(_counted(rule, subject, item))
        for key in ("min", "max"):
            posted.write(subject, key, spent, "money")
        for key in ("min_share", "max_share"):
            posted.write(subject, key, spent, "share", basis=everything)


def _counted(rule: SpendRule, subject: Subject, item: CashItem) -> Terms:
    """What counts of a cash item."""
    if item.segments is not None:
        return item.on(set(subject.segments))
    within = not rule.where or (item.where is not None and where_within(rule.where, item.where))
    return item.terms if within and subject.alone is None else Terms()
