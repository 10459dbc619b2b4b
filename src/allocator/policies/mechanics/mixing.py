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
    """Treatments of a mix.

    Those who get the higher effort of one lever are the first to get it of the next. Where that takes more
    contacts than someone may get, efforts go to those with the fewest contacts so far instead, and levers with
    many contacts come first; nobody gets more than the limit, so that efforts of several contacts may fall short
    of their average.
    """
    per_effort = np.where(np.isfinite(setting.instance.contacts_max), setting.instance.levers.contacts[:, None], 0.0)
    highest = np.where(mixed.share > 0.0, mixed.high, mixed.low)
    if ((per_effort * highest).sum(axis=0) <= setting.instance.contacts_max + DUST).all():
        return nested(mixed)
    parts = _Parts(setting.instance.contacts_max + DUST, len(per_effort))
    for lever in np.argsort(-(per_effort * highest).max(axis=1), kind="stable"):
        low, more = mixed.low[lever], mixed.high[lever] - mixed.low[lever]
        parts.give(lever, (low > 0.0).astype(np.float64), low, per_effort[lever])
        parts.give(lever, mixed.share[lever], more, per_effort[lever])
    return _portions(parts.width, parts.efforts)


def nested(mixed: Mix) -> Portions:
    """Treatments of a mix without a look at contacts: continuous in the amounts."""
    segments = mixed.share.shape[1]
    cuts = np.sort(np.concatenate([np.zeros((1, segments)), mixed.share, np.ones((1, segments))]), axis=0)
    higher = mixed.share[None, :, :] > cuts[:-1, None, :]
    return _portions(np.diff(cuts, axis=0), np.where(higher, mixed.high[None], mixed.low[None]).transpose(0, 2, 1))


def _portions(width: Floats, efforts: Floats) -> Portions:
    """Parts [P,S] and their efforts [P,S,L], without those that are dust."""
    part, segment = np.nonzero(width > DUST / 2)
    return Portions(segment, width[part, segment], efforts[part, segment])


class _Parts:
    """Segments cut into P parts, lever by lever.

    width: [P,S] share of the customers.
    contacts: [P,S] of a customer there.
    efforts: [P,S,L] of a customer there.
    """

    def __init__(self, most: Floats, levers: int) -> None:
        self._most = most
        self._column = np.arange(len(most))
        self.width = np.ones((1, len(most)))
        self.contacts = np.zeros((1, len(most)))
        self.efforts = np.zeros((1, len(most), levers))

    def give(self, lever: int, share: Floats, effort: Floats, per_effort: Floats) -> None:
        """Give ``share`` [S] of the customers, those with the fewest contacts, so much more ``effort`` [S].

        Only those who have as much of the lever as anyone are asked: a higher level goes to those with the lower one.
        """
        if not share.any():
            return
        more, had = effort * per_effort, self.efforts[:, :, lever]
        able = (self.contacts + more <= self._most) & (had >= had.max(axis=0))
        order = np.argsort(np.where(able, self.contacts, np.inf), axis=0, kind="stable")
        share = np.minimum(share, (self.width * able).sum(axis=0))
        ends = self.width[order, self._column].cumsum(axis=0)
        cut = np.minimum((ends < share).sum(axis=0), len(order) - 1)
        rest = np.maximum(ends[cut, self._column] - share, 0.0)
        row = np.arange(len(order) + 1)[:, None]
        source = order[row - (row > cut), self._column]
        gets = (row <= cut) & (share > 0.0)
        self.width = self.width[source, self._column]
        self.width[cut, self._column] -= rest
        self.width[cut + 1, self._column] = rest
        self.contacts = self.contacts[source, self._column] + gets * more
        self.efforts = self.efforts[source, self._column]
        self.efforts[:, :, lever] += gets * effort
