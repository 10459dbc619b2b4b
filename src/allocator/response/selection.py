"""Which levers reach which segments, and which response row holds where."""

from __future__ import annotations

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


def most_specific(responses: list[Response], segment: Segment) -> Curve | None:
    """Curve of the narrowest of ``responses`` (of one lever, effect and `to`) that match; None if none does.

    Raises
    ------
    InternalError
        If two rows are equally narrow; the checks of the input refuse that.
    """
    tags = segment.tags
    matching = [row for row in responses if matches({key: (text,) for key, text in row.selectors.items()}, tags)]
    if not matching:
        return None
    best = max(specificity(row) for row in matching)
    winners = [row for row in matching if specificity(row) == best]
    if len(winners) > 1:
        raise InternalError(
            f"two responses of `{winners[0].lever}` ({winners[0].effect}) fit `{segment.name}` equally well"
        )
    return winners[0].curve
