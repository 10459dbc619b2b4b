"""Moments after which no new work is begun."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment after which no new work is begun."""

    at: float = np.inf

    @staticmethod
    def after(seconds: float | None) -> Deadline:
        """A deadline so many seconds from now; None for none."""
        return Deadline(np.inf if seconds is None else time.perf_counter() + seconds)

    def part(self, share: float) -> Deadline:
        """The moment at which a share of the time left has passed."""
        return Deadline(time.perf_counter() + share * self.left)

    @property
    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.at - time.perf_counter())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.left <= 0.0


ENDLESS = Deadline()
"""No deadline."""
