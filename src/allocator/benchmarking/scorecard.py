"""Old view and new view of a plan: by products sold, and by customers."""

from __future__ import annotations

import numpy as np

from allocator.benchmarking.records import Scorecard
from allocator.domain.model import MARKET
from allocator.domain.rules import EquityShare
from allocator.evaluation import Evaluator, Trajectory
from allocator.evaluation.equity import lifetime_values
from allocator.evaluation.rules import equity_share
from allocator.evaluation.rules.view import View


def scorecard(evaluator: Evaluator, trajectory: Trajectory) -> Scorecard:
    """Both views of a plan that was followed through."""
    instance = evaluator.instance
    segments, ours = instance.model.segments, instance.ours
    customers = trajectory.customers
    held = customers[ours, :-1]
    revenue = np.array([segment.revenue or 0.0 for segment in segments])[ours]
    stated = any(segment.revenue is not None for segment in segments if segment.ours)
    margin = float(trajectory.margin[ours].sum())
    contested = np.array([segment.owner != MARKET for segment in segments])
    today = instance.customers[ours]
    values = lifetime_values(instance, trajectory)[ours]
    return Scorecard(
        sales=float((revenue[:, None] * held).sum()) if stated else None,
        product_margin=margin,
        market_share=_ratio(float(customers[ours, -1].sum()), float(customers[contested, -1].sum())),
        customer_margin=_ratio(margin, float(held.sum())),
        lifetime_value=_ratio(float(values @ today), float(today.sum())),
        customer_equity=evaluator.equity(trajectory),
        customer_equity_share=_equity_share(evaluator, trajectory),
    )


def _equity_share(evaluator: Evaluator, trajectory: Trajectory) -> float | None:
    rule = EquityShare(rule="equity_share", min=0.0)
    (reading,) = equity_share.read(rule, View(evaluator.instance, trajectory, lambda: trajectory.effort.total))
    return reading.value if reading.base else None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
