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
    average = _average(setting, amounts)
    low, high = _neighbour(setting, average, t, up=False), _neighbour(setting, average, t, up=True)
    width = high - low
    share = np.divide(average - low, width, out=np.zeros_like(width), where=width > 0.0)
    share = np.where(share < DUST, 0.0, np.where(share > 1.0 - DUST, 1.0, share))
    alike = setting.bounds.alike[:, :, t] & (share < 1.0)
    return Mix(low, high, np.where(alike, 0.0, share))


def largest(setting: Setting, amounts: Floats, t: int) -> Floats:
    """[L,S] largest effort that anyone gets at the lever items' ``amounts`` [I], in period t."""
    return _neighbour(setting, _average(setting, amounts), t, up=True)


def _average(setting: Setting, amounts: Floats) -> Floats:
    """[L,S] average effort per customer."""
    shares = amounts[: setting.levers * setting.segments].reshape(setting.levers, setting.segments)
    return shares * setting.instance.levers.max[:, None]


def _neighbour(setting: Setting, average: Floats, t: int, *, up: bool) -> Floats:
    """[L,S] the allowed effort next to the average: at or above it with ``up``, else at or below it."""
    levers = setting.instance.levers
    found = average.copy()
    for lever, levels in enumerate(levers.levels):
        slack = DUST * levers.max[lever]
        if levels is not None and up:
            found[lever] = levels[np.minimum(levels.searchsorted(average[lever] - slack), len(levels) - 1)]
        elif levels is not None:
            found[lever] = levels[np.maximum(levels.searchsorted(average[lever] + slack) - 1, 0)]
        threshold = setting.bounds.threshold[lever, :, t]
        if threshold.any():
            least = threshold if levels is None else levels[np.minimum(levels.searchsorted(threshold), len(levels) - 1)]
            short = (found[lever] > 0.0) & (found[lever] < least - slack)
            found[lever] = np.where(short, least if up else 0.0, found[lever])
    return found


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
