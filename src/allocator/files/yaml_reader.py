"""YAML text -> nodes that know their line and column (YAML 1.2 core schema, nothing executable)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

try:
    from ruamel.yaml.cyaml import CParser
except ImportError:
    CParser = None

from allocator.domain.errors import InvalidInput, Mistake
from allocator.files.positions import Findings, Node, Position, Scalar

DEPTH_LIMIT = 40
"""Levels of nesting; the deepest key of the format is at level 6."""
SIZE_LIMIT = 1_000_000
"""Values in one document after aliases are expanded."""

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17}|[1-9][0-9]{0,2}(_[0-9]{3})+)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def parse_yaml(text: str, file: str) -> Node:
    """Return the one mapping that the YAML document ``text`` holds.

    Raises
    ------
    InvalidInput
        If the text is not YAML, holds no mapping, nests too deep, repeats a key or grows too large.
    """
    try:
        return _Builder(file).document(_events(text))
    except MarkedYAMLError as error:
        # Where a key or a quote began says more than where it was given up.
        unfinished = any(part in (error.context or "") for part in ("simple key", "quoted scalar"))
        mark = error.context_mark if unfinished else error.problem_mark or error.context_mark
        position = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file, 1, 1)
        raise _refused(position, f"not valid YAML: {_problem(error, text, position)}") from error
    except YAMLError as error:
        message = f"not valid YAML: {getattr(error, 'reason', None) or 'unreadable character'}"
        raise _refused(_place_of_character(text, file), message) from error


def _events(text: str) -> Iterator[Any]:
    """Parser events; the compiled parser where it is installed, for it is twenty times faster."""
    if CParser is None:
        yield from YAML(typ="safe", pure=True).parse(text)
        return
    parser = CParser(text)
    while parser.check_event():
        yield parser.get_event()


class _Builder:
    """Builds nodes from parser events with an own stack, so that depth is a limit and not a crash."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings = Findings()
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.size = 0

    def document(self, events: Iterator[Any]) -> Node:
        """The root node of the only document."""
        root: Node | None = None
        stack: list[_Open] = []
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refused(self._position(event), "a second YAML document; expected one to a file")
            elif isinstance(event, CollectionEndEvent | MappingEndEvent | SequenceEndEvent):
                done = stack.pop()
                if done.anchor:
                    self.anchors[done.anchor] = (done.node, self.size - done.size_before)
            elif isinstance(event, NodeEvent):
                node = self._node(event, stack)
                if stack:
                    stack[-1].take(node, self.findings)
                else:
                    root = node
                if isinstance(event, MappingStartEvent | SequenceStartEvent):
                    stack.append(_Open(node, event.anchor, self.size))
        return self._checked(root)

    def _checked(self, root: Node | None) -> Node:
        start = Position(self.file, 1, 1)
        if root is None or root.content is None:
            raise _refused(start, "the file is empty", "keys and values")
        if not isinstance(root.content, dict):
            raise _refused(root.position, "the file is not a mapping", "keys and values, such as `horizon: 8`")
        self.findings.raise_if_any()
        return root

    def _node(self, event: Any, stack: list[_Open]) -> Node:
        position = self._position(event)
        if len(stack) >= DEPTH_LIMIT:
            raise _refused(position, f"nested more than {DEPTH_LIMIT} levels deep")
        if isinstance(event, AliasEvent):
            if event.anchor not in self.anchors:
                raise _refused(position, f"`*{event.anchor}` stands before `&{event.anchor}` ends, or there is none")
            node, size = self.anchors[event.anchor]
            self._grow(size, position)
            return node
        self._grow(1, position)
        if event.tag is not None and event.tag != "!":
            raise _refused(position, f"the tag `{event.tag}` is not allowed", "plain values")
        if isinstance(event, ScalarEvent):
            if "\0" in event.value:
                raise _refused(position, "the character 0 is no text")
            plain = not event.style
            node = Node(_scalar(event.value) if plain else event.value, position, event.value)
            if event.anchor:
                self.anchors[event.anchor] = (node, 1)
            return node
        return Node({} if isinstance(event, MappingStartEvent) else [], position)

    def _grow(self, by: int, position: Position) -> None:
        self.size += by
        if self.size > SIZE_LIMIT:
            raise _refused(position, f"aliases blow the document up to more than {SIZE_LIMIT:,} values")

    def _position(self, event: Any) -> Position:
        return Position(self.file, event.start_mark.line + 1, event.start_mark.column + 1)


class _Open:
    """A mapping or list whose end has not been read yet."""

    def __init__(self, node: Node, anchor: str | None, size_before: int) -> None:
        self.node = node
        self.anchor = anchor
        self.size_before = size_before - 1
        self.key: Node | None = None

    def take(self, child: Node, findings: Findings) -> None:
        """Add the next child: an item, or a key and then its value."""
        content = self.node.content
        if isinstance(content, list):
            content.append(child)
        elif self.key is None:
            if isinstance(child.content, (dict, list)):
                raise _refused(child.position, "a key cannot be a list or a mapping", "text")
            self.key = child
        elif isinstance(content, dict):
            name = self.key.text
            if name in content:
                first = self.node.keys[name].line
                findings.at(self.key.position, f"the key `{name}` is given twice (first in line {first})")
            content[name] = child
            self.node.keys.setdefault(name, self.key.position)
            self.key = None


def _scalar(text: str) -> Scalar:
    """A plain scalar by the YAML 1.2 core schema; digits that start with 0, such as 007, stay text."""
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    return float(text.replace(".", "", 1)) if _SPECIAL.fullmatch(text) else text


def _problem(error: MarkedYAMLError, text: str, position: Position) -> str:
    """What the parser found, in the planner's words."""
    problem = error.problem or error.context or ""
    lines = text.splitlines()
    before = lines[position.line - 1][: position.column] if position.line <= len(lines) else ""
    if "tab" in problem or (before and not before.strip() and "\t" in before):
        return "a tab is used for indentation; use spaces"
    words = {
        "mapping values are not allowed in this context": "a second `:` in a line, or wrong indentation",
        "found character that cannot start any token": "a character here must be written in quotes",
        "could not find expected ':'": "a `:` is missing after a key",
        "did not find expected key": "a key is expected here; is the indentation right?",
        "did not find expected '-' indicator": "a `-` is expected here; is the indentation right?",
        "did not find expected ',' or '}'": "a `,` or `}` is missing",
        "did not find expected ',' or ']'": "a `,` or `]` is missing",
        "found unexpected end of stream": "a quote is not closed",
    }
    return words.get(problem, problem)


def _place_of_character(text: str, file: str) -> Position:
    """Place of the first character that YAML does not allow."""
    for line, content in enumerate(text.split("\n"), start=1):
        for column, character in enumerate(content, start=1):
            if not (character.isprintable() or character in "\t\r\ufeff\x85\xa0"):
                return Position(file, line, column)
    return Position(file, 1, 1)


def _refused(position: Position, message: str, expected: str = "") -> InvalidInput:
    return InvalidInput([Mistake((), message, expected, "", str(position))])
