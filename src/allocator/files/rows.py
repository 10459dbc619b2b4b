"""Rows of the tables -> domain types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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
    stand_in: Mapping[str, object] = field(default_factory=dict)
    """What stands for cells that are wrong, so that all else can be checked; nothing where a table must be right."""
    one_of: tuple[str, ...] = ()
    """Columns of which one must be there, and filled in each row; the first is missed."""
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Column -> those that say nothing where its cell is wrong."""
    named_by: str = ""
    """The column by which others refer to a row; where it is wrong there is no table."""


def kind_of(name: str, row: type[R]) -> TableKind[R]:
    """A table whose columns are the keys of ``row``."""
    required = tuple(info.alias or key for key, info in row.model_fields.items() if info.is_required())
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
TRANSITIONS = replace(kind_of("transitions", Transition), stand_in=_NOWHERE, together={"period": ("to", "probability")})
TREATED = replace(
    kind_of("treated", TreatedTransition),
    stand_in={**_NOWHERE, "lever": STAND_IN, "effort": 1},
    together={"effort": ("from", "probability")},
)
RESPONSES = replace(
    kind_of("responses", Response),
    columns=(*keys_of(Response), *_PARAMETERS),
    shaped=_response,
    may_be_empty=True,
    stand_in={"lever": STAND_IN, "effect": "migration", "to": STAND_IN, "curve": {"curve": "linear", "slope": 0}},
    together={"effect": ("to",)},
)
SHOCKS = replace(
    kind_of("shocks", Shock),
    one_of=("factor", "keep_factor"),
    stand_in={"scenario": STAND_IN, "probability": 0, "segment": STAND_IN, "factor": 1},
    together={"period": ("segment",)},
)


def typed_rows(table: Table, kind: TableKind[R], findings: Findings) -> tuple[R, ...]:
    """The rows of ``table``, with mistakes in ``findings`` where it is wrong.

    Cells that are wrong are then mended for the checks that follow; where that cannot be, there are no rows.
    """
    before = len(findings.found)
    missing = check_columns(table, kind, findings)
    columns_wrong = len(findings.found) > before
    if columns_wrong and kind.named_by in missing:
        return ()
    absent = _absent(table, kind) if columns_wrong else set()
    if not table.records and not kind.may_be_empty:
        findings.add((kind.name,), "the table has no rows", expected="at least one")
        return ()
    findings.found += list(_misplaced_parameters(table)) if kind.name == "responses" else []
    for index, record in enumerate(table.records if kind.one_of and not columns_wrong else ()):
        if not record.keys() & set(kind.one_of):
            findings.add((kind.name, index, kind.one_of[0]), f"`{kind.one_of[0]}` is empty", expected="a number")
    rows = [kind.shaped(_known_cells(record, kind)) for record in table.records]
    adapter = TypeAdapter(tuple[kind.row, ...])  # type: ignore[name-defined]
    wrong: dict[int, set[str]] = {index: set(absent) for index in range(len(rows)) if absent}
    try:
        typed = adapter.validate_python(rows)
        if not absent:
            return typed
    except ValidationError as error:
        found = mistakes_in(error, tuple[kind.row, ...], (kind.name,))  # type: ignore[name-defined]
        told = [_in_cell(mistake, table) for mistake in found]
        findings.found += [mistake for mistake in told if not columns_wrong or mistake.path[-1] in table.columns]
        for mistake in found:
            wrong.setdefault(int(mistake.path[1]), set()).add(str(mistake.path[2]))
    if not kind.stand_in or any(kind.named_by in columns for columns in wrong.values()):
        return ()
    return adapter.validate_python([_mended(row, wrong.get(index, set()), kind) for index, row in enumerate(rows)])


def _absent(table: Table, kind: TableKind[R]) -> set[str]:
    """Columns of which nothing is known where some are wrong: needed ones, and what others seem to be meant as."""
    missing = [column for column in kind.columns if column not in table.columns]
    meant = {close(column, missing) for column in table.columns if column not in kind.columns}
    return {column for column in missing if column in kind.stand_in or column in meant}


def _mended(row: Record, wrong: set[str], kind: TableKind[R]) -> Record:
    """The row with what stands in for the columns that are ``wrong``."""
    if not wrong:
        return row
    bad = wrong.union(*(kind.together.get(column, ()) for column in wrong))
    good = {column: cell for column, cell in row.items() if column not in bad}
    needed = {column for column in (*bad, *kind.required) if column not in good}
    return {**good, **{column: cell for column, cell in kind.stand_in.items() if column in needed}}


def _known_cells(record: Record, kind: TableKind[R]) -> Record:
    return record if kind.tags else {column: cell for column, cell in record.items() if column in kind.columns}


def check_columns(table: Table, kind: TableKind[R], findings: Findings) -> list[str]:
    """Record unknown and missing columns, each with its close match; returns the missing ones."""
    missing = [column for column in kind.required if column not in table.columns]
    if not set(kind.one_of) & set(table.columns):
        missing += kind.one_of[:1]
    if not table.columns and not table.records:
        return missing
    further = [column for column in table.columns if column not in kind.columns]
    absent = [column for column in kind.columns if column not in table.columns]
    mistyped = {} if kind.tags else {close(column, absent): column for column in further}
    for column in further:
        meant = close(column, absent)
        if not kind.tags:
            if meant not in missing or mistyped[meant] != column:
                findings.unknown((kind.name, column), "column", column, absent or kind.columns)
        elif meant and meant not in missing and meant in (column.casefold(), _mistyped(column)):
            findings.add((kind.name, column), f"unknown column `{column}`", close_match=meant)
    for column in missing:
        nearly = mistyped.get(column) or close(column, further, likeness=_NEARLY)
        place = (kind.name, nearly) if nearly else (kind.name,)
        message = f"the column `{column}` is missing" + (f", but there is a column `{nearly}`" if nearly else "")
        findings.add(place, message, close_match=column if nearly else "")
    return missing


def _mistyped(column: str) -> str:
    """The optional column of numbers that a further column is most likely meant to be; empty if none is."""
    return close(column, _NUMERIC_OPTIONS, likeness=_TYPING_ERROR)


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
