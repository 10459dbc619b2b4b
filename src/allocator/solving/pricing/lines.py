"""Straight lines above what treatments that add G to loyalty can bring besides the mean arrival price F(G)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.arithmetic import ROUNDING, Range
from allocator.solving.pricing.levers import Peaks
from allocator.solving.pricing.outlook import Outlook

INSET = 0.02
"""How far a new slope keeps away from those on either side, as a share of their difference."""


@dataclass(frozen=True, slots=True)
class Crest:
    """Where F and the least of the lines add up to most: ``upper`` [Q] at ``loyalty`` [Q], where F is ``mean`` [Q]."""

    upper: FloatArray
    loyalty: FloatArray
    mean: FloatArray


@dataclass(frozen=True, slots=True)
class Gap:
    """Two neighbouring lines with a crest between what their efforts add to loyalty.

    slopes: of the two, [Q] each, the lesser first; efforts: theirs, [Q, L] each.
    chord: [Q] slope of the line through what these efforts bring; ``known`` [Q] is what it says at the crest, F
        included: no line that may be drawn between the two makes the crest lower than that.
    """

    slopes: Range
    efforts: Range
    chord: FloatArray
    known: FloatArray

    def within(self, slope: FloatArray) -> FloatArray:
        """``slope`` [Q], kept between the two; the middle where it is not a number."""
        first, last = self.slopes
        inset = INSET * (last - first)
        wanted = np.where(np.isfinite(slope), slope, (first + last) / 2.0)
        return np.clip(wanted, first + inset, last - inset)


@dataclass(frozen=True, slots=True)
class Lines:
    """K lines for each of Q boxes, by ascending slope: treatments that add G to loyalty bring, besides F, no more than
    ``top - slope G`` [Q, K]. Those with ``efforts`` [Q, K, L], which add ``loyalty`` [Q, K], bring about as much."""

    slope: FloatArray
    top: FloatArray
    loyalty: FloatArray
    efforts: FloatArray

    @staticmethod
    def of(slope: FloatArray, peaks: Peaks) -> Lines:
        """One line for each box: a price of loyalty [Q], and the levers' best at that price."""
        return Lines(slope[:, None], peaks.upper[:, None], peaks.loyalty[:, None], peaks.efforts[:, None])

    def take(self, rows: IntArray | BoolArray) -> Lines:
        """Only the given boxes."""
        return Lines(*(getattr(self, part.name)[rows] for part in fields(self)))

    def joined(self, other: Lines) -> Lines:
        """With the lines of another set for the same boxes."""
        parts = [np.concatenate([getattr(each, part.name) for each in (self, other)], axis=1) for part in fields(self)]
        places = np.arange(len(parts[0]))[:, None], np.argsort(parts[0], axis=1, kind="stable")
        return Lines(*(part[places] for part in parts))

    def crest(self, outlook: Outlook) -> Crest:
        """The greatest sum of F and the least of the lines.

        Each line is used between where it meets its neighbours, for it is the least there; it would be valid
        anywhere. On such a part, F less a linear function is greatest at an end or at its peak.
        """
        first, last = outlook.low[:, None], outlook.high[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            meet = np.diff(self.top, axis=1) / np.diff(self.slope, axis=1)
        meet = np.maximum.accumulate(np.where(np.isnan(meet), first, meet), axis=1)
        cuts = np.concatenate([first, np.clip(meet, first, last), last], axis=1)
        start, end = cuts[:, :-1], cuts[:, 1:]
        tried = np.concatenate([start, end, np.clip(outlook.peak(self.slope), start, end)], axis=1)
        mean, slope = outlook.value(tried), np.tile(self.slope, 3)
        total = mean + np.tile(self.top, 3) - slope * tried
        place = np.arange(len(total)), total.argmax(axis=1)
        size = (np.abs(mean) + np.abs(total - mean) + np.abs(slope * tried)).max(axis=1)
        return Crest(total[place] + ROUNDING * size, tried[place], mean[place])

    def gap(self, crest: Crest) -> Gap:
        """The lines on either side of a crest."""
        each = np.arange(len(self.slope))
        before = np.clip((self.loyalty < crest.loyalty[:, None]).sum(axis=1) - 1, 0, self.slope.shape[1] - 2)
        sides = (each, before), (each, before + 1)
        slopes, loyalty = (tuple(part[side] for side in sides) for part in (self.slope, self.loyalty))
        brought = [self.top[side] - slope * at for side, slope, at in zip(sides, slopes, loyalty, strict=True)]
        with np.errstate(divide="ignore", invalid="ignore"):
            chord = (brought[0] - brought[1]) / (loyalty[1] - loyalty[0])
            known = crest.mean + brought[0] - (crest.loyalty - loyalty[0]) * chord
        return Gap((slopes[0], slopes[1]), (self.efforts[sides[0]], self.efforts[sides[1]]), chord, known)
