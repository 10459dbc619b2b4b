"""The mean arrival price as a function of loyalty alone: F(G) = B + (A - B) / (1 + exp(-G - c)).

G is what loyalty curves add to the log-weight of every destination of ours, A and B are the mean prices of ours and
of the others, and c is the logarithm of the odds of ours at G = 0.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.arithmetic import Range


@dataclass(frozen=True, slots=True)
class Outlook:
    """F for each of Q boxes, [Q] each: ``other`` is B, ``rise`` A - B, ``odds`` c. Of interest are G from ``low`` to
    ``high``."""

    other: FloatArray
    rise: FloatArray
    odds: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, weights: FloatArray, price: FloatArray, own: BoolArray) -> Self:
        """From weights at G = 0 and arrival prices of destinations [Q, D+1], and which of them are ours; of any G."""
        mine = np.where(own, weights, 0.0)
        rest = weights - mine
        totals = mine.sum(axis=1), rest.sum(axis=1)
        both = (totals[0] > 0.0) & (totals[1] > 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            means = [(part * price).sum(axis=1) / total for part, total in zip((mine, rest), totals, strict=True)]
            odds = np.log(totals[0]) - np.log(totals[1])
        other = np.where(totals[1] > 0.0, means[1], means[0])
        endless = np.full(len(other), np.inf)
        return cls(other, np.where(both, means[0] - other, 0.0), np.where(both, odds, 0.0), -endless, endless)

    def take(self, rows: IntArray | BoolArray) -> Outlook:
        """Only the given boxes."""
        return Outlook(*(getattr(self, part.name)[rows] for part in fields(self)))

    def value(self, loyalty: FloatArray) -> FloatArray:
        """[Q, N] F at ``loyalty`` [Q, N]."""
        return self.other[:, None] + self.rise[:, None] * _logistic(loyalty + self.odds[:, None])

    def slope(self, loyalty: FloatArray) -> FloatArray:
        """[Q] the slope of F at ``loyalty`` [Q]."""
        share = _logistic(loyalty + self.odds)
        return np.asarray(self.rise * share * (1.0 - share))

    @property
    def slopes(self) -> Range:
        """Range [Q] of the slope of F, which is steepest where half are ours."""
        ends = self.slope(self.low), self.slope(self.high)
        steepest = self.slope(np.clip(-self.odds, self.low, self.high))
        return np.minimum(np.minimum(*ends), steepest), np.maximum(np.maximum(*ends), steepest)

    def peak(self, slope: FloatArray) -> FloatArray:
        """[Q, K] the G at which F - slope G has its local peak, for ``slope`` [Q, K]; any where it has none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            root = np.sqrt(np.maximum(0.0, 1.0 - 4.0 * slope / self.rise[:, None]))
            # F is concave where more than half are ours if they are dearer, else where fewer are.
            share = (1.0 + np.where(self.rise > 0.0, 1.0, -1.0)[:, None] * root) / 2.0
            found = np.log(share) - np.log1p(-share) - self.odds[:, None]
        return np.where(np.isnan(found), 0.0, found)


def _logistic(log_odds: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))
