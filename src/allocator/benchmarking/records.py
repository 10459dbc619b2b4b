"""What one unit of a benchmark leaves behind: a plan with its exact consequences, or a chunk of replications."""

from __future__ import annotations

from typing import Literal

from allocator.domain.base import Frozen
from allocator.domain.plan import Plan

Status = Literal["planned", "not applicable", "failed"]


class Scorecard(Frozen):
    """A plan by the old view and by the new one. Money undiscounted unless said."""

    sales: float | None
    """Revenue over all periods; None where our segments state none."""
    product_margin: float
    """Margin over all periods, before lever cost."""
    market_share: float | None
    """Our share of the customers of all owners but `market` at the end; None where there are none."""
    customer_margin: float | None
    """Margin of one customer of ours in one period, on average; None where there are no customers."""
    lifetime_value: float | None
    """CLV of one customer of today under the plan, on average, in money of today."""
    customer_equity: float
    """Expected, in money of today."""
    customer_equity_share: float | None
    """Our share of what all owners' customers are worth to them; None where that is nothing."""


class Planned(Frozen):
    """One policy's plan for one scenario."""

    status: Status
    message: str = ""
    """Why there is no plan."""
    plan: Plan | None = None
    seconds: float = 0.0
    """Time it took to plan."""
    objective: float | None = None
    """What the scenario asks to be large, or small where it minimises spend; exact."""
    bound: float | None = None
    """No plan that keeps every limit has a better objective; from policies that prove one."""
    equity: float = 0.0
    """Expected customer equity, exact."""
    spend: float = 0.0
    """Discounted cash."""
    hours: float = 0.0
    """Hours of people used over all periods, bought ones included."""
    broken: tuple[str, ...] = ()
    """What the plan breaks, in words; what had to be scaled to capacity is among it."""
    scorecard: Scorecard | None = None
    placed: tuple[tuple[str, float], ...] = ()
    """Money and people's time given to each segment and channel, in money, over all periods."""


class Simulated(Frozen):
    """A chunk of replications of one plan."""

    equity: tuple[float, ...]
    """Customer equity of each replication."""
    planned: float
    """Customers in all periods who should get effort, mean over the replications."""
    given: float
    """Of those, the ones for whom there were hours."""
