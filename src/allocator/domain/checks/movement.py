"""Segments, transitions.csv and treated.csv."""

from __future__ import annotations

from collections import defaultdict

from allocator.domain.checks.known import Known, check_name
from allocator.domain.errors import MistakeList
from allocator.domain.selection import matches

TOLERANCE = 1e-9
"""How far a row of probabilities may be above 1."""


def check_segments(known: Known, found: MistakeList) -> None:
    """Names are unique."""
    seen: dict[str, int] = {}
    for index, segment in enumerate(known.model.segments):
        if segment.name in seen:
            found.add(("segments", index, "segment"), f"the segment `{segment.name}` is given twice")
        seen.setdefault(segment.name, index)


def check_transitions(known: Known, found: MistakeList) -> None:
    """Both ends are segments, no pair is given twice, and no row adds up to more than 1 in any period."""
    rows: dict[str, dict[int | None, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    last: dict[str, int] = {}
    for index, move in enumerate(known.model.transitions):
        known.check_segment(found, ("transitions", index, "from"), move.origin)
        known.check_segment(found, ("transitions", index, "to"), move.destination)
        row = rows[move.origin][move.period]
        if move.destination in row:
            when = f" in period {move.period}" if move.period else ""
            pair = f"`{move.origin}` to `{move.destination}`"
            found.add(("transitions", index, "to"), f"the transition from {pair}{when} is given twice")
        row[move.destination] = move.probability
        last[move.origin] = index
    for origin, periods in rows.items():
        for period in periods:
            total = sum({**periods.get(None, {}), **periods[period]}.values())
            if total > 1.0 + TOLERANCE:
                when = f" in period {period}" if period else ""
                message = f"the probabilities from `{origin}`{when} add up to {total:.10g}"
                found.add(("transitions", last[origin], "probability"), message, expected="at most 1")


def check_treated(known: Known, found: MistakeList) -> None:
    """Names, efforts and sums of the measured rows; one lever at most for a segment."""
    model = known.model
    totals: dict[tuple[str, float, str], float] = defaultdict(float)
    pairs: set[tuple[str, float, str, str]] = set()
    owner: dict[str, str] = {}
    for index, row in enumerate(model.treated):
        known.check_segment(found, ("treated", index, "to"), row.destination)
        is_segment = known.check_segment(found, ("treated", index, "from"), row.origin)
        if check_name(found, ("treated", index, "lever"), "lever", row.lever, model.levers):
            reached = model.levers[row.lever].where
            if is_segment and not matches(reached, known.segments[row.origin].tags):
                found.add(("treated", index, "from"), f"the lever `{row.lever}` does not reach `{row.origin}`")
        if row.effort == 0.0:
            found.add(("treated", index, "effort"), "effort 0 is what transitions.csv says", expected="above 0")
        first = owner.setdefault(row.origin, row.lever)
        if first != row.lever:
            message = f"`{row.origin}` already has measured rows of the lever `{first}`"
            found.add(("treated", index, "lever"), message, expected="one lever with measured rows for a segment")
        pair = (row.lever, row.effort, row.origin, row.destination)
        if pair in pairs:
            found.add(("treated", index, "to"), f"`{row.origin}` to `{row.destination}` is given twice at this effort")
        pairs.add(pair)
        before = totals[pair[:3]]
        totals[pair[:3]] += row.probability
        if before <= 1.0 + TOLERANCE < totals[pair[:3]]:
            message = f"the probabilities from `{row.origin}` at effort {row.effort:g} add up to more than 1"
            found.add(("treated", index, "probability"), message, expected="at most 1")
