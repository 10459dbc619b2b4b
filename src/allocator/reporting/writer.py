"""The verb of this room: a result becomes a results folder."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from allocator.domain.evaluation import ADAPTED, Evaluation
from allocator.domain.result import Result
from allocator.domain.scenario import Scenario
from allocator.reporting.folder import SUMMARY, replacing
from allocator.reporting.sections.shocks import MOST_SHOCKS, drawn_shocks
from allocator.reporting.summary import evaluation_summary, summary
from allocator.reporting.tables import evaluation_tables, output_tables
from allocator.uncertainty import as_table

RESOLVED = "scenario.resolved.yaml"
PAGE = "report.html"
WORKBOOK = "report.xlsx"


def write(
    result: Result,
    folder: Path,
    *,
    digests: Mapping[str, str],
    resolved: str,
    html: bool = True,
    xlsx: bool = True,
) -> Path:
    """Write every file of a run into ``folder``, all of them or none, and return the file to open first.

    Parameters
    ----------
    result
        The plan with its evaluation, prices and proof.
    folder
        Where results go; old results there are replaced once the new ones are complete.
    digests
        Input file -> SHA-256 in hexadecimal, the scenario's own file first.
    resolved
        The whole input as understood, in YAML.
    html, xlsx
        Whether to write report.html and report.xlsx.

    Returns
    -------
    The path of report.html, or of summary.json where no page was asked for.

    Raises
    ------
    InvalidInput
        If ``folder`` holds something that is no results folder.
    """
    started = time.perf_counter()
    tables = output_tables(result)
    facts = summary(result, digests)
    with replacing(folder) as partial:
        for name, table in tables.items():
            write_csv(table, partial / f"{name}.csv")
        drawn = drawn_shocks(result.scenario)
        if drawn is not None and drawn.factor.size <= MOST_SHOCKS:
            write_csv(as_table(drawn), partial / "shocks.csv")
        (partial / RESOLVED).write_text(resolved, encoding="utf-8", newline="\n")
        if html:
            from allocator.reporting.page import write_page

            write_page(result, tables, facts, partial / PAGE)
        if xlsx:
            from allocator.reporting.workbook import write_workbook

            write_workbook(result, tables, facts, partial / WORKBOOK)
        facts["seconds"]["report"] = time.perf_counter() - started
        _write_summary(facts, partial)
    return folder / (PAGE if html else SUMMARY)


def write_evaluation(evaluation: Evaluation, scenario: Scenario, folder: Path, *, digests: Mapping[str, str]) -> None:
    """Write the tables of an evaluated plan and their summary into ``folder``, which can then be read as a plan.

    Raises
    ------
    InvalidInput
        If ``folder`` holds something that is no results folder.
    """
    with replacing(folder) as partial:
        write_plan(evaluation, partial)
        _write_summary(evaluation_summary(evaluation, scenario, digests), partial)


def write_plan(evaluation: Evaluation, folder: Path) -> None:
    """Write the tables of an evaluated plan into ``folder``, which can then be read as a plan."""
    folder.mkdir(parents=True, exist_ok=True)
    adapted = {} if evaluation.adapted is None else {ADAPTED: evaluation.adapted}
    for name, table in {**evaluation_tables(evaluation), **adapted}.items():
        write_csv(table, folder / f"{name}.csv")


def _write_summary(facts: dict[str, Any], folder: Path) -> None:
    """Write summary.json, which lists what else is in the folder."""
    facts["files"] = sorted([SUMMARY, *(path.name for path in folder.iterdir())])
    text = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False)
    (folder / SUMMARY).write_text(text + "\n", encoding="utf-8", newline="\n")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """UTF-8, with the shortest text of each number that reads back to the same number."""
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
