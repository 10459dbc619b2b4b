"""The names a model knows, gathered once for all checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from allocator.domain.errors import MistakeList, Path
from allocator.domain.model import Model, Segment
from allocator.domain.selection import Where, unit_covers

USUAL_FUNCTIONS = ("sales", "service", "marketing", "production", "channel")
"""Functions that the file format names: a budget may be for one of which a model has nothing."""


@dataclass(frozen=True)
class Known:
    """A model's names, and the checks of names that every part of the input needs."""

    model: Model

    @cached_property
    def segments(self) -> dict[str, Segment]:
        """Segments by name."""
        return {segment.name: segment for segment in self.model.segments}

    @cached_property
    def tags(self) -> dict[str, dict[str, None]]:
        """Column that `where` can select on -> its values, in the order of segments.csv."""
        return {column: dict.fromkeys(values) for column, values in self._holders.items()}

    @cached_property
    def pools(self) -> dict[str, None]:
        """Pools that resources belong to."""
        return dict.fromkeys(self.model.pool_of(name) for name in self.model.resources)

    @cached_property
    def misplaced(self) -> set[str]:
        """Pools with a resource in a unit that no segment lies in."""
        resources = self.model.resources.items()
        return {self.model.pool_of(name) for name, each in resources if each.unit and not self._has("unit", each.unit)}

    @cached_property
    def functions(self) -> dict[str, None]:
        """Functions that anything belongs to, and the usual ones."""
        model = self.model
        groups = (model.resources, model.levers, model.channels, model.programmes)
        return dict.fromkeys((*(item.function for group in groups for item in group.values()), *USUAL_FUNCTIONS))

    @cached_property
    def reach(self) -> dict[str, frozenset[int]]:
        """Lever -> positions of the segments that its `where` selects."""
        return {name: self.positions(lever.where) for name, lever in self.model.levers.items()}

    @cached_property
    def destinations(self) -> dict[str, set[str]]:
        """Segment -> where its customers move to in some period, treated or not."""
        moves = [(move.origin, move.destination, move.probability) for move in self.model.transitions]
        moves += [(move.origin, move.destination, move.probability) for move in self.model.treated]
        reached: dict[str, set[str]] = defaultdict(set)
        for origin, destination, probability in moves:
            if probability > 0.0:
                reached[origin].add(destination)
        return reached

    @cached_property
    def _holders(self) -> dict[str, dict[str, frozenset[int]]]:
        """Column -> value -> positions of the segments that have it."""
        holders: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for position, segment in enumerate(self.model.segments):
            for column, value in segment.tags.items():
                holders[column][value].add(position)
        return {column: {value: frozenset(at) for value, at in of.items()} for column, of in holders.items()}

    @cached_property
    def _everywhere(self) -> frozenset[int]:
        return frozenset(range(len(self.model.segments)))

    def positions(self, where: Where) -> frozenset[int]:
        """Positions of the segments that ``where`` selects; as ``matches`` segment by segment, but quick."""
        selected = self._everywhere
        for column, accepted in where.items():
            holders = self._holders.get(column, {})
            if column == "unit":
                of_column = [at for unit, at in holders.items() if any(unit_covers(path, unit) for path in accepted)]
            else:
                of_column = [holders[value] for value in accepted if value in holders]
            selected &= frozenset().union(*of_column)
        return selected

    def selected(self, where: Where) -> list[Segment]:
        """Segments that ``where`` selects."""
        return self.at(self.positions(where))

    def at(self, positions: Iterable[int]) -> list[Segment]:
        """Segments at ``positions``, in the order of segments.csv."""
        return [self.model.segments[position] for position in sorted(positions)]

    def check_segment(self, found: MistakeList, path: Path, name: str) -> bool:
        """Whether there is a segment ``name``; records a mistake if not."""
        return check_name(found, path, "segment", name, self.segments)

    def check_where(self, found: MistakeList, path: Path, where: Where) -> None:
        """Record columns and values of ``where`` that no segment has, and a selection of nothing."""
        before = len(found.found)
        for column, values in where.items():
            if column not in self.tags:
                found.unknown((*path, column), "column", column, self.tags)
                continue
            for value in values:
                if not self._has(column, value):
                    found.unknown((*path, column), column, value, self._choices(column))
        if where and len(found.found) == before and not self.positions(where):
            found.add(path, f"`{path[-1]}` selects no segment", expected="at least one that has all of its columns")

    def _choices(self, column: str) -> list[str]:
        """Values that ``column`` may be given; for units, everything above them too."""
        if column != "unit":
            return [value for value in self.tags[column] if value]
        paths = (unit.split("/") for unit in self.tags[column] if unit)
        return list(dict.fromkeys("/".join(path[:depth]) for path in paths for depth in range(1, len(path) + 1)))

    def _has(self, column: str, value: str) -> bool:
        if column == "unit":
            return any(unit_covers(value, unit) for unit in self.tags[column])
        return value in self.tags[column]


def check_name(found: MistakeList, path: Path, kind: str, name: str, known: Iterable[str]) -> bool:
    """Whether ``name`` is among ``known``; records a mistake with the close match if not."""
    names = known if isinstance(known, dict) else list(known)
    if name in names:
        return True
    found.unknown(path, kind, name, names)
    return False


def check_names(found: MistakeList, path: Path, kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Record each of ``names`` that is not among ``known``, by its place in the list."""
    everything = list(known)
    for index, name in enumerate(names):
        check_name(found, (*path, index), kind, name, everything)
