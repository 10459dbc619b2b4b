"""Rows of the tables -> domain types."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from allocator.domain.base import Frozen
from allocator.domain.curves import Curve
from allocator.domain.errors import Mistake, close
from allocator.domain.model import Response, Segment, Transition, TreatedTransition
from allocator.domain.risk import Shock
from allocator.files.positions import Findings
from allocator.files.tables import Record, Table
from allocator.files.translate import keys_of, mistakes_in

R = TypeVar("R", bound=Frozen)

CURVES: dict[str, list[str]] = {
    str(curve.model_fields["curve"].default): [key for key in keys_of(curve) if key != "curve"]
    for curve in get_args(get_args(Curve)[0])
}
"""Curve -> its parameters."""
_PARAMETERS = list(dict.fromkeys(key for keys in CURVES.values() for key in keys))
EFFORT = "effort:"
"""What the columns of efforts in treatments.csv begin with."""
_NUMERIC_OPTIONS = ("revenue", "collection_days", "contacts_max")
_NEARLY = 0.75
_TYPING_ERROR = 0.85
"""How alike (0 to 1) a column's name must be to one that is missing, and to one that may be missing."""


def _same(record: Record) -> Record:
    return record


def _segment(record: Record) -> Record:
    """Further columns are tags."""
    known = {column: cell for column, cell in record.items() if column in SEGMENTS.columns}
    return {**known, "extra": {column: cell for column, cell in record.items() if column not in SEGMENTS.columns}}


def _response(record: Record) -> Record:
    """The curve and its parameters become one value; `a;b;c` becomes a list."""
    own = {column: cell for column, cell in record.items() if column not in _PARAMETERS}
    curve: Record = {"curve": own.pop("curve")} if "curve" in own else {}
    for column in CURVES.get(str(curve.get("curve")), []):
        if column in record:
            cell = record[column]
            listed = column in ("efforts", "values") and isinstance(cell, str)
            curve[column] = [part.strip() for part in str(cell).split(";")] if listed else cell
    return {**own, "curve": curve}


@dataclass(frozen=True, slots=True)
class TableKind(Generic[R]):
    """What a table may contain."""

    name: str
    row: type[R]
    columns: tuple[str, ...]
    required: tuple[str, ...]
    shaped: Callable[[Record], Record] = _same
    """A row as the type wants it."""
    tags: bool = False
    """Whether further columns are allowed."""
    may_be_empty: bool = False


def kind_of(name: str, row: type[R]) -> TableKind[R]:
    """A table whose columns are the keys of ``row``."""
    required = tuple(field.alias or key for key, field in row.model_fields.items() if field.is_required())
    return TableKind(name, row, tuple(keys_of(row)), required)


def _known_segment_columns() -> tuple[str, ...]:
    return tuple(key for key in keys_of(Segment) if key != "extra")


SEGMENTS = replace(kind_of("segments", Segment), columns=_known_segment_columns(), shaped=_segment, tags=True)
TRANSITIONS = kind_of("transitions", Transition)
TREATED = kind_of("treated", TreatedTransition)
RESPONSES = replace(
    kind_of("responses", Response),
    columns=(*keys_of(Response), *_PARAMETERS),
    shaped=_response,
    may_be_empty=True,
)
SHOCKS = kind_of("shocks", Shock)


def typed_rows(table: Table, kind: TableKind[R], findings: Findings) -> tuple[R, ...]:
    """The rows of ``table``; empty, with mistakes in ``findings``, where the table is wrong."""
    before = len(findings.found)
    check_columns(table, kind, findings)
    if len(findings.found) > before:
        return ()
    if not table.records and not kind.may_be_empty:
        findings.add((kind.name,), "the table has no rows", expected="at least one")
        return ()
    findings.found += list(_misplaced_parameters(table)) if kind.name == "responses" else []
    try:
        rows = [kind.shaped(record) for record in table.records]
        return TypeAdapter(tuple[kind.row, ...]).validate_python(rows)  # type: ignore[name-defined]
    except ValidationError as error:
        found = mistakes_in(error, tuple[kind.row, ...], (kind.name,))  # type: ignore[name-defined]
        findings.found += [_in_cell(mistake, table) for mistake in found]
        return ()


def check_columns(table: Table, kind: TableKind[R], findings: Findings) -> None:
    """Record unknown and missing columns, each with its close match."""
    missing = [column for column in kind.required if column not in table.columns]
    if not table.columns and not table.records:
        return
    further = [column for column in table.columns if column not in kind.columns]
    absent = [column for column in kind.columns if column not in table.columns]
    for column in further:
        meant = close(column, absent)
        if not kind.tags:
            findings.unknown((kind.name, column), "column", column, absent or kind.columns)
        elif meant in difflib.get_close_matches(column, _NUMERIC_OPTIONS, cutoff=_TYPING_ERROR):
            findings.add((kind.name, column), f"unknown column `{column}`", close_match=meant)
    for column in missing:
        nearly = next(iter(difflib.get_close_matches(column, further, n=1, cutoff=_NEARLY)), "")
        place = (kind.name, nearly) if nearly else (kind.name,)
        message = f"the column `{column}` is missing" + (f", but there is a column `{nearly}`" if nearly else "")
        findings.add(place, message, close_match=column if nearly else "")


def _misplaced_parameters(table: Table) -> Iterator[Mistake]:
    """Parameters that belong to other curves than the row's."""
    for index, record in enumerate(table.records):
        curve = str(record.get("curve"))
        for column in _PARAMETERS if curve in CURVES else ():
            if column in record and column not in CURVES[curve]:
                path = ("responses", index, column)
                own = ", ".join(CURVES[curve])
                yield Mistake(
                    path, f"`{column}` is no parameter of the curve `{curve}`", f"an empty cell; it has {own}"
                )


def _in_cell(mistake: Mistake, table: Table) -> Mistake:
    """The mistake at its cell: parameters of a curve stand beside it, and a missing cell is empty."""
    path = mistake.path
    if len(path) > 3 and path[2] in ("curve", "extra"):
        path = (*path[:2], *path[3:])
    elif len(path) > 3 and path[2] == "efforts":
        path = (*path[:2], f"{EFFORT}{path[3]}")
    message = mistake.message
    if message.endswith("is missing") and path[-1] in table.columns:
        message = message.replace("is missing", "is empty")
    return replace(mistake, path=path, message=message)
