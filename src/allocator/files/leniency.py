"""What YAML reads otherwise than planners mean it: sections with nothing in them, names that look like numbers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from allocator.domain.errors import Path
from allocator.files.mend import holder_of
from allocator.files.positions import Node
from allocator.files.translate import Steps, located

_EMPTY = ("string_type", "dict_type", "mapping_type", "model_type", "model_attributes_type", "tuple_type", "list_type")


def as_meant(data: dict[str, Any], error: ValidationError, into: type[BaseModel], document: Node) -> bool:
    """Put right in ``data``, which stands in ``document``, what was meant otherwise; returns whether anything was.

    A section or text that may be left out and has nothing in it counts as left out. A number where a name belongs is
    the name as it is written. An empty number is more likely an oversight.
    """
    found = False
    for details, steps in located(error, into):
        holder = holder_of(data, steps.path)
        if holder is None:
            continue
        last = steps.path[-1]
        if details["type"] in _EMPTY and details["input"] is None and _may_be_left_out(steps):
            holder.pop(last, None)
            found = True
        elif details["type"] == "string_type" and isinstance(details["input"], (int, float)):
            text = _written(document, steps.path)
            if text:
                holder[last], found = text, True
    return found


def _may_be_left_out(steps: Steps) -> bool:
    fields = steps.owner.model_fields if steps.owner else {}
    return any(steps.path[-1] in (name, each.alias) and not each.is_required() for name, each in fields.items())


def _written(document: Node, path: Path) -> str:
    """A scalar as it is written; empty where there is none."""
    node: Node | None = document
    for part in path:
        if node is None:
            return ""
        if isinstance(node.content, list) and isinstance(part, int):
            node = node.content[part] if part < len(node.content) else None
        else:
            node = node.mapping.get(str(part))
    return "" if node is None else node.text
