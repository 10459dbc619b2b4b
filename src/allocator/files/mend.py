"""Stand-ins for what is wrong in the input, so that all the rest is checked in the same reading.

A wrong value is taken out, or replaced by one that nothing else depends on. Names that are missing are called
``STAND_IN``, which no file can hold: a mistake that speaks of it is none of the planner's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from allocator.domain.errors import Mistake
from allocator.domain.rules import Uniform
from allocator.files.translate import Steps, located

STAND_IN = "\0"
_LARGEST, _SMALLEST = 1e300, 1e-9
"""Limits that nothing comes up to, and that everything exceeds."""
_FORMS: dict[str, dict[str, Any]] = {
    "kind": {"kind": "labour", "function": STAND_IN, "headcount": 0, "hours": 1},
    "curve": {"curve": "linear", "slope": 0},
    "rule": {"rule": "uniform"},
}
"""Key that tells several forms of an entry apart -> the form that stands in."""
_CANDIDATES: tuple[Any, ...] = (
    STAND_IN,
    _SMALLEST,
    1,
    {},
    [0, 1],
    {"max": _LARGEST},
    *_FORMS.values(),
    {"function": STAND_IN},
    {"function": STAND_IN, "effort": {"max": _LARGEST}},
    {"function": STAND_IN, "spend": {"max": _LARGEST}, "response": _FORMS["curve"], "into": {}},
    {"name": STAND_IN, "amount": 0},
)
_IDENTITY = ("name", "function", "pool", "unit")
"""Keys that others may refer to; they are kept where a whole entry is replaced."""


def mend(data: dict[str, Any], error: ValidationError, into: type[BaseModel]) -> None:
    """Take out of ``data`` what ``error`` calls wrong; values of its top level stay, but for unknown keys."""
    for details, steps in located(error, into):
        holder = holder_of(data, steps.path)
        if holder is None:
            continue
        last = steps.path[-1]
        if details["type"] == "extra_forbidden":
            holder.pop(last, None)
        elif len(steps.path) == 1:
            continue
        elif details["type"] == "missing" and isinstance(holder, dict):
            holder[last] = _LARGEST if last == "max" else _stand_in(steps.annotation)
        elif details["type"].startswith("union_tag"):
            key = details["ctx"]["discriminator"].strip("'")
            # Of a rule without its kind nothing can be said; other forms keep what others refer to.
            holder[last] = dict(_FORMS[key]) if key == "rule" else {**holder[last], key: _FORMS[key][key]}
        elif _is_entry(steps):
            holder[last] = _entry(holder[last], steps.annotation)
        elif steps.owner is None and isinstance(last, str) and (stand_in := _stand_in(steps.annotation)) is not None:
            holder[last] = stand_in  # its name may be wrong, too
        else:
            _take_out(data, steps.path)


def real(mistakes: Iterable[Mistake]) -> Iterator[Mistake]:
    """The mistakes that speak of no stand-in."""
    for mistake in mistakes:
        if STAND_IN not in mistake.message:
            listed = mistake.expected.replace(f", {STAND_IN}", "").replace(f"{STAND_IN}, ", "")
            yield replace(mistake, expected=listed)


def holder_of(data: Any, path: tuple[int | str, ...]) -> Any:
    """What the last part of ``path`` stands in; None where there is no such thing."""
    for part in path[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data if path and isinstance(data, (dict, list)) else None


def _is_entry(steps: Steps) -> bool:
    return isinstance(steps.annotation, type) and issubclass(steps.annotation, BaseModel)


def _entry(value: Any, annotation: type[BaseModel]) -> dict[str, Any]:
    """An entry in which nothing is wrong, with all that it can keep."""
    form = next((_FORMS[key] for key in _FORMS if key in annotation.model_fields), None)
    entry: dict[str, Any] = deepcopy(form or _stand_in(annotation) or {})
    known = Uniform if form is _FORMS["rule"] else annotation
    given = value if isinstance(value, dict) else {}
    for key in given:
        kept = {**entry, key: given[key]}
        if (key in _IDENTITY or key not in entry) and _is_sound(kept, known):
            entry = kept
    return entry


def _is_sound(value: Any, annotation: Any) -> bool:
    try:
        TypeAdapter(annotation).validate_python(value, by_alias=True, by_name=False)
    except ValidationError:
        return False
    return True


def _take_out(data: dict[str, Any], path: tuple[int | str, ...]) -> None:
    """Take out the value at ``path``, or the whole list that it stands in."""
    while isinstance(path[-1], int):
        path = path[:-1]
    holder = holder_of(data, path)
    if len(path) > 1 and isinstance(holder, dict):
        holder.pop(path[-1], None)


def _stand_in(annotation: Any) -> Any:
    """A value of the type that nothing else depends on."""
    return deepcopy(next((candidate for candidate in _CANDIDATES if _is_sound(candidate, annotation)), None))
