"""A limit beside what the plan does about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from allocator.domain.evaluation import Violation

RELATIVE = 1e-6
"""Relative distance from a limit within which it is kept and binds."""
ROUNDING = 1e-9
"""The same where the limit is 0, relative to the ``scale`` of what is measured."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One limit in one place: ``amount`` <= or >= ``limit`` x ``base``.

    A limit that is a share has the total as its ``base``; where that is 0 there is nothing to keep.
    ``scale`` is the usual size of the amount, in its own unit, below which differences are rounding.
    """

    kind: str
    name: str
    sense: Literal["min", "max"]
    limit: float
    amount: float
    base: float = 1.0
    scale: float = 0.0
    period: int | None = None
    """Counted from 1; None for the whole horizon, or all selected periods together."""
    segment: str | None = None

    @property
    def value(self) -> float:
        """The amount in the limit's own unit; NaN where it is a share of nothing."""
        return self.amount / self.base if self.base else float("nan")

    @property
    def excess(self) -> float:
        """Signed distance beyond the limit, in its own unit; > 0 breaks it."""
        return self._excess / abs(self.base) if self.base else -float("inf")

    @property
    def slack(self) -> float:
        """Distance to the limit, in its own unit; below 0 where it is broken, NaN where it is a share of nothing."""
        if not self.base:
            return float("nan")
        rounding = ROUNDING * (abs(self.limit * self.base) + self.scale)
        return 0.0 if abs(self._excess) <= rounding else -self.excess

    @property
    def _excess(self) -> float:
        """Signed distance beyond the limit, times ``base``; > 0 breaks it."""
        beyond = self.amount - self.limit * self.base
        return beyond if self.sense == "max" else -beyond

    @property
    def _tolerance(self) -> float:
        return RELATIVE * abs(self.limit * self.base) + ROUNDING * self.scale

    @property
    def binding(self) -> bool:
        """Whether the plan is at its limit."""
        return bool(self.base) and abs(self._excess) <= self._tolerance

    def violation(self) -> Violation | None:
        """The breach, if there is one."""
        if self._excess <= self._tolerance:
            return None
        return Violation(self.kind, self._label, self.period, self.limit, self.value, self._size)

    @property
    def _label(self) -> str:
        return f"{self.name}: {self.segment}" if self.segment is not None else self.name

    @property
    def _size(self) -> float:
        return abs(self._excess / self.base) if self.base else abs(self._excess)
