"""What solving answers with, in natural units."""

from __future__ import annotations

from dataclasses import dataclass, field

from allocator.domain.plan import Plan
from allocator.domain.result import Prices, Size, Status

_SAME = 1e-9
"""Numbers this near to each other, relatively, are the same."""


def status_of(gap: float, asked: float) -> Status:
    """Whether a proven gap is within the one that was asked for; none can be told from 0 that is only rounding."""
    return "optimal" if gap <= max(asked * (1 + _SAME), _SAME) else "stopped"


@dataclass(slots=True)
class Solved:
    """A plan, its objective and its bound, in natural money: equity, or spend where that is least."""

    plan: Plan
    objective: float
    bound: float
    gap: float
    status: Status
    prices: Prices
    size: Size
    whole: dict[str, float] = field(default_factory=dict)
    """Whole numbers of the solution by variable, to begin re-solves with."""
    seconds: dict[str, float] = field(default_factory=dict)
