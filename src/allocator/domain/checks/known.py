"""The names a model knows, gathered once for all checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from allocator.domain.errors import MistakeList, Path
from allocator.domain.model import Model, Segment
from allocator.domain.selection import Where, matches, unit_covers


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
        values: dict[str, dict[str, None]] = {}
        for segment in self.model.segments:
            for column, value in segment.tags.items():
                values.setdefault(column, {})[value] = None
        return values

    @cached_property
    def pools(self) -> dict[str, None]:
        """Pools that resources belong to."""
        return dict.fromkeys(self.model.pool_of(name) for name in self.model.resources)

    @cached_property
    def functions(self) -> dict[str, None]:
        """Functions that anything belongs to."""
        model = self.model
        groups = (model.resources, model.levers, model.channels, model.programmes)
        return dict.fromkeys(item.function for group in groups for item in group.values())

    def selected(self, where: Where) -> list[Segment]:
        """Segments that ``where`` selects."""
        return [segment for segment in self.model.segments if matches(where, segment.tags)]

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
        if where and len(found.found) == before and not self.selected(where):
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
