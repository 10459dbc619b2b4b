"""Which levers reach which segments, and which response row holds where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter

import numpy as np

from allocator.domain.curves import Curve
from allocator.domain.errors import InternalError
from allocator.domain.model import Model, Response, Segment
from allocator.domain.selection import matches, unit_depth
from allocator.response.arrays import BoolArray


def reached(model: Model) -> BoolArray:
    """[L, S]: whether the lever's `where` selects the segment."""
    return np.array(
        [[matches(lever.where, segment.tags) for segment in model.segments] for lever in model.levers.values()],
        dtype=bool,
    ).reshape(len(model.levers), len(model.segments))


def specificity(response: Response) -> tuple[bool, int, int]:
    """How narrow a row is: names the segment, then selectors filled in, then depth of its unit."""
    return bool(response.segment), len(response.selectors), unit_depth(response.unit)


class Matcher:
    """Finds the response row that holds in each segment."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._names = [segment.name for segment in segments]
        self._place = {name: place for place, name in enumerate(self._names)}
        self._tags = [segment.tags for segment in segments]

    def most_specific(self, responses: Sequence[Response]) -> dict[int, Curve]:
        """Index of a segment -> curve of the narrowest of ``responses`` (of one lever, effect and `to`) that match it;
        segments that none matches are left out.

        Raises
        ------
        InternalError
            If two rows are equally narrow; the checks of the input refuse that.
        """
        found: dict[int, tuple[tuple[bool, int, int], Response]] = {}
        for rank, row in sorted(((specificity(row), row) for row in responses), key=itemgetter(0), reverse=True):
            for place in self._matching(row):
                narrowest, _ = found.setdefault(place, (rank, row))
                if narrowest == rank and found[place][1] is not row:
                    fit = f"fit `{self._names[place]}` equally well"
                    raise InternalError(f"two responses of `{row.lever}` ({row.effect}) {fit}")
        return {place: found[place][1].curve for place in sorted(found)}

    def _matching(self, response: Response) -> list[int]:
        """The segments that a row matches: one at most where it names one."""
        candidates: Iterable[int] = range(len(self._tags))
        if response.segment:
            candidates = [self._place[response.segment]] if response.segment in self._place else []
        where = {column: (text,) for column, text in response.selectors.items()}
        return [place for place in candidates if matches(where, self._tags[place])]
