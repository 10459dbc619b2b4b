"""Concentration: no group of segments earns more than a share of what all earn.

concentration  earned by a group <= max x earned by all groups
"""

from __future__ import annotations

from collections import defaultdict

from allocator.domain.rules import Concentration
from allocator.formulation.earnings import earned_by
from allocator.formulation.rules.subject import Posted, Subject


def write(posted: Posted, rule: Concentration) -> None:
    """Write one row per group."""
    instance = posted.ledger.instance
    groups: dict[str, list[int]] = defaultdict(list)
    for s in instance.selected(rule.where):
        groups[instance.segments[s].tags[rule.by]].append(s)
    everyone = earned_by(posted.ledger, [s for group in groups.values() for s in group])
    for name, group in groups.items():
        earned = earned_by(posted.ledger, group)
        alone, detail = (name, "") if rule.by == "segment" else (None, name or f"no {rule.by}")
        subject = Subject(None, group, alone)
        posted.write(subject, "max", earned, "share", basis=everyone, extra=(name,), detail=detail)
