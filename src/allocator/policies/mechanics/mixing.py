"""From average efforts to treatments: who gets the level below the average, and who the one above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation.arrays import Floats, Ints
from allocator.policies.mechanics.setting import Setting

DUST = 1e-6
"""Shares nearer to 0 or 1 than this are 0 or 1."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Efforts of all levers in all segments in one period: ``share`` of the customers get ``high``, the rest
    ``low``; each [L,S]."""

    low: Floats
    high: Floats
    share: Floats

    @property
    def largest(self) -> Floats:
        """[L,S] the largest effort that anyone gets."""
        return np.where(self.share > 0.0, self.high, self.low)


@dataclass(frozen=True, slots=True)
class Portions:
    """K parts of segments that get one treatment each; the portions of a segment sum to 1."""

    segment: Ints
    portion: Floats
    efforts: Floats
    """[K,L]"""


def mix(setting: Setting, amounts: Floats, t: int) -> Mix:
    """Allowed efforts whose average is the lever items' ``amounts`` [I] of their ranges, in period t.

    A lever with levels mixes the two neighbouring ones; below a coverage rule's threshold the effort is
    the threshold's for some and 0 for the rest; where all must be treated alike it is rounded down.
    """
    levers = setting.instance.levers
    average = amounts[: setting.levers * setting.segments].reshape(setting.levers, setting.segments)
    average = average * levers.max[:, None]
    low, high = average.copy(), average.copy()
    for lever, levels in enumerate(levers.levels):
        threshold = setting.bounds.threshold[lever, :, t]
        if levels is None:
            short = (average[lever] > 0.0) & (average[lever] < threshold * (1.0 - DUST))
            low[lever][short], high[lever][short] = 0.0, threshold[short]
            continue
        allowed = (levels == 0.0)[None, :] | (levels[None, :] >= threshold[:, None])
        slack = DUST * levers.max[lever]
        below = allowed & (levels[None, :] <= average[lever][:, None] + slack)
        above = allowed & (levels[None, :] >= average[lever][:, None] - slack)
        low[lever] = np.where(below, levels[None, :], 0.0).max(axis=1)
        nearest = np.where(above, levels[None, :], np.inf).min(axis=1)
        high[lever] = np.where(np.isinf(nearest), low[lever], nearest)
    width = high - low
    share = np.divide(average - low, width, out=np.zeros_like(width), where=width > 0.0)
    share = np.where(share < DUST, 0.0, np.where(share > 1.0 - DUST, 1.0, share))
    alike = setting.bounds.alike[:, :, t] & (share < 1.0)
    return Mix(low, high, np.where(alike, 0.0, share))


def portions(mixed: Mix) -> Portions:
    """Treatments of a mix: those who get the higher effort of one lever are the first to get it of the next.

    So a segment with L levers has at most L + 1 treatments.
    """
    levers, segments = mixed.share.shape
    cuts = np.sort(np.concatenate([np.zeros((1, segments)), mixed.share, np.ones((1, segments))]), axis=0)
    width = np.diff(cuts, axis=0)
    higher = mixed.share[None, :, :] > cuts[:-1, None, :]
    efforts = np.where(higher, mixed.high[None], mixed.low[None])
    part, segment = np.nonzero(width > DUST / 2)
    return Portions(segment, width[part, segment], efforts[part, :, segment].reshape(len(segment), levers))
