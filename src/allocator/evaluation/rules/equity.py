"""Equity: what the selected segments' customers earn over the horizon and beyond."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.domain.rules import Equity
from allocator.evaluation.readings import Reading
from allocator.evaluation.rules.view import View, bounds


def read(rule: Equity, view: View) -> Iterator[Reading]:
    """Discounted margin less lever cost, plus terminal value."""
    scale = float(np.abs(view.equity).sum())
    for segments, alone in view.groups(rule):
        yield from bounds(rule, float(view.equity[segments].sum()), alone=alone, scale=scale)
