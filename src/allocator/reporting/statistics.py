"""Statistics of customer equity over the shock scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

PERCENTILES = (5, 25, 50, 75, 95)


def risk_statistics(risk: pd.DataFrame) -> dict[str, float] | None:
    """Mean, spread, extremes and percentiles of equity (money today); None without shocks.

    ``risk`` has the columns scenario, probability and equity. The percentile q is the least equity that
    scenarios of at least q percent of the probability do not exceed.
    """
    if risk.empty:
        return None
    equity = risk["equity"].to_numpy(dtype=float)
    probability = risk["probability"].to_numpy(dtype=float)
    probability = probability / probability.sum()
    order = np.argsort(equity, kind="stable")
    reached = np.cumsum(probability[order])
    mean = float(probability @ equity)
    found = {
        "mean": mean,
        "standard_deviation": float(np.sqrt(probability @ (equity - mean) ** 2)),
        "worst": float(equity.min()),
        "best": float(equity.max()),
    }
    for percentile in PERCENTILES:
        position = int(np.searchsorted(reached, percentile / 100 - 1e-12))
        found[f"percentile_{percentile}"] = float(equity[order[min(position, len(order) - 1)]])
    return found


def probability_of_reaching(risk: pd.DataFrame, target: float) -> float:
    """Probability of the scenarios whose equity is at least ``target``."""
    probability = risk["probability"].to_numpy(dtype=float)
    reached = risk["equity"].to_numpy(dtype=float) >= target
    return float(probability[reached].sum() / probability.sum())
