"""What amounts of effort do to the customers of each segment and period, with slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.evaluation.arrays import Floats
from allocator.policies.mechanics.commitments import Ground
from allocator.policies.mechanics.mixing import mix, nested
from allocator.policies.mechanics.setting import Setting

STEP = 1e-5
"""Step of the finite differences, as a share of a range."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Consequences of the amounts in every period, with slopes in each lever's amount."""

    earned: Floats
    """[T,S] money per customer of ours before cost."""
    moves: Floats
    """[T,S,S]"""
    earned_slope: Floats
    """[T,L,S]"""
    moves_slope: Floats
    """[T,L,S,S]"""


def consequences(setting: Setting, ground: Ground, amounts: Floats) -> Cells:
    """Consequences of the amounts [T,I]; slopes are finite differences, forward or backward at the upper end."""
    shape = (setting.horizon, setting.levers, setting.segments)
    earned, moves = np.zeros((shape[0], shape[2])), np.zeros((shape[0], shape[2], shape[2]))
    earned_slope, moves_slope = np.zeros(shape), np.zeros((*shape, shape[2]))
    for t in range(setting.horizon):
        earned[t], moves[t] = _cell(setting, ground, amounts[t], t)
        for lever in range(setting.levers):
            items = slice(lever * setting.segments, (lever + 1) * setting.segments)
            moved = amounts[t].copy()
            moved[items] += np.where(moved[items] + STEP <= 1.0, STEP, -STEP)
            change = (moved - amounts[t])[items]
            there, gone = _cell(setting, ground, moved, t)
            earned_slope[t, lever] = (there - earned[t]) / change
            moves_slope[t, lever] = (gone - moves[t]) / change[:, None]
    return Cells(earned, moves, earned_slope, moves_slope)


def _cell(setting: Setting, ground: Ground, amounts: Floats, t: int) -> tuple[Floats, Floats]:
    """Money per customer of ours [S] and transitions [S,S] in period t; contacts are limited on average only."""
    instance = setting.instance
    parts = nested(mix(setting, amounts, t))
    boosts = np.broadcast_to(ground.boosts[t], parts.efforts.shape)
    given = instance.response.coefficients(parts.segment, np.full(len(parts.segment), t + 1), parts.efforts, boosts)
    margin = np.bincount(parts.segment, parts.portion * given.margin, setting.segments)
    moves = np.zeros((setting.segments, setting.segments + 1))
    place = parts.segment[:, None], instance.destinations[parts.segment]
    np.add.at(moves, place, parts.portion[:, None] * given.probability)
    return margin * instance.ours * instance.expected_factor[:, t], moves[:, :-1]
