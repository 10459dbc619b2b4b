"""What a section of the page is made of. Each block is drawn by the macro of its name in blocks.html."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from markupsafe import Markup

from allocator.reporting.figures import INK
from allocator.reporting.numbers import MISSING, number, percents
from allocator.reporting.numbers import column as column_texts

Kind = Literal["text", "number", "mixed", "percent", "bar"]
"""How a column shows its values: `mixed` numbers have a unit each, a `bar` is a share of 1 with a bar behind."""

Mark = Literal["bar", "area", "line", "dot"]
"""What an entry of a legend looks like."""
_MARKS: Mapping[str, Mark] = {"lines": "line", "lines+markers": "line", "markers": "dot"}
"""Mark by plotly's mode."""

MOST_ROWS = 60
WIDTH = 110
"""Characters that fit beside one another in a grid on a printed page, and one between."""
PHRASE = 24
"""Characters beyond which a text is a phrase."""


@dataclass(frozen=True, slots=True)
class Prose:
    """One paragraph, or a list where there are several."""

    template: ClassVar[str] = "prose"
    sentences: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a legend: a mark in the colour of what is drawn, and its name, escaped as plotly reads it."""

    name: Markup
    colour: str
    mark: Mark

    @classmethod
    def of(cls, trace: Mapping[str, Any]) -> Entry:
        """The entry of one of plotly's traces."""
        mark: Mark = "area" if "stackgroup" in trace else _MARKS.get(trace.get("mode", ""), "bar")
        look = trace["line"] if "line" in trace else trace["marker"]
        return cls(Markup(trace["name"]), "currentColor" if look["color"] == INK else look["color"], mark)


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure in plotly's terms, with a title that names what is drawn and its unit."""

    template: ClassVar[str] = "chart"
    title: str
    figure: Mapping[str, Any]
    height: int = 280

    @property
    def legend(self) -> tuple[Entry, ...]:
        """One entry per named trace. The page draws them, for plotly's own legend cuts long names off."""
        named = (trace for trace in self.figure["data"] if "name" in trace and trace.get("showlegend", True))
        return tuple(Entry.of(trace) for trace in named)


@dataclass(frozen=True, slots=True)
class Charts:
    """Charts side by side where the page is wide enough."""

    template: ClassVar[str] = "charts"
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the frame's key, its heading and how it shows."""

    key: str
    heading: str
    kind: Kind = "number"
    remark: str = ""
    """Key of a text that stands below the value, small, where there is one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One shown value; ``share`` is the length of its bar or the depth of its shade, 0..1."""

    text: str
    share: float | None = None
    hint: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under headings."""

    template: ClassVar[str] = "table"
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    note: str = ""

    @classmethod
    def of(
        cls, frame: pd.DataFrame, columns: Sequence[Column], *, title: str = "", source: str = "", most: int = MOST_ROWS
    ) -> Table:
        """The first ``most`` rows of ``frame``; a note says how many others there are, and in which file."""
        shown = frame.head(most)
        values = [_column(shown, column) for column in columns]
        rows = tuple(zip(*values, strict=True))
        left = len(frame) - len(shown)
        place = f"are in {source}" if source else "are not shown"
        note = f"{left:,} more rows {place}." if left else ""
        return cls(tuple(columns), rows, title, note)

    @property
    def wordy(self) -> tuple[bool, ...]:
        """[columns] whether a column holds phrases, which need room, rather than names and numbers."""
        kinds = [column.kind for column in self.columns]
        longest = [max((len(row[place].text) for row in self.rows), default=0) for place in range(len(kinds))]
        return tuple(kind == "text" and length > PHRASE for kind, length in zip(kinds, longest, strict=True))


@dataclass(frozen=True, slots=True)
class Grid:
    """A heat map with a number in each cell: names down, periods across, deeper where there is more.

    ``corner`` says what the names are, ``period`` is `month`, `quarter` or `year`.
    """

    template: ClassVar[str] = "grid"
    title: str
    corner: str
    period: str
    periods: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    note: str = ""

    @classmethod
    def of(
        cls, frame: pd.DataFrame, *, title: str, corner: str, period: str, kind: Kind = "number", source: str = ""
    ) -> Grid:
        """Shade ``frame`` (names in its index, periods in its columns) against its largest value."""
        shown = frame.head(MOST_ROWS)
        rows = (
            (str(name), tuple(cells)) for name, cells in zip(shown.index, _shades(shown, period, kind), strict=True)
        )
        left = len(frame) - len(shown)
        note = f"{left:,} more are in {source}." if left and source else ""
        return cls(title, corner, period, tuple(map(str, frame.columns)), tuple(rows), note)

    @property
    def parts(self) -> tuple[Grid, ...]:
        """The same in stretches of about as many periods each, so that every one is as wide as a page at most."""
        longest = max((len(cell.text) for _, cells in self.rows for cell in cells), default=1)
        count = math.ceil(len(self.periods) * (longest + 1) / WIDTH)
        size = math.ceil(len(self.periods) / max(count, 1))
        stretches = [slice(start, start + size) for start in range(0, len(self.periods), size)]
        return tuple(
            replace(self, periods=self.periods[part], rows=tuple((name, cells[part]) for name, cells in self.rows))
            for part in stretches
        )


@dataclass(frozen=True, slots=True)
class Grids:
    """Grids side by side where the page is wide enough."""

    template: ClassVar[str] = "grids"
    grids: tuple[Grid, ...]


Block = Prose | Chart | Charts | Table | Grid | Grids


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page with a place in its contents."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    lead: str = ""


@dataclass(slots=True)
class Blocks:
    """Collects the blocks of a section; one without any does not become a section."""

    found: list[Block] = field(default_factory=list)

    def add(self, *blocks: Block) -> None:
        """Append blocks in the order they are to be read."""
        self.found.extend(blocks)

    def charts(self, charts: Iterable[Chart]) -> None:
        """Append charts side by side, if there are any."""
        drawn = tuple(charts)
        if drawn:
            self.found.append(Charts(drawn))

    def grids(self, grids: Iterable[Grid]) -> None:
        """Append grids side by side, if there are any."""
        drawn = tuple(grids)
        if drawn:
            self.found.append(Grids(drawn))

    def section(self, key: str, title: str, lead: str = "") -> Section | None:
        """The section, or None where nothing was found to show."""
        return Section(key, title, tuple(self.found), lead) if self.found else None


def _column(frame: pd.DataFrame, column: Column) -> list[Cell]:
    cells = _cells(frame[column.key].tolist(), column.kind)
    if not column.remark:
        return cells
    remarks = frame[column.remark].fillna("").tolist()
    return [replace(cell, remark=str(remark)) for cell, remark in zip(cells, remarks, strict=True)]


def _cells(values: Sequence[Any], kind: Kind) -> list[Cell]:
    """The shown values of one column."""
    if kind == "text":
        return [Cell(_text(value)) for value in values]
    numbers = [math.nan if pd.isna(value) else float(value) for value in values]
    if kind == "mixed":
        return [Cell(number(value)) for value in numbers]
    if kind == "number":
        return [Cell(text) for text in column_texts(numbers)]
    shares = [min(max(value, 0.0), 1.0) if kind == "bar" and math.isfinite(value) else None for value in numbers]
    return [Cell(text, share) for text, share in zip(percents(numbers), shares, strict=True)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return MISSING if pd.isna(value) else str(value)


def _shades(frame: pd.DataFrame, period: str, kind: Kind) -> list[list[Cell]]:
    """Cells of a grid, shaded against its largest value, or against 1 where it holds shares."""
    values = frame.to_numpy(dtype=float)
    deepest = 1.0 if kind == "percent" else float(np.nanmax(np.abs(values), initial=0.0)) or 1.0
    flat = values.ravel().tolist()
    texts = percents(flat, 2) if kind == "percent" else column_texts(flat, 3)
    cells = []
    for place, (value, text) in enumerate(zip(flat, texts, strict=True)):
        row, column = divmod(place, values.shape[1])
        hint = f"{frame.index[row]}, {period} {frame.columns[column]}: {text}"
        share = round(min(abs(value) / deepest, 1.0), 3) if math.isfinite(value) else None
        cells.append(Cell(text, share, hint))
    return [cells[start : start + values.shape[1]] for start in range(0, len(cells), values.shape[1])]
