"""``where``: which segments, channels or resources a key speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field


def _as_texts(value: Any) -> Any:
    """Accept one value or a list of them; tags are text, so numbers and booleans are written out."""
    if isinstance(value, (str, int, float)):
        value = [value]
    if isinstance(value, (list, tuple)):
        return tuple(str(item) if isinstance(item, (int, float)) else item for item in value)
    return value


_Text = str | float | bool

Names = Annotated[
    tuple[str, ...],
    Field(min_length=1),
    BeforeValidator(_as_texts, json_schema_input_type=_Text | Annotated[list[_Text], Field(min_length=1)]),
]
"""One name or a list of names."""

Where = Mapping[str, Names]
"""Column -> accepted values. All columns must match; ``unit`` matches by path prefix."""


def unit_covers(prefix: str, unit: str) -> bool:
    """Whether organisation path ``prefix`` is ``unit`` or above it; the empty path covers everything."""
    return not prefix or unit == prefix or unit.startswith(prefix + "/")


def unit_depth(unit: str) -> int:
    """Number of levels in an organisation path; 0 for the empty path."""
    return unit.count("/") + 1 if unit else 0


def matches(where: Where | None, tags: Mapping[str, str]) -> bool:
    """Whether a thing with these ``tags`` (column -> value) is selected. A missing tag never matches."""
    if not where:
        return True
    for column, accepted in where.items():
        value = tags.get(column)
        if value is None:
            return False
        if column == "unit":
            if not any(unit_covers(prefix, value) for prefix in accepted):
                return False
        elif value not in accepted:
            return False
    return True


def where_within(outer: Where | None, inner: Where | None) -> bool:
    """Whether everything that ``inner`` selects is certain to be selected by ``outer``.

    Used for channels, which carry a ``where`` of their own: a budget for `jiangsu` covers a channel
    whose own ``where`` is `jiangsu/nanjing`, and does not cover one with no ``where``.
    """
    if not outer:
        return True
    if not inner:
        return False
    return all(
        column in inner and all(matches({column: accepted}, {column: value}) for value in inner[column])
        for column, accepted in outer.items()
    )
