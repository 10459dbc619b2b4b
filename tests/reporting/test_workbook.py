"""report.xlsx: a sheet a table, numbers as numbers, texts as texts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from allocator.domain.result import Result
from allocator.reporting import write


def workbook(result: Result, folder: Path) -> openpyxl.Workbook:
    write(result, folder / "out", digests={}, resolved="", html=False)
    return openpyxl.load_workbook(folder / "out" / "report.xlsx")


def test_every_filled_table_has_a_sheet_with_frozen_filtered_header(full: Result, tmp_path: Path) -> None:
    book = workbook(full, tmp_path)
    assert book.sheetnames[:3] == ["summary", "treatments", "allocation"]
    assert {"budgets", "rules", "risk", "ranges", "cash by function"} <= set(book.sheetnames)
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "A2", sheet.title
        assert sheet.auto_filter.ref == sheet.dimensions, sheet.title
        assert sheet.page_setup.orientation == "landscape", sheet.title
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
        assert int(sheet.page_setup.fitToHeight) == 0, sheet.title


def test_tables_without_rows_have_no_sheet(plain: Result, tmp_path: Path) -> None:
    assert not {"rules", "budgets", "channels", "programmes", "risk"} & set(workbook(plain, tmp_path).sheetnames)


def test_values_are_exact_and_names_whole(full: Result, tmp_path: Path) -> None:
    sheet = workbook(full, tmp_path)["customers"]
    table = full.evaluation.tables.customers
    assert [cell.value for cell in sheet["A"][1:]] == table["segment"].tolist()
    assert [cell.value for cell in sheet["C"][1:]] == pytest.approx(table["customers"].tolist(), rel=1e-15)


def test_the_summary_has_the_key_numbers_and_charts(full: Result, tmp_path: Path) -> None:
    sheet = workbook(full, tmp_path)["summary"]
    cells = {row[0].value: row[1].value for row in sheet.iter_rows(min_row=4, max_col=2)}
    assert cells["customer equity (CNY)"] == pytest.approx(full.customer_equity, rel=1e-15)
    assert cells["gain over the current plan (CNY)"] == pytest.approx(full.customer_equity - 140.1e6)
    assert cells["gap"] == pytest.approx(4e-5)
    assert len(sheet._charts) == 2


def test_texts_never_become_formulas_and_long_names_fit(full: Result, tmp_path: Path) -> None:
    further = {
        "a_table_with_a_name_that_is_far_too_long": pd.DataFrame({"=1+1": ["=2+2", "12"]}),
        "a_table_with_a_name_that_is_far_too_wide": pd.DataFrame({"x": [float("inf")]}),
    }
    book = workbook(dataclasses.replace(full, further=further), tmp_path)
    names = [name for name in book.sheetnames if name.startswith("a_table")]
    assert len(names) == 2
    assert all(len(name) <= 31 for name in names)
    first = book[names[0]]
    assert [(cell.value, cell.data_type) for cell in first["A"]] == [("=1+1", "s"), ("=2+2", "s"), ("12", "s")]
