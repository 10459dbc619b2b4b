"""From average efforts to treatments: who gets the level below the average, and who the one above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation.arrays import Floats, Ints
from allocator.policies.mechanics.setting import Setting

DUST = 1e-8
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


def portions(setting: Setting, mixed: Mix) -> Portions:
    """Treatments of a mix: at most L + 1 a segment.

    Where contacts are limited, a lever's higher effort goes to those with the fewest contacts so far, and levers
    with many contacts come first; nobody gets more than the limit, so that efforts of several contacts may fall
    short of their average. Elsewhere those who get the higher effort of one lever are the first to get it of
    the next.
    """
    parts = _Parts(setting, mixed)
    efforts = np.where(parts.higher, mixed.high[None], mixed.low[None])
    part, segment = np.nonzero(parts.width > DUST / 2)
    return Portions(segment, parts.width[part, segment], efforts[part, :, segment])


class _Parts:
    """Segments cut into P parts, lever by lever.

    width: [P,S] share of the customers.
    contacts: [P,S] of a customer there; 0 where contacts are not limited.
    higher: [P,L,S] whether a customer there gets the higher effort of a lever.
    """

    def __init__(self, setting: Setting, mixed: Mix) -> None:
        levers, segments = mixed.share.shape
        self._most = setting.instance.contacts_max + DUST
        limited = np.isfinite(self._most)
        per_effort = setting.instance.levers.contacts[:, None] * limited
        self.width = np.ones((1, segments))
        self.contacts = (per_effort * mixed.low).sum(axis=0)[None, :]
        self.higher = np.zeros((1, levers, segments), dtype=bool)
        more = per_effort * (mixed.high - mixed.low)
        split = np.flatnonzero((mixed.share > 0.0).any(axis=1))
        for lever in split[np.argsort(-more[split].max(axis=1, initial=0.0), kind="stable")]:
            self._give(lever, mixed.share[lever], more[lever])

    def _give(self, lever: int, share: Floats, more: Floats) -> None:
        """Give ``share`` [S] of the customers the lever's higher effort, which takes ``more`` [S] contacts."""
        order = np.argsort(self.contacts, axis=0, kind="stable")
        width = np.take_along_axis(self.width, order, axis=0)
        open_ = np.take_along_axis(self.contacts, order, axis=0) + more <= self._most
        share = np.minimum(share, (width * open_).sum(axis=0))
        ends = np.cumsum(width, axis=0)
        cut = np.minimum((ends < share).sum(axis=0), len(width) - 1)[None, :]
        row = np.arange(len(width) + 1)[:, None]
        source = np.take_along_axis(order, row - (row > cut), axis=0)
        whole = np.take_along_axis(width, cut, axis=0)
        given = np.clip(share - np.take_along_axis(ends, cut, axis=0) + whole, 0.0, whole)
        self.width = np.take_along_axis(self.width, source, axis=0)
        np.put_along_axis(self.width, cut, given, axis=0)
        np.put_along_axis(self.width, cut + 1, whole - given, axis=0)
        gets = (row <= cut) & (share > 0.0)
        self.contacts = np.take_along_axis(self.contacts, source, axis=0) + gets * more
        self.higher = np.take_along_axis(self.higher, source[:, None, :], axis=0)
        self.higher[:, lever] = gets
