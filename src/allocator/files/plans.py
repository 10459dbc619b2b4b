"""Plans: the tidy table ``kind,name,segment,period,value,share``, or a results folder with treatments.csv."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Literal

from pydantic import ValidationError

from allocator.domain.base import Frozen, NonNegative, Period, Share
from allocator.domain.checks import check_plan
from allocator.domain.errors import InvalidInput
from allocator.domain.plan import ChannelSpend, EffortRow, Heads, Plan, ProgrammeStart, Treatment, combine_levers
from allocator.domain.scenario import Scenario
from allocator.files.mend import STAND_IN, real
from allocator.files.plan_source import LoadedPlan
from allocator.files.positions import Findings, Node, Position, Sources
from allocator.files.results_folder import is_treatments, plan_of_results
from allocator.files.rows import kind_of, typed_rows
from allocator.files.tables import Record, Table, inline_table, read_table
from allocator.files.text import Files, beside
from allocator.files.translate import mistakes_in


class PlanRow(Frozen):
    """One row of the tidy table."""

    kind: Literal["effort", "spend", "headcount", "programme"]
    name: str
    """A lever, channel, resource or programme."""
    segment: str = ""
    """For efforts only."""
    period: Period
    """The start, for a programme."""
    value: NonNegative | None = None
    """Effort, spend or heads; nothing for a programme."""
    share: Share = 1.0
    """Share of the segment's customers, for efforts only."""


_NOTHING: Record = {"kind": "effort", "name": STAND_IN, "segment": STAND_IN, "period": 1, "value": 0, "share": 0}
PLAN = replace(
    kind_of("plan", PlanRow),
    stand_in=_NOTHING,
    together={"kind": tuple(_NOTHING), "period": ("name", "share")},
    may_be_empty=True,
)


def read_plan(path: str | FilePath, scenario: Scenario) -> Plan:
    """Read a plan for ``scenario``: a tidy table, a treatments.csv, or a results folder.

    Raises
    ------
    InvalidInput
        With all mistakes in the tables, unknown names and periods beyond the horizon included.
    """
    try:
        loaded = plan_at(Files(), os.path.normpath(path), None)
    except InvalidInput as error:
        raise InvalidInput(Sources().placed(error.mistakes)) from None
    return checked_plan(loaded, scenario)


def checked_plan(loaded: LoadedPlan, scenario: Scenario) -> Plan:
    """The plan, if nothing is wrong with its rows and it fits ``scenario``.

    Raises
    ------
    InvalidInput
        With all mistakes, placed.
    """
    mistakes = [*loaded.mistakes, *real([*check_plan(loaded.plan, scenario), *check_plan(loaded.idle, scenario)])]
    if mistakes:
        raise InvalidInput(Sources({"plan": loaded}).placed(mistakes))
    return loaded.plan


def load_plan(files: Files, node: Node) -> LoadedPlan:
    """The plan that ``current_plan`` names (a table or a results folder) or holds.

    Raises
    ------
    InvalidInput
        With all mistakes in the tables.
    """
    if isinstance(node.content, dict):
        return _whole(node)
    if isinstance(node.content, list):
        return _tidy(inline_table(node))
    return plan_at(files, beside(node.position, node.text), node.position)


def plan_at(files: Files, path: str, named_at: Position | None) -> LoadedPlan:
    """The plan in a tidy table, a treatments.csv, or a results folder.

    Raises
    ------
    InvalidInput
        With all mistakes in the tables.
    """
    if os.path.isdir(path):
        path = str(FilePath(path) / "treatments.csv")
    table = read_table(files, path, named_at)
    return plan_of_results(files, table) if is_treatments(table) else _tidy(table)


def _whole(node: Node) -> LoadedPlan:
    """A plan written out in a scenario file."""
    data = node.plain()
    for treatment in data.get("treatments", []) if isinstance(data, dict) else []:
        if isinstance(treatment, dict) and isinstance(treatment.get("efforts"), dict):
            treatment["efforts"] = tuple(treatment["efforts"].items())
    try:
        return LoadedPlan(Plan.model_validate(data), node.position)
    except ValidationError as error:
        raise InvalidInput(mistakes_in(error, Plan, ("scenario", "current_plan"))) from None


def _tidy(table: Table) -> LoadedPlan:
    findings = Findings()
    rows = typed_rows(table, PLAN, findings)
    loaded = LoadedPlan(Plan(), Position(table.file, 1, 1))
    efforts: dict[tuple[str, int], list[EffortRow]] = defaultdict(list)
    spend, heads, starts = [], [], []
    for index, row in enumerate(rows):
        if not _is_whole(row, index, findings):
            continue
        value = row.value or 0.0
        if row.kind == "effort":
            loaded.note(("effort", row.name, row.segment, row.period), table, index, "name")
            efforts[row.segment, row.period].append(
                EffortRow(lever=row.name, segment=row.segment, period=row.period, effort=value, share=row.share)
            )
        elif row.kind == "spend":
            loaded.note(("spend", row.name, row.period), table, index, "name")
            spend.append(ChannelSpend(channel=row.name, period=row.period, spend=value))
        elif row.kind == "headcount":
            loaded.note(("headcount", row.name, row.period), table, index, "name")
            heads.append(Heads(resource=row.name, period=row.period, headcount=value))
        else:
            loaded.note(("programme", row.name), table, index, "name")
            starts.append(ProgrammeStart(programme=row.name, start=row.period))
    _check_twice(rows, findings)
    treatments: list[Treatment] = []
    for (segment, period), parts in efforts.items():
        try:
            treatments.extend(combine_levers(parts))
        except ValueError as error:
            place = next(loaded.places[path] for path in loaded.places if path[2:] == (segment, period))
            findings.at(place, str(error), expected="at most 1")
    loaded.mistakes = Sources({"plan": table}).placed(findings.found)
    loaded.idle = Plan(treatments=tuple(_idle(part) for parts in efforts.values() for part in parts))
    loaded.plan = Plan(treatments=tuple(treatments), spend=tuple(spend), heads=tuple(heads), programmes=tuple(starts))
    return loaded


def _idle(row: EffortRow) -> Treatment:
    """What an effort names, for nobody."""
    return Treatment(segment=row.segment, period=row.period, share=0.0, efforts=((row.lever, 0.0),))


def _is_whole(row: PlanRow, index: int, findings: Findings) -> bool:
    """Whether a row has what its kind asks for beyond its columns."""
    before = len(findings.found)
    if row.kind != "programme" and row.value is None:
        findings.add(("plan", index, "value"), "`value` is empty", expected="a number")
    if row.kind == "effort" and not row.segment:
        findings.add(("plan", index, "segment"), "`segment` is empty", expected="a segment, for an effort")
    if row.kind != "effort" and row.segment:
        findings.add(("plan", index, "segment"), f"`segment` is no part of a {row.kind} row", expected="an empty cell")
    if row.kind != "effort" and row.share not in (0.0, 1.0):
        findings.add(("plan", index, "share"), f"`share` is no part of a {row.kind} row", expected="an empty cell")
    return len(findings.found) == before


def _check_twice(rows: tuple[PlanRow, ...], findings: Findings) -> None:
    """Spend, heads and starts are given once."""
    seen: set[tuple[str, str, int]] = set()
    for index, row in enumerate(rows):
        if row.kind == "effort":
            continue
        entry = (row.kind, row.name, row.period if row.kind != "programme" else 0)
        if entry in seen:
            findings.add(("plan", index, "name"), f"the {row.kind} of `{row.name}` is given twice")
        seen.add(entry)
