"""Discounting: what money in a period is worth today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PeriodLength = Literal["month", "quarter", "year"]
CashFlow = Literal["start", "middle", "end"]

YEARS: dict[PeriodLength, float] = {"month": 1 / 12, "quarter": 1 / 4, "year": 1.0}
DAYS: dict[PeriodLength, float] = {"month": 365 / 12, "quarter": 365 / 4, "year": 365.0}
_SHIFT: dict[CashFlow, float] = {"start": 1.0, "middle": 0.5, "end": 0.0}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Periods 1..horizon and the discount weights of money in them.

    weight_t = beta^(t-1), beta^(t-1/2) or beta^t for money at the start, middle or end of a period,
    beta = (1 + discount_rate)^-(years in a period).
    """

    period: PeriodLength
    discount_rate: float
    cash_flow: CashFlow
    horizon: int

    @property
    def beta(self) -> float:
        """Discount factor of one period."""
        return float((1.0 + self.discount_rate) ** -YEARS[self.period])

    def weight(self, period: int) -> float:
        """Today's value of one unit of money in ``period`` (1..horizon+1)."""
        return float(self.beta ** (period - _SHIFT[self.cash_flow]))

    def weights(self) -> list[float]:
        """Weights of periods 1..horizon+1; the last is that of the terminal value."""
        return [self.weight(period) for period in range(1, self.horizon + 2)]

    @property
    def days(self) -> float:
        """Days in one period (a year is 365), for receivables."""
        return DAYS[self.period]
