"""Where every value of the input stands: file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from allocator.domain.errors import Infeasible, InvalidInput, Mistake, MistakeList, Path

Scalar: TypeAlias = str | int | float | bool | None
Content: TypeAlias = "Scalar | dict[str, Node] | list[Node]"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file; line and column count from 1.

    In a table the column is the position of the field in its row; in a sheet or a Parquet file the
    header is line 1.
    """

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(slots=True)
class Node:
    """A value of a YAML document and its place. Aliases share one node."""

    content: Content
    position: Position
    text: str = ""
    """A scalar as it is written."""
    keys: dict[str, Position] = field(default_factory=dict)
    """Where each key of a mapping stands."""

    @property
    def mapping(self) -> dict[str, Node]:
        """The entries of a mapping; none where the node is something else."""
        return self.content if isinstance(self.content, dict) else {}

    def locate(self, path: Path, *, key: bool = False) -> Position:
        """Place of the value at ``path``, or of the nearest ancestor that exists.

        A mapping or list is placed at its own key; with ``key`` so is a scalar.
        """
        node, position = self, self.position
        for depth, part in enumerate(path):
            if isinstance(node.content, dict) and part in node.content:
                place_of_key = node.keys[str(part)]
                node = node.content[str(part)]
                scalar = not isinstance(node.content, (dict, list))
                wants_value = scalar and not (key and depth == len(path) - 1)
                position = node.position if wants_value else place_of_key
            elif isinstance(node.content, list) and isinstance(part, int) and part < len(node.content):
                node = node.content[part]
                position = node.position
            else:
                break
        return position

    def plain(self, *, written: bool = False) -> object:
        """The value as dictionaries, lists, text and numbers.

        Yes/no values are given as the text ``true`` or ``false``, so that they never count as numbers,
        and below ``where`` everything is text as written (``written``), because tags are text.
        """
        if isinstance(self.content, dict):
            return {key: node.plain(written=written or key == "where") for key, node in self.content.items()}
        if isinstance(self.content, list):
            return [node.plain(written=written) for node in self.content]
        if isinstance(self.content, bool):
            return self.text.lower() if not written else self.text
        return self.text if written and self.content is not None else self.content


class Locatable(Protocol):
    """A document that knows where its values stand."""

    def locate(self, path: Path, *, key: bool = False) -> Position:
        """Place of the value at ``path`` or of its nearest ancestor."""
        ...


@dataclass(slots=True)
class Sources:
    """Where each part of a scenario was read, by the first part of a domain path."""

    documents: dict[str, Locatable] = field(default_factory=dict)

    def place(self, path: Path) -> str:
        """``file:line:column`` of the value at ``path`` or its nearest known ancestor; empty if none is."""
        return self._place(path, key=False)

    def placed(self, mistakes: Sequence[Mistake]) -> list[Mistake]:
        """The mistakes with their places, sorted by file, line and column.

        An unknown name that is the last key of its path is placed at the key, everything else at the value.
        """
        found = {}
        for mistake in mistakes:
            name = mistake.message.removeprefix("unknown ").rpartition(" ")[2]
            is_key = bool(mistake.path) and name == f"`{mistake.path[-1]}`"
            place = mistake.place or self._place(mistake.path, key=is_key)
            found[place, mistake.message] = replace(mistake, place=place)
        return sorted(found.values(), key=_by_place)

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Say of what goes wrong in the block where in the files it stands."""
        try:
            yield
        except InvalidInput as error:
            raise InvalidInput(self.placed(error.mistakes)) from None
        except Infeasible as error:
            raise error.placed(self.place) from None

    def _place(self, path: Path, *, key: bool) -> str:
        document = self.documents.get(str(path[0])) if path else None
        return str(document.locate(path[1:], key=key)) if document else ""


def _by_place(mistake: Mistake) -> tuple[str, int, int]:
    file, _, rest = mistake.place.rpartition(":")
    file, _, line = file.rpartition(":")
    return (file, int(line), int(rest)) if line.isdigit() and rest.isdigit() else (mistake.place, 0, 0)


@dataclass(slots=True)
class Findings(MistakeList):
    """Mistakes found while reading, where the place is already known."""

    def at(self, position: Position, message: str, *, expected: str = "", close_match: str = "") -> None:
        """Record one mistake at ``position``."""
        self.found.append(Mistake((), message, expected, close_match, str(position)))


def raise_placed(findings: Findings, documents: Mapping[str, Locatable]) -> None:
    """Raise what was found, with its places in ``documents``, if anything was."""
    if findings.found:
        raise InvalidInput(Sources(dict(documents)).placed(findings.found))
