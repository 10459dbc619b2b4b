"""Tables as text with a place for every cell: CSV, Parquet, or a sheet of an .xlsx (``book.xlsx#Sheet``)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from allocator.domain.errors import InvalidInput, Mistake, Path
from allocator.files.positions import Findings, Node, Position
from allocator.files.text import Files, beside, decode

Record = dict[str, object]
"""One row: column -> cell, cells that are empty left out."""


@dataclass(slots=True)
class Table:
    """Rows of a table and where each cell stands."""

    file: str
    columns: dict[str, Position]
    """Column name -> place of its header."""
    records: list[Record]
    rows: Sequence[int | Node]
    """For each record the line in the file, or the node where the row is written in a YAML document."""
    changed: dict[tuple[int, str], Position] = field(default_factory=dict)
    """Cells that a scenario overrides, and where it does."""
    start: Position | None = None
    """Where the table begins; default the first line of the file."""

    def locate(self, path: Path, *, key: bool = False) -> Position:
        """Place of the cell at ``(row, column)``; of the row or the header where there is no such cell."""
        start = self.start or Position(self.file, 1, 1)
        if not path or not isinstance(path[0], int) or path[0] >= len(self.rows):
            return self.columns.get(str(path[0]), start) if path else start
        row, column = path[0], str(path[1]) if len(path) > 1 else ""
        if (row, column) in self.changed:
            return self.changed[row, column]
        origin = self.rows[row]
        if isinstance(origin, Node):
            return origin.locate(path[1:], key=key)
        return Position(self.file, origin, self.columns[column].column if column in self.columns else 1)


def table_of(files: Files, node: Node) -> Table:
    """The table that a YAML value names (a path), or is (a list of rows).

    Raises
    ------
    InvalidInput
        If the value is neither, or the table cannot be read.
    """
    if isinstance(node.content, list):
        return inline_table(node)
    if isinstance(node.content, dict) or not node.text:
        raise InvalidInput([Mistake((), "no table", "the path of a table, or a list of rows", "", str(node.position))])
    return read_table(files, beside(node.position, node.text), node.position)


def inline_table(node: Node) -> Table:
    """A table that is written as a list of rows (mappings) in a YAML document.

    Raises
    ------
    InvalidInput
        If ``node`` is not a list of mappings.
    """
    findings = Findings()
    rows = node.content if isinstance(node.content, list) else []
    columns: dict[str, Position] = {}
    for row in rows:
        if isinstance(row.content, dict):
            columns = {**row.keys, **columns}
        else:
            findings.at(row.position, "a row must be a mapping", expected="column: value")
    findings.raise_if_any()
    records = [{column: cell for column, cell in _cells(row) if cell is not None} for row in rows]
    return Table(node.position.file, columns, records, rows, start=node.position)


def _cells(row: Node) -> Iterator[tuple[str, object]]:
    """Cells as text where they are scalars, as in a CSV file."""
    for column, cell in row.mapping.items():
        is_list = isinstance(cell.content, list)
        yield column, cell.plain() if is_list else (cell.text if cell.content is not None else None)


def read_table(files: Files, path: str, named_at: Position | None) -> Table:
    """The table in the file at ``path``.

    Raises
    ------
    InvalidInput
        With all that is wrong with the file, its header, or the number of fields in its rows.
    """
    book, _, sheet = path.partition("#")
    data = files.read_bytes(book, named_at)
    if book.lower().endswith(".xlsx"):
        return _table(path, enumerate(_sheet(data, path, sheet), start=1))
    if book.lower().endswith((".parquet", ".pq")):
        return _table(path, enumerate(_parquet(data, path), start=1))
    return _table(path, _lines(decode(data, path), path))


def _lines(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of each row of a CSV text."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    line = 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        position = Position(file, line, 1)
        raise InvalidInput([Mistake((), f"not a valid CSV row: {error}", place=str(position))]) from error


def _sheet(data: bytes, file: str, sheet: str) -> Iterator[list[str]]:
    """Rows of a sheet (the first unless named), every cell as text."""
    from openpyxl import load_workbook  # noqa: PLC0415  (slow to import, and most tables are CSV)

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever its zip and XML readers raise
        raise InvalidInput([Mistake((), "not a readable .xlsx workbook", place=f"{file}:1:1")]) from error
    if sheet and sheet not in book.sheetnames:
        findings = Findings()
        findings.unknown((), "sheet", sheet, book.sheetnames)
        raise InvalidInput([Mistake((), m.message, m.expected, m.close_match, f"{file}:1:1") for m in findings.found])
    for row in book[sheet or book.sheetnames[0]].iter_rows(values_only=True):
        yield [_as_text(cell) for cell in row]


def _parquet(data: bytes, file: str) -> Iterator[list[str]]:
    """Header and rows of a Parquet file, every cell as text."""
    import pyarrow  # noqa: PLC0415  (slow to import, and most tables are CSV)
    import pyarrow.parquet  # noqa: PLC0415

    try:
        table = pyarrow.parquet.read_table(io.BytesIO(data))
    except (pyarrow.ArrowException, OSError) as error:
        raise InvalidInput([Mistake((), "not a readable Parquet file", place=f"{file}:1:1")]) from error
    yield list(table.column_names)
    for row in table.to_pylist():
        yield [_as_text(cell) for cell in row.values()]


def _as_text(cell: object) -> str:
    """A cell as a planner would type it: whole numbers without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, (list, tuple)):
        return ";".join(_as_text(item) for item in cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    return f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15 else str(cell)


def _table(file: str, lines: Iterator[tuple[int, list[str]]]) -> Table:
    """A table from its numbered rows, the header first; empty rows are skipped."""
    filled = ((line, [cell.strip() for cell in fields]) for line, fields in lines)
    filled = ((line, fields) for line, fields in filled if any(fields))
    header_line, header = next(filled, (1, []))
    body, width = list(filled), len(header)
    while header and not header[-1]:
        header.pop()
    findings = Findings()
    columns = _header(file, header_line, header, findings)
    records: list[Record] = []
    rows: list[int] = []
    uneven: list[tuple[int, list[str]]] = []
    # Spreadsheets write empty fields at the end of all rows; at the end of some, a number may have fallen apart.
    width = max(width, min(len(row) for _, row in body)) if len(body) > 1 else width
    for line, row in body:
        fields = row[: len(header)] if len(row) <= width and not any(row[len(header) :]) else row
        if len(fields) != len(header):
            uneven.append((line, fields))
        else:
            records.append({name: cell for name, cell in zip(header, fields, strict=True) if cell})
            rows.append(line)
    if uneven and len(body) > 1 and {len(row) for _, row in body} == {len(uneven[0][1])}:
        message = f"the header has {_fields(header)}, every row has {len(uneven[0][1])}"
        findings.at(Position(file, header_line, 1), message, expected="a name for each column")
    else:
        for line, fields in uneven:
            _wrong_length(findings, Position(file, line, min(len(fields), len(header) + 1)), fields, header)
    findings.raise_if_any()
    return Table(file, columns, records, rows)


def _header(file: str, line: int, header: list[str], findings: Findings) -> dict[str, Position]:
    if not header:
        findings.at(Position(file, 1, 1), "the table is empty", expected="a header with the column names")
        findings.raise_if_any()
    if len(header) == 1:
        for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "`|`")):
            if separator in header[0]:
                findings.at(Position(file, line, 1), f"columns are separated by {name}", expected="commas")
                findings.raise_if_any()
    columns: dict[str, Position] = {}
    for index, name in enumerate(header, start=1):
        if not name:
            findings.at(Position(file, line, index), f"column {index} has no name")
        elif name in columns:
            findings.at(Position(file, line, index), f"column `{name}` is given twice")
        columns[name] = Position(file, line, index)
    return columns


def _wrong_length(findings: Findings, position: Position, fields: list[str], header: list[str]) -> None:
    message = f"the row has {_fields(fields)}, the header has {len(header)}"
    hint = "no thousands separators and quotes around text with commas" if len(fields) > len(header) else ""
    findings.at(position, message, expected=hint)


def _fields(row: list[str]) -> str:
    return f"{len(row)} field{'s' if len(row) != 1 else ''}"
