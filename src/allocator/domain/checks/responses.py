"""responses.csv: each row reaches somebody, does something, and never ties with another."""

from __future__ import annotations

from allocator.domain.checks.known import Known, check_name
from allocator.domain.errors import MistakeList
from allocator.domain.model import Response, Segment
from allocator.domain.selection import unit_depth

_OWNERS = {"retention": (True, "ours"), "acquisition": (False, "another owner's")}


def check_responses(known: Known, found: MistakeList) -> None:
    """Levers, selectors, names of destinations, and ties."""
    matched = [_reached(known, found, index, response) for index, response in enumerate(known.model.responses)]
    for index, response in enumerate(known.model.responses):
        _check_destination(known, found, index, response)
    _check_ties(known, found, matched)


def check_migrations(known: Known, found: MistakeList) -> None:
    """Somebody moves to the destination of a migration."""
    for index, response in enumerate(known.model.responses):
        if response.effect != "migration" or response.to not in known.segments:
            continue
        reached = _reached(known, MistakeList(), index, response)
        if reached and not any(response.to in known.destinations[segment.name] for segment in reached):
            message = f"nobody it reaches ever moves to `{response.to}`, so the migration does nothing"
            expected = "a destination with a probability above 0 in transitions.csv"
            found.add(("responses", index, "to"), message, expected=expected)


def _reached(known: Known, found: MistakeList, index: int, response: Response) -> list[Segment]:
    """Segments that the row acts on; records why there are none."""
    path = ("responses", index)
    before = len(found.found)
    for column, value in response.selectors.items():
        selector = MistakeList()
        known.check_where(selector, path, {column: (value,)})
        found.found += selector.found
    if (
        not check_name(found, (*path, "lever"), "lever", response.lever, known.model.levers)
        or len(found.found) > before
    ):
        return []
    where = {column: (value,) for column, value in response.selectors.items()}
    reached = known.at(known.positions(where) & known.reach[response.lever])
    if not reached:
        message = f"the response matches no segment that the lever `{response.lever}` reaches"
        found.add((*path, "lever"), message, expected="selectors that agree with the lever's `where`")
    wanted, words = _OWNERS.get(response.effect, (None, ""))
    if reached and wanted is not None and all(segment.ours != wanted for segment in reached):
        message = f"`{response.effect}` does nothing: no segment it reaches is {words}"
        found.add((*path, "effect"), message, close_match="acquisition" if wanted else "retention")
    return reached


def _check_destination(known: Known, found: MistakeList, index: int, response: Response) -> None:
    path = ("responses", index, "to")
    if response.effect != "migration":
        if response.to:
            found.add(path, f"`to` goes with `migration` only, not with `{response.effect}`", expected="an empty cell")
    elif not response.to:
        found.add(path, "`to` is empty", expected="the segment that customers migrate to")
    else:
        known.check_segment(found, path, response.to)


def _check_ties(known: Known, found: MistakeList, matched: list[list[Segment]]) -> None:
    """No segment has two most specific rows for one lever, effect and destination."""
    best: dict[tuple[str, str, str, str], tuple[tuple[bool, int, int], list[int]]] = {}
    for index, response in enumerate(known.model.responses):
        rank = specificity(response)
        for segment in matched[index]:
            key = (response.lever, response.effect, response.to, segment.name)
            top, holders = best.get(key, (rank, []))
            if rank > top:
                best[key] = (rank, [index])
            elif rank == top and index not in holders:
                best[key] = (rank, [*holders, index])
    reported: set[tuple[int, int]] = set()
    for (lever, effect, _, name), (_, holders) in best.items():
        for index in holders[1:]:
            if (holders[0], index) not in reported:
                reported.add((holders[0], index))
                message = f"ties with row {holders[0] + 1} for `{effect}` of `{lever}` on `{name}`"
                found.add(("responses", index, "lever"), message, expected="one row more specific than the other")


def specificity(response: Response) -> tuple[bool, int, int]:
    """Rank of a row: names the segment, selectors filled in, depth of its unit. The highest wins."""
    return (bool(response.segment), len(response.selectors), unit_depth(response.unit))
