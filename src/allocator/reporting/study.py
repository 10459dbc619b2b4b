"""A study around a scenario: a few tables, one page and what it says, in a folder that appears whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from allocator.domain.evaluation import Evaluation
from allocator.reporting.blocks import Section
from allocator.reporting.folder import SUMMARY, replacing
from allocator.reporting.rendering import render
from allocator.reporting.writer import write_csv, write_plan


@dataclass(frozen=True, slots=True)
class Study:
    """What is written: ``name`` is that of the page and of the first table."""

    name: str
    heading: str
    scenario: str
    sentences: Sequence[str]
    terms: Sequence[tuple[str, str]]
    sections: Sequence[Section | None]
    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]
    """For summary.json, beside the scenario and the list of files."""
    plans: Mapping[str, Evaluation] = field(default_factory=dict)
    """Folder below `plans` -> an evaluated plan, written so that it can be read back."""


def write_study(study: Study, folder: Path) -> Path:
    """Write tables, plans, page and summary into ``folder``, all or none, and return the page's path.

    Raises
    ------
    InvalidInput
        If ``folder`` holds something that is no results folder.
    """
    page = f"{study.name}.html"
    with replacing(folder) as partial:
        for name, table in study.tables.items():
            write_csv(table, partial / f"{name}.csv")
        for name, evaluation in study.plans.items():
            write_plan(evaluation, partial / "plans" / name)
        text = render(
            "study.html",
            kicker=study.heading,
            heading=study.scenario,
            sentences=list(study.sentences),
            terms=list(study.terms),
            sections=[section for section in study.sections if section is not None],
        )
        (partial / page).write_text(text, encoding="utf-8", newline="\n")
        files = sorted([SUMMARY, *(path.name for path in partial.iterdir())])
        facts = {"scenario": study.scenario, "study": study.name, **study.facts, "files": files}
        summary = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False)
        (partial / SUMMARY).write_text(summary + "\n", encoding="utf-8", newline="\n")
    return folder / page
