"""report.xlsx: a summary with charts, and a sheet for each table."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from allocator.reporting.figures import PALETTE
from allocator.reporting.numbers import decimals
from allocator.reporting.view import View

if TYPE_CHECKING:
    from allocator.domain.result import Result

_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_SHARES = {"share", "share_treated", "probability"}
_WIDEST = 42
_FONT = "Arial"
_LONGEST_NAME = 31


def write_workbook(result: Result, tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], path: Path) -> None:
    """Write the workbook; a table without rows has no sheet."""
    view = View(result, tables, facts)
    with xlsxwriter.Workbook(str(path), _SAFE) as book:
        book.formats[0].set_font_name(_FONT)
        summary = book.add_worksheet("summary")
        filled = {name: table for name, table in tables.items() if not table.empty}
        by_function = _cash_by_function(view)
        if not by_function.empty:
            filled["cash by function"] = by_function
        names = _sheet_names(list(filled))
        for name, table in filled.items():
            _write_table(book, names[name], table)
        _write_summary(book, summary, view)
        _draw(book, summary, filled, view)


def _write_table(book: Workbook, name: str, table: pd.DataFrame) -> None:
    """One sheet: header frozen and filtered, each column in its format and width, printed no wider than a page."""
    sheet = book.add_worksheet(name)
    header = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "font_name": _FONT, "valign": "top"})
    sheet.write_row(0, 0, [str(column) for column in table.columns], header)
    for place, column in enumerate(table.columns):
        values = [None if pd.isna(value) else value for value in table[column].tolist()]
        shown = book.add_format({"num_format": _number_format(str(column), values), "font_name": _FONT})
        sheet.set_column(place, place, _width(str(column), values))
        sheet.write_column(1, place, [_finite(value) for value in values], shown)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _finite(value: Any) -> Any:
    """What a sheet can hold: an infinite number is written as text."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _number_format(column: str, values: Sequence[Any]) -> str:
    numbers = [float(value) for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if not numbers:
        return "General"
    if column in _SHARES:
        return "0.0%"
    places = decimals(numbers)
    return "#,##0" + ("." + "0" * places if places else "")


def _width(heading: str, values: Sequence[Any]) -> float:
    """Width in characters; an East Asian character is as wide as two, and a filter button takes three."""
    shown = [f"{value:,.2f}" if isinstance(value, float) else str(value) for value in values[:200] if value is not None]
    longest = max([_wide(heading) + 3, *(_wide(text) for text in shown)])
    return float(min(longest + 1, _WIDEST))


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _sheet_names(tables: Sequence[str]) -> dict[str, str]:
    """A sheet's name holds at most 31 characters, some may not be in it, and it may stand once."""
    names: dict[str, str] = {}
    taken = {"summary"}
    for table in tables:
        base = re.sub(r"[\[\]:*?/\\']", "_", table)[:_LONGEST_NAME]
        name, turn = base, 2
        while name.lower() in taken:
            name, turn = f"{base[: _LONGEST_NAME - 4]} {turn}", turn + 1
        taken.add(name.lower())
        names[table] = name
    return names


def _write_summary(book: Workbook, sheet: Worksheet, view: View) -> None:
    facts = view.facts
    title = book.add_format({"bold": True, "font_size": 16, "font_name": _FONT})
    label = book.add_format({"font_name": _FONT, "font_color": "#44505C"})
    money = book.add_format({"num_format": "#,##0", "font_name": _FONT, "align": "left"})
    text = book.add_format({"font_name": _FONT, "align": "left"})
    percent = book.add_format({"num_format": "0.0000%", "font_name": _FONT, "align": "left"})
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 30)
    sheet.write_string(0, 0, view.scenario.name, title)
    sheet.write_string(1, 0, facts["proof"], text)
    rows: list[tuple[str, Any, Any]] = [(name, value, money) for name, value in _money_rows(view) if value is not None]
    rows += [("gap", facts["gap"], percent)] if facts["gap"] is not None else []
    rows += [
        ("status", facts["status_words"], text),
        ("model", facts["model"], text),
        ("currency", facts["currency"] or "not stated", text),
        ("horizon", f"{facts['horizon']} periods of a {facts['period']}", text),
        ("discount rate a year", facts["discount_rate"], book.add_format({"num_format": "0.0#%", "align": "left"})),
    ]
    for place, (name, value, shown) in enumerate(rows, start=3):
        sheet.write_string(place, 0, name, label)
        sheet.write(place, 1, value, shown)


def _money_rows(view: View) -> list[tuple[str, float | None]]:
    facts = view.facts
    unit = f" ({view.currency})"
    return [
        ("customer equity" + unit, facts["customer_equity"]),
        ("current plan" + unit, facts["current_plan_equity"]),
        ("gain over the current plan" + unit, facts["gain_over_current_plan"]),
        ("no effort" + unit, facts["no_effort_equity"]),
        ("gain over no effort" + unit, facts["gain_over_no_effort"]),
        ("margin, discounted" + unit, facts["margin"]),
        ("value left at the end" + unit, facts["terminal_value"]),
        ("cost, discounted" + unit, facts["cost"]),
        ("CVaR" + unit, facts["cvar"]),
        ("bound" + unit, facts["bound"]),
    ]


def _cash_by_function(view: View) -> pd.DataFrame:
    """Periods down, functions across: money spent."""
    cash = view.tables["cash"]
    if cash.empty:
        return pd.DataFrame()
    wide = view.by_period(cash, "function", "amount").T
    return wide.rename_axis(index="period", columns=None).reset_index()


def _draw(book: Workbook, summary: Worksheet, filled: Mapping[str, pd.DataFrame], view: View) -> None:
    """Native charts beside the key numbers: equity by segment, cash by function."""
    place = 3
    if "equity" in filled:
        table = filled["equity"]
        rows = min(len(table), 30)
        chart = book.add_chart({"type": "bar"})
        chart.add_series(_series("equity", table, ("segment", "equity"), rows, 0))
        chart.set_title({"name": "Equity by segment", "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"name": view.currency, "name_font": {"bold": False}})
        chart.set_size({"width": 620, "height": 120 + 22 * rows})
        summary.insert_chart(place, 3, chart)
        place += 7 + round(1.1 * rows)
    if "cash by function" in filled:
        table = filled["cash by function"]
        chart = book.add_chart({"type": "column", "subtype": "stacked"})
        for turn, function in enumerate(table.columns[1:]):
            chart.add_series(_series("cash by function", table, ("period", str(function)), len(table), turn))
        chart.set_title({"name": f"Cash by function and {view.period}", "name_font": {"size": 12}})
        chart.set_x_axis({"name": view.period, "name_font": {"bold": False}})
        chart.set_y_axis({"name": view.currency, "name_font": {"bold": False}})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 620, "height": 320})
        summary.insert_chart(place, 3, chart)


def _series(sheet: str, table: pd.DataFrame, columns: tuple[str, str], rows: int, turn: int) -> dict[str, Any]:
    """The values of the second column by the first, over ``rows`` rows, in the colour of the series' ``turn``."""
    across, down = (table.columns.get_loc(column) for column in columns)
    return {
        "name": [sheet, 0, down],
        "categories": [sheet, 1, across, rows, across],
        "values": [sheet, 1, down, rows, down],
        "fill": {"color": PALETTE[turn % len(PALETTE)]},
        "gap": 60,
    }
