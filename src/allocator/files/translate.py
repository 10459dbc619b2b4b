"""Errors of pydantic -> mistakes in the planner's words."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from allocator.domain.errors import Mistake, MistakeList, Path

_MISSING, _UNKNOWN_KEY = "is missing", "unknown key "
_WHOLE = "a whole number"
_NUMBER = "a number"
_EXPECTED = {
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "finite_number": "a finite number",
    "string_type": "text (write a number in quotes)",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "keys and values",
    "mapping_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_too_short": "text",
}
_LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys a planner may write for ``model``."""
    return [field.alias or name for name, field in model.model_fields.items()]


def mistakes_in(error: ValidationError, annotation: Any, prefix: Path, *, also: Iterable[str] = ()) -> list[Mistake]:
    """The mistakes that ``error`` stands for, with paths below ``prefix``.

    ``annotation`` is the type that was validated; ``also`` are further keys allowed at its top.
    """
    found = MistakeList()
    for details, steps in located(error, annotation):
        _record(found, details, steps, prefix, also)
    return found.found


def told_once(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """The mistakes without keys that are missing because they are mistyped: an unknown key beside them says so."""
    listed = list(mistakes)
    meant = {(*each.path[:-1], each.close_match) for each in listed if each.message.startswith(_UNKNOWN_KEY)}
    return [each for each in listed if not (each.path in meant and each.message.endswith(_MISSING))]


@dataclass(frozen=True, slots=True)
class Steps:
    """An error's location without the names of union members."""

    path: Path
    branches: tuple[tuple[Path, str], ...]
    """(path of a union, member that was tried)."""
    owner: type[BaseModel] | None
    """The type whose key comes last in the path."""
    annotation: Any
    """Type of the value at the path."""


def located(error: ValidationError, annotation: Any) -> list[tuple[ErrorDetails, Steps]]:
    """The errors of the union members that the input resembles most.

    Where a value may be of several forms, pydantic reports what is wrong with it as each of them.
    """
    located = [(details, _walk(annotation, details["loc"])) for details in error.errors(include_url=False)]
    misfits: dict[tuple[Path, str], tuple[int, int]] = {}
    for details, steps in located:
        for branch in steps.branches:
            shape, depth = misfits.get(branch, (0, 0))
            misfits[branch] = (shape + _is_misfit(details), min(depth, -len(steps.path)))
    best = {
        union: min((score, member) for (at, member), score in misfits.items() if at == union)[1]
        for union in {union for union, _ in misfits}
    }
    return [(d, steps) for d, steps in located if all(best[union] == member for union, member in steps.branches)]


def _is_misfit(details: ErrorDetails) -> bool:
    """Whether the error says that the input has another form, rather than a wrong value."""
    kind = details["type"]
    wrong_choice = kind == "literal_error" and not isinstance(details["input"], str)
    return kind in ("missing", "extra_forbidden") or kind.endswith("_type") or wrong_choice


def _walk(annotation: Any, location: tuple[int | str, ...]) -> Steps:
    path: list[int | str] = []
    branches: list[tuple[Path, str]] = []
    owner: type[BaseModel] | None = None
    for part in location:
        annotation = _bare(annotation)
        members = _members(annotation)
        if members:
            branches.append((tuple(path), str(part)))
            annotation = next((member for member in members if _is_tagged(member, str(part))), None)
            continue
        owner = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
        annotation = _inside(annotation, part)
        path.append(part)
    return Steps(tuple(path), tuple(branches), owner, _bare(annotation))


def _bare(annotation: Any) -> Any:
    """The type without ``Annotated`` and without ``None``."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return _bare(members[0])
    return annotation


def _members(annotation: Any) -> list[Any]:
    if get_origin(annotation) not in (Union, types.UnionType):
        return []
    return [_bare(member) for member in get_args(annotation) if member is not type(None)]


def _is_tagged(member: Any, tag: str) -> bool:
    """Whether pydantic calls this member of a union ``tag``."""
    if not (isinstance(member, type) and issubclass(member, BaseModel)):
        return False
    kinds = (get_args(field.annotation) for field in member.model_fields.values())
    return member.__name__ == tag or any(tag in kind for kind in kinds)


def _inside(annotation: Any, part: int | str) -> Any:
    """Type of the entry ``part`` of a value of the type ``annotation``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = (field for name, field in annotation.model_fields.items() if part in (field.alias, name))
        return next((field.annotation for field in fields), None)
    arguments = get_args(annotation)
    if get_origin(annotation) in (tuple, list) and arguments:
        return arguments[0]
    if get_origin(annotation) is Mapping and len(arguments) == 2:
        return arguments[1]
    return None


def _record(found: MistakeList, details: ErrorDetails, steps: Steps, prefix: Path, also: Iterable[str]) -> None:
    """Add the mistake for one error."""
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    path = prefix + steps.path
    name = _name(steps.path)
    if kind == "missing":
        found.add(path, f"{name} {_MISSING}")
    elif kind == "extra_forbidden":
        top = list(also) if len(steps.path) == 1 else []
        found.unknown(path, "key", str(steps.path[-1]), keys_of(steps.owner) + top if steps.owner else top)
    elif kind == "union_tag_not_found":
        key = context["discriminator"].strip("'")
        found.add((*path, key), f"`{key}` is missing", expected=f"one of: {', '.join(_tags(steps.annotation, key))}")
    elif kind == "union_tag_invalid":
        key = context["discriminator"].strip("'")
        found.unknown((*path, key), key, str(context["tag"]), _tags(steps.annotation, key))
    elif kind == "literal_error" and isinstance(value, str):
        found.unknown(path, _bare_name(steps.path), value, _literals(steps, context))
    elif kind == "literal_error":
        found.add(path, f"{name} is {_shown(value)}", expected=f"one of: {', '.join(_literals(steps, context))}")
    elif kind == "value_error":
        found.add(path, f"{name}: {context['error']}" if steps.path else str(context["error"]))
    elif value is None or value == "":
        found.add(path, f"{name} is empty", expected=_expected(details))
    else:
        found.add(path, f"{name} is {_shown(value)}", expected=_expected(details))


def _bare_name(path: Path) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "value")


def _name(path: Path) -> str:
    """How a value is called: its key, or its place in the list with that key."""
    if path and isinstance(path[-1], int):
        return f"item {path[-1] + 1} of `{_bare_name(path)}`" if len(path) > 1 else f"row {path[-1] + 1}"
    return f"`{_bare_name(path)}`"


def _tags(union: Any, key: str) -> list[str]:
    """What ``key``, which tells the members of a union apart, may be."""
    return [str(tag) for member in _members(union) for tag in get_args(member.model_fields[key].annotation)]


def _literals(steps: Steps, context: Mapping[str, Any]) -> list[str]:
    if get_origin(steps.annotation) is Literal:
        return [str(choice) for choice in get_args(steps.annotation)]
    return re.findall(r"'([^']*)'", str(context["expected"]))


def _shown(value: object) -> str:
    """A value in a sentence, shortened."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"`{text if len(text) <= 40 else text[:37] + '...'}`"


def _expected(details: ErrorDetails) -> str:
    """What should stand there."""
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind in _LIMITS:
        key, words = _LIMITS[kind]
        return f"a number {words} {context[key]:g}"
    if kind in ("float_parsing", "int_parsing") and isinstance(value, str):
        if re.fullmatch(r"[-+]?\d{1,3}([,' \u00a0]\d{3})+([.]\d+)?", value):
            return f"{_EXPECTED[kind]} without thousands separators"
        if share := re.fullmatch(r"(\d+(?:[.]\d+)?)\s*%", value):
            return f"{_EXPECTED[kind]} without a percent sign, such as {float(share[1]) / 100.0:g} for a share"
        if re.fullmatch(r"[-+]?\d+,\d+", value):
            return f"{_EXPECTED[kind]} with a decimal point"
    if kind in ("too_short", "too_long"):
        size = context.get("min_length", context.get("max_length"))
        return f"{'at least' if kind == 'too_short' else 'at most'} {size} item{'s' if size != 1 else ''}"
    return _EXPECTED.get(kind, details["msg"][:1].lower() + details["msg"][1:])
