"""Concentration: no group of segments earns more than a share of what all groups earn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.rules import Concentration
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: Concentration, view: View) -> Iterator[Reading]:
    """Equity of each group beside that of all selected segments."""
    chosen = view.instance.selected(rule.where)
    tags = np.array([segment.tags[rule.by] for segment in view.instance.model.segments])
    everyone = float(view.equity[chosen].sum())
    scale = float(np.abs(view.equity).sum()) + view.worth
    for group in dict.fromkeys(tags[chosen].tolist()):
        earned = float(view.equity[chosen & (tags == group)].sum())
        alone = group if rule.by == "segment" else None
        detail = "" if rule.by == "segment" else group or f"no {rule.by}"
        yield from bounds(rule, earned, alone=alone, base=everyone, scale=scale, detail=detail)
