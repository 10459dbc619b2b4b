"""A bound on the smooth part of the reduced cost that takes each lever by itself.

Loyalty curves shift all destinations of ours together, so that the mean arrival price is a function F(G) of the sum
G of their values, unless curves or measured rows move customers to single destinations. For any slope b,

    f(e) = F(G) - b G + sum over levers of (price e + price of margin x margin curves(e) + b x loyalty curves(e)),

and each lever's part has its greatest value by itself (``levers``). That gives a straight line above all that
treatments which add G to loyalty bring besides F; F, which has one variable, and the least of several such lines bound
f (``lines``). That needs no small boxes, however many levers there are. Where it leaves a gap, a lever has two bests
at one price of loyalty: boxes are best cut between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.arithmetic import Range
from allocator.solving.pricing.levers import LeverProblems, Terms
from allocator.solving.pricing.lines import Gap, Lines
from allocator.solving.pricing.outlook import Outlook
from allocator.solving.pricing.shapes import Shapes
from allocator.solving.pricing.space import TreatmentSpace

FIRST = (0.0, 0.5, 1.0)
"""Where the first slopes lie in the range of those of F."""
MORE = 10
"""Most slopes tried after these."""
CLOSE = 1e-3
"""Two slopes that differ by no more, relative to themselves, are as good as one where a lever has two bests."""


@dataclass(frozen=True, slots=True)
class Separated:
    """Found of Q boxes.

    upper: [Q] bounds on f, less the margin of customers whom no curve reaches.
    efforts: [Q, L] twice, on either side of where the bound is attained.
    lever, place: [Q] along which lever, and at which effort, to cut a box that stays open; -1 if along any.
    """

    upper: FloatArray
    efforts: Range
    lever: IntArray
    place: FloatArray


class SeparableBounds:
    """Such bounds on treatments of a space."""

    def __init__(self, space: TreatmentSpace) -> None:
        self._space = space
        moved = np.zeros(len(space.table.segments), dtype=bool)
        for move in space.table.effects.migrations:
            moved |= move.action.present
        self.fits: BoolArray = (space.table.transitions.measured_lever < 0) & ~moved
        """[S] segments in which nothing but loyalty moves customers."""

    @cached_property
    def _shapes(self) -> Shapes:
        return Shapes(self._space)

    def bound(self, terms: Terms, outlook: Outlook, target: FloatArray) -> Separated:
        """Bounds on boxes of segments that fit, no sharper than ``target`` [Q] once that is reached. ``terms.sign`` is
        that of ``outlook.rise``."""
        problems = LeverProblems(self._shapes, terms)
        low, high = problems.loyalty
        outlook = replace(outlook, low=low, high=high)
        slopes = outlook.slopes
        lines = _joined([_line(problems, slopes[0] + share * (slopes[1] - slopes[0])) for share in FIRST])
        rows, efforts = np.arange(len(target)), (terms.low.copy(), terms.low.copy())
        found = Separated(np.full(len(rows), np.inf), efforts, np.full(len(rows), -1), np.zeros(len(rows)))
        for turn in range(MORE + 1):
            crest = lines.crest(outlook)
            gap = lines.gap(crest)
            found.upper[rows] = np.minimum(found.upper[rows], crest.upper)
            found.efforts[0][rows], found.efforts[1][rows] = gap.efforts
            slope = gap.within(gap.chord if turn % 2 == 0 else outlook.slope(crest.loyalty))
            missed = found.upper[rows] > target[rows]
            going = missed & _promising(gap, target[rows]) & (turn < MORE)
            stuck = np.flatnonzero(missed & ~going)
            if stuck.size:
                ends = gap.efforts[0][stuck], gap.efforts[1][stuck]
                found.lever[rows[stuck]], found.place[rows[stuck]] = problems.take(stuck).dip(slope[stuck], ends)
            if not going.any():
                break
            rows, outlook, problems = rows[going], outlook.take(going), problems.take(going)
            lines = _joined([lines.take(going), _line(problems, slope[going])])
        return found


def _promising(gap: Gap, target: FloatArray) -> BoolArray:
    """Whether another slope may help: not where all slopes that are left cannot, once it is clear between which."""
    first, last = gap.slopes
    return np.asarray((last - first > CLOSE * (np.abs(first) + np.abs(last))) | (gap.known <= target))


def _line(problems: LeverProblems, slope: FloatArray) -> Lines:
    return Lines.of(slope, problems.solve(slope))


def _joined(lines: Sequence[Lines]) -> Lines:
    return reduce(Lines.joined, lines)
