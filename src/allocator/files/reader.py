"""Scenario files -> domain scenario, with the place of every value."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from allocator.domain.base import Frozen
from allocator.domain.checks import MODEL_PARTS, PARTS, PLAN_PARTS, check_plan, check_scenario
from allocator.domain.errors import InternalError, InvalidInput, Mistake
from allocator.domain.model import Model, Segment
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.files import rows
from allocator.files.leniency import as_meant
from allocator.files.mend import mend, real
from allocator.files.merge import override_model, override_segments, read_extended
from allocator.files.plan_source import LoadedPlan
from allocator.files.plans import load_plan
from allocator.files.positions import Findings, Node, Sources
from allocator.files.tables import Table, table_of
from allocator.files.text import Files, beside
from allocator.files.translate import mistakes_in, told_once
from allocator.files.yaml_reader import parse_yaml

S = TypeVar("S", bound=Scenario)
T = TypeVar("T")
F = TypeVar("F", bound=Frozen)
R = TypeVar("R", bound=Frozen)

FILE_KEYS = ("extends", "overrides")
"""Keys of scenario.yaml that are gone once it is read."""
_TABLES: tuple[tuple[rows.TableKind[Any], bool], ...] = (
    (rows.SEGMENTS, True),
    (rows.TRANSITIONS, True),
    (rows.TREATED, False),
    (rows.RESPONSES, False),
)
"""Tables of a model, and whether they must be there."""
_SEGMENT = Segment(name="-", customers=0, margin=0)
_NEUTRAL_MODEL: dict[str, Any] = {"model": "-", "period": "year", "discount_rate": 0.0}
_NEUTRAL_SCENARIO: dict[str, Any] = {"scenario": "-", "horizon": 10**6}
"""Stand-ins for what is missing or wrong, so that the rest can still be checked."""
_ATTEMPTS = 8
"""Mending one mistake may bring another to light; after so many times, all that is still wrong is left out."""


@dataclass(frozen=True, slots=True)
class LoadedScenario(Generic[S]):
    """A scenario and where it came from."""

    scenario: S
    sources: Sources
    """Place of each value, for errors that only show later."""
    digests: dict[str, str]
    """SHA-256 of every file read, by its path relative to the scenario's folder."""


def read_scenario(path: str | Path, into: type[S] = Scenario) -> S:  # type: ignore[assignment]
    """Read a scenario file with all that it names.

    Raises
    ------
    InvalidInput
        With all mistakes found in all files, sorted by file and line.
    """
    return read(path, into).scenario


def read(path: str | Path, into: type[S] = Scenario) -> LoadedScenario[S]:  # type: ignore[assignment]
    """Like :func:`read_scenario`, with the places of all values and the digests of all files.

    Raises
    ------
    InvalidInput
        With all mistakes found in all files, sorted by file and line.
    """
    reader = _Reader()
    try:
        scenario = reader.scenario(read_extended(reader.files, os.path.normpath(path)), into)
    except InvalidInput as error:
        raise InvalidInput(reader.sources.placed(error.mistakes)) from None
    return LoadedScenario(scenario, reader.sources, _relative(reader.files.digests, path))


def document_scenario(document: Node, into: type[S]) -> S:
    """The scenario that a document says whose tables stand in it.

    Raises
    ------
    InvalidInput
        With all mistakes found, or if the document extends a file.
    """
    if "extends" in document.mapping:
        raise InvalidInput([Mistake(("scenario", "extends"), "`extends` goes with files", "a scenario that is whole")])
    return _Reader().scenario(document, into)


def _relative(digests: dict[str, str], scenario: str | Path) -> dict[str, str]:
    folder = Path(scenario).absolute().parent
    return {Path(os.path.relpath(file, folder)).as_posix(): digest for file, digest in digests.items()}


class _Reader:
    """Reads one scenario; collects mistakes so that one file's do not hide another's.

    A part with mistakes is left out, and the cross-checks that need it with it; the others still run.
    """

    def __init__(self) -> None:
        self.files = Files()
        self.sources = Sources()
        self.findings = Findings()
        self.sound = set(PARTS)
        self.trees: dict[str, Node] = {}

    def scenario(self, document: Node, into: type[S]) -> S:
        """The scenario that a document says, checked."""
        self.trees["scenario"] = self.sources.documents["scenario"] = document
        model = self._model(document)
        data: dict[str, Any] = {key: node.plain() for key, node in document.mapping.items() if key not in FILE_KEYS}
        data["model"] = model
        self._add_shocks(document, data)
        data["current_plan"] = self._plan(document)
        scenario = self._typed(into, data, "scenario", _NEUTRAL_SCENARIO, also=FILE_KEYS)
        self.findings.found += real(check_scenario(scenario, frozenset(self.sound)))
        if isinstance(loaded := self.sources.documents.get("plan"), LoadedPlan) and self.sound >= PLAN_PARTS:
            self.findings.found += real(check_plan(loaded.idle, scenario))
        self.findings.found = told_once(self.findings.found)
        self.findings.raise_if_any()
        return scenario

    def _model(self, document: Node) -> Model:
        """The model that the scenario names, overridden."""
        overrides = document.mapping.get("overrides") or Node({}, document.position)
        self.sources.documents["overrides"] = overrides
        tree = self._attempt(lambda: self._model_document(document))
        if tree is None:
            self.sound -= MODEL_PARTS
            return Model(segments=(_SEGMENT,), **_NEUTRAL_MODEL)
        tree = override_model(tree, overrides, self.findings)
        self.trees["model"] = self.sources.documents["model"] = tree
        data: dict[str, Any] = {}
        for kind, required in _TABLES:
            data[kind.name] = self._table(kind, tree, required, overrides)
        data["segments"] = data["segments"] or (_SEGMENT,)
        others = {key: node.plain() for key, node in tree.mapping.items() if key not in data}
        return self._typed(Model, {**others, **data}, "model", _NEUTRAL_MODEL)

    def _model_document(self, document: Node) -> Node:
        """model.yaml, or the model as it is written in the scenario file."""
        named = document.mapping.get("model")
        if named is None:
            raise InvalidInput([Mistake(("scenario", "model"), "`model` is missing")])
        if isinstance(named.content, dict):
            return named
        if not named.text or isinstance(named.content, list):
            raise InvalidInput([Mistake(("scenario", "model"), "`model` names no file", "a folder or a file")])
        path = beside(named.position, named.text)
        if os.path.isdir(path):
            path = str(Path(path) / "model.yaml")
        return parse_yaml(self.files.read_text(path, named.position), path)

    def _table(self, kind: rows.TableKind[R], tree: Node, required: bool, overrides: Node) -> tuple[R, ...]:
        """The typed rows of a table of the model."""
        node = tree.mapping.get(kind.name)
        if node is None or (node.content is None and not required):
            if required:
                self.findings.add(("model", kind.name), f"`{kind.name}` is missing", expected="a table")
                self.sound.discard(kind.name)
            return ()
        if kind is not rows.SEGMENTS and node.content == []:
            return ()  # written out as an empty list it is meant; a file without rows is more likely an accident
        table = self._attempt(lambda: self._read(kind.name, node))
        before = len(self.findings.found)
        if table is None:
            self.sound.discard(kind.name)
            return ()
        if kind.tags:
            override_segments(table, overrides, self.findings)
        typed = rows.typed_rows(table, kind, self.findings)
        if len(self.findings.found) > before and not (kind.named_by and typed):
            self.sound.discard(kind.name)
        return typed

    def _read(self, name: str, node: Node) -> Table:
        """The table that ``node`` names or holds; its cells can be placed from now on."""
        table = table_of(self.files, node)
        self.sources.documents[name] = table
        return table

    def _add_shocks(self, document: Node, data: dict[str, Any]) -> None:
        """Replace the name of the table of shocks by its rows."""
        risk = document.mapping.get("risk")
        node = risk.mapping.get("shocks") if risk else None
        if node is None or node.content is None:
            return
        before = len(self.findings.found)
        table = self._attempt(lambda: self._read("shocks", node))
        data["risk"]["shocks"] = rows.typed_rows(table, rows.SHOCKS, self.findings) if table else ()
        if len(self.findings.found) > before:
            self.sound.discard("shocks")

    def _plan(self, document: Node) -> Plan | None:
        """The plan that the scenario names."""
        node = document.mapping.get("current_plan")
        if node is None or node.content is None:
            return None
        loaded = self._attempt(lambda: load_plan(self.files, node))
        if loaded is None:
            self.sound.discard("current_plan")
            return Plan()
        self.findings.found += loaded.mistakes
        self.sources.documents["plan"] = loaded
        return loaded.plan

    def _attempt(self, part: Callable[[], T]) -> T | None:
        """The part, or None with its mistakes recorded."""
        try:
            return part()
        except InvalidInput as error:
            self.findings.found += error.mistakes
            return None

    def _typed(
        self, into: type[F], data: dict[str, Any], document: str, neutral: dict[str, Any], also: tuple[str, ...] = ()
    ) -> F:
        """``data`` as a domain type. What is wrong with it is mended; keys that cannot be mended are left out or
        neutral, and no longer sound.
        """
        found: list[Mistake] = []
        tree, attempt = self.trees[document], 0
        while attempt < _ATTEMPTS:
            try:
                return into.model_validate(data, by_alias=True, by_name=False)
            except ValidationError as error:
                if attempt == 0 and as_meant(data, error, into, tree):
                    continue
                found = mistakes_in(error, into, (document,), also=also)
                mend(data, error, into)
            if attempt == 0:
                self.findings.found += found
            whole = {str(mistake.path[1]) for mistake in found if len(mistake.path) == 2 or attempt == _ATTEMPTS - 2}
            # What a mistyped key was meant to hold is not known, rather than none.
            whole |= {mistake.close_match for mistake in found if len(mistake.path) == 2} - data.keys()
            self.sound -= whole
            data = {key: value for key, value in data.items() if key not in whole}
            data |= {key: value for key, value in neutral.items() if key in whole}
            attempt += 1
        raise InternalError("the input cannot be mended for checking")
