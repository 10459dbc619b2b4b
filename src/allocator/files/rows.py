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
from allocator.files.mend import STAND_IN
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
    stand_in: Record | None = None
    """What stands for a row that is wrong, so that all else can be checked; None where nothing can."""
    named_by: str = ""
    """The column by which others refer to a row; a row that is wrong keeps it, and all its good cells."""


def kind_of(name: str, row: type[R]) -> TableKind[R]:
    """A table whose columns are the keys of ``row``."""
    required = tuple(field.alias or key for key, field in row.model_fields.items() if field.is_required())
    return TableKind(name, row, tuple(keys_of(row)), required)


def _known_segment_columns() -> tuple[str, ...]:
    return tuple(key for key in keys_of(Segment) if key != "extra")


_NOWHERE: Record = {"from": STAND_IN, "to": STAND_IN, "probability": 0}
SEGMENTS = replace(
    kind_of("segments", Segment),
    columns=_known_segment_columns(),
    shaped=_segment,
    tags=True,
    stand_in={"customers": 0, "margin": 0},
    named_by="segment",
)
TRANSITIONS = replace(kind_of("transitions", Transition), stand_in=_NOWHERE)
TREATED = replace(kind_of("treated", TreatedTransition), stand_in={**_NOWHERE, "lever": STAND_IN, "effort": 1})
RESPONSES = replace(
    kind_of("responses", Response),
    columns=(*keys_of(Response), *_PARAMETERS),
    shaped=_response,
    may_be_empty=True,
    stand_in={"lever": STAND_IN, "effect": "margin", "curve": {"curve": "linear", "slope": 0}},
)
SHOCKS = kind_of("shocks", Shock)


def typed_rows(table: Table, kind: TableKind[R], findings: Findings) -> tuple[R, ...]:
    """The rows of ``table``, with mistakes in ``findings`` where it is wrong.

    Rows that are wrong are then mended for the checks that follow; where that cannot be, there are none.
    """
    before = len(findings.found)
    missing = check_columns(table, kind, findings)
    columns_wrong = len(findings.found) > before
    if columns_wrong and (kind.stand_in is None or kind.named_by in missing):
        return ()
    if not table.records and not kind.may_be_empty:
        findings.add((kind.name,), "the table has no rows", expected="at least one")
        return ()
    findings.found += list(_misplaced_parameters(table)) if kind.name == "responses" else []
    rows = [kind.shaped(_known_cells(record, kind)) for record in table.records]
    adapter = TypeAdapter(tuple[kind.row, ...])  # type: ignore[name-defined]
    wrong: set[tuple[int, str]] = set()
    try:
        typed = adapter.validate_python(rows)
        if not columns_wrong or kind.named_by:
            return typed
    except ValidationError as error:
        found = mistakes_in(error, tuple[kind.row, ...], (kind.name,))  # type: ignore[name-defined]
        told = [_in_cell(mistake, table) for mistake in found]
        findings.found += [mistake for mistake in told if not columns_wrong or mistake.path[-1] in table.columns]
        wrong = {(int(mistake.path[1]), str(mistake.path[2])) for mistake in found}
    if kind.stand_in is None or any(column == kind.named_by for _, column in wrong):
        return ()
    return adapter.validate_python(_mended(rows, wrong, kind, all_rows=columns_wrong))


def _mended(rows: list[Record], wrong: set[tuple[int, str]], kind: TableKind[R], *, all_rows: bool) -> list[Record]:
    """The rows without what is ``wrong`` (row and column)."""
    stand_in, numbers = kind.stand_in or {}, {index for index, _ in wrong}
    if not kind.named_by:
        return [stand_in if all_rows or index in numbers else row for index, row in enumerate(rows)]
    good = [
        {column: cell for column, cell in row.items() if (index, column) not in wrong} for index, row in enumerate(rows)
    ]
    return [{**stand_in, **row} for row in good]


def _known_cells(record: Record, kind: TableKind[R]) -> Record:
    return record if kind.tags else {column: cell for column, cell in record.items() if column in kind.columns}


def check_columns(table: Table, kind: TableKind[R], findings: Findings) -> list[str]:
    """Record unknown and missing columns, each with its close match; returns the missing ones."""
    missing = [column for column in kind.required if column not in table.columns]
    if not table.columns and not table.records:
        return missing
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
    return missing


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
