"""What of a plan hangs on the sample of shocks: the best plans of several samples beside it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from allocator.domain.evaluation import Evaluation

_ALIKE = 0.01
"""An allocation whose range over the samples is within this share of its largest value does not change."""


def stability(evaluation: Evaluation, found: list[Evaluation]) -> pd.DataFrame:
    """Every allocation of a plan and of the best plans ``found`` for samples.

    Columns: kind (effort, spend, headcount, programme), name, segment, period, plan, lowest, mean, highest, changes.
    """
    columns = ["kind", "name", "segment", "period", "plan", "lowest", "mean", "highest", "changes"]
    own = _amounts(evaluation)
    others = [_amounts(other) for other in found]
    keys = list(dict.fromkeys(key for amounts in (own, *others) for key in amounts))
    rows = []
    for key in keys:
        seen = np.array([amounts.get(key, 0.0) for amounts in others] or [math.nan])
        low, high = float(seen.min()), float(seen.max())
        changes = bool(high - low > _ALIKE * max(abs(high), abs(low), 1e-9))
        rows.append((*key, own.get(key, 0.0), low, float(seen.mean()), high, changes))
    return pd.DataFrame(rows, columns=columns)


def _amounts(evaluation: Evaluation) -> dict[tuple[str, str, str, int], float]:
    """What a plan does: (kind, name, segment, period) -> effort, spend, heads, or 1 where a programme has started."""
    tables = evaluation.tables
    amounts: dict[tuple[str, str, str, int], float] = {}
    for row in tables.allocation[["lever", "segment", "period", "effort_total"]].itertuples(index=False):
        amounts["effort", str(row[0]), str(row[1]), int(row[2])] = float(row[3])
    for row in tables.channels[["channel", "period", "spend"]].itertuples(index=False):
        amounts["spend", str(row[0]), "", int(row[1])] = float(row[2])
    for row in tables.resources[["resource", "period", "headcount"]].dropna().itertuples(index=False):
        amounts["headcount", str(row[0]), "", int(row[1])] = float(row[2])
    for row in tables.programmes[["programme", "start"]].dropna().itertuples(index=False):
        amounts["programme", str(row[0]), "", int(row[1])] = 1.0
    return amounts
