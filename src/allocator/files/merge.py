"""`extends` and `overrides`: one YAML document laid over another."""

from __future__ import annotations

import os

from allocator.domain.errors import InvalidInput, Mistake
from allocator.files.positions import Findings, Node
from allocator.files.rows import SEGMENTS
from allocator.files.tables import Table
from allocator.files.text import Files, beside
from allocator.files.yaml_reader import parse_yaml

_NAMED = ("resources", "levers", "channels", "programmes")
_FORMS = ("curve", "kind", "rule")


def merged(base: Node, top: Node) -> Node:
    """``top`` laid over ``base``: mappings merge key by key, everything else is replaced whole.

    A mapping of another form (another `curve`, `kind` or `rule`, or levels of effort for a continuous
    one) replaces the old one whole, because the keys of the old form mean nothing in the new one.
    """
    if not (isinstance(base.content, dict) and isinstance(top.content, dict)) or _other_form(base, top):
        return top
    content = dict(base.content)
    for key, node in top.content.items():
        content[key] = merged(content[key], node) if key in content else node
    return Node(content, top.position, keys={**base.keys, **top.keys})


def _other_form(base: Node, top: Node) -> bool:
    old, new = base.mapping, top.mapping
    if any(key in old and key in new and old[key].text != new[key].text for key in _FORMS):
        return True
    return ("levels" in new and "max" in old) or ("max" in new and "levels" in old)


def read_extended(files: Files, path: str) -> Node:
    """The scenario at ``path`` laid over the one it extends, and so on.

    Raises
    ------
    InvalidInput
        If a file is missing or not YAML, or if the chain comes back to a file it started from.
    """
    document = parse_yaml(files.read_text(path, None), path)
    seen = [os.path.realpath(path)]
    while "extends" in document.mapping:
        named = document.mapping["extends"]
        if named.content is None:
            break
        base_path = beside(named.position, named.text)
        if not isinstance(named.content, str):
            raise _refused(named, "`extends` names one file", "the path of a scenario file")
        if os.path.realpath(base_path) in seen:
            raise _refused(named, f"`extends` goes round in a circle: `{named.text}` is already part of this scenario")
        seen.append(os.path.realpath(base_path))
        base = parse_yaml(files.read_text(base_path, named.position), base_path)
        del document.mapping["extends"]
        document = merged(base, document)
    return document


def override_model(model: Node, overrides: Node, findings: Findings) -> Node:
    """The model with the scenario's ``overrides`` (all but those of segments by name) laid over it."""
    if overrides.content is None:
        return model
    if not isinstance(overrides.content, dict):
        findings.at(overrides.position, "`overrides` is not a mapping", expected="keys of model.yaml")
        return model
    content = {key: node for key, node in overrides.content.items() if not _is_by_name(key, node)}
    for section in _NAMED:
        changes, known = content.get(section), model.mapping.get(section)
        if changes is None or not isinstance(changes.content, dict):
            continue
        names = known.mapping if known else {}
        for name in changes.content.keys() - names.keys():
            findings.unknown(("overrides", section, name), section[:-1], name, names)
        kept = {name: node for name, node in changes.content.items() if name in names}
        content[section] = Node(kept, changes.position, keys=changes.keys)
    return merged(model, Node(content, model.position, keys=overrides.keys))


def override_segments(table: Table, overrides: Node, findings: Findings) -> None:
    """Change cells of segments.csv by segment name and column, in place."""
    changes = overrides.mapping.get("segments")
    if changes is None or not _is_by_name("segments", changes):
        return
    rows = {str(record.get("segment")): index for index, record in enumerate(table.records)}
    for name, cells in changes.mapping.items():
        path = ("overrides", "segments", name)
        if name not in rows:
            findings.unknown(path, "segment", name, rows)
            continue
        if not isinstance(cells.content, dict):
            findings.add(path, f"`{name}` is not a mapping", expected="columns of segments.csv and their new values")
        for column, cell in cells.mapping.items():
            if column == "segment" or column not in {*table.columns, *SEGMENTS.columns}:
                known = [known for known in dict.fromkeys([*table.columns, *SEGMENTS.columns]) if known != "segment"]
                findings.unknown((*path, column), "column", column, known)
                continue
            table.records[rows[name]].pop(column, None)
            if cell.content is not None:
                table.records[rows[name]][column] = cell.text
            table.changed[rows[name], column] = cell.position


def _is_by_name(key: str, node: Node) -> bool:
    return key == "segments" and isinstance(node.content, dict)


def _refused(node: Node, message: str, expected: str = "") -> InvalidInput:
    return InvalidInput([Mistake((), message, expected, "", str(node.position))])
