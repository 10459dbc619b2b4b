"""Change: total effort stays near the current plan's, per segment and period.

change  (1 - max) x current effort <= effort[l,s,t] <= (1 + max) x current effort
"""

from __future__ import annotations

from dataclasses import replace

from allocator.domain.errors import InternalError
from allocator.domain.rules import Change
from allocator.formulation.limit import Limit
from allocator.formulation.rules.subject import Posted
from allocator.formulation.terms import single


def write(posted: Posted, rule: Change) -> None:
    """Write two rows per lever, segment and period."""
    instance = posted.ledger.instance
    if instance.current is None or rule.max is None:
        raise InternalError("a change rule needs the current plan's efforts")
    table = instance.current.tables.allocation
    current = table.groupby(["lever", "segment", "period"], observed=True)["effort_total"].sum().to_dict()
    selected, periods = set(instance.selected(rule.where)), set(instance.rule_periods(rule.periods))
    for lever in [rule.lever] if rule.lever else instance.lever_names:
        detail = "" if rule.lever else lever
        efforts = posted.ledger.account("effort", instance.lever_index[lever]).variables
        for (s, t), effort in efforts.items():
            if s not in selected or t not in periods:
                continue
            segment = instance.segments[s].name
            before = float(current.get((lever, segment, t), 0.0))
            path = ("scenario", "rules", posted.number, "max")
            key = (posted.number, lever, s, t)
            shared = Limit("change", path, posted.name, "max", 0.0, "effort", t, segment, detail=detail)
            stated = replace(shared, stated=rule.max)
            upper = replace(stated, limit=(1 + rule.max) * before, rate=before)
            lower = replace(stated, sense="min", limit=(1 - rule.max) * before, rate=-before)
            posted.ledger.limit(upper, (*key, "max"), single(effort), upper.limit)
            if lower.limit > 0.0:
                posted.ledger.limit(lower, (*key, "min"), single(effort), lower.limit)
