"""The plan of a results folder: treatments.csv and, beside it, channels.csv, resources.csv, programmes.csv ..."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field

from allocator.domain.base import Frozen, NonNegative, Period
from allocator.domain.plan import Adapted, ChannelSpend, Heads, Plan, ProgrammeStart, Treatment
from allocator.files.plan_source import LoadedPlan
from allocator.files.positions import Findings, Position, raise_placed
from allocator.files.rows import EFFORT, TableKind, kind_of, typed_rows
from allocator.files.tables import Record, Table, read_table
from allocator.files.text import Files

R = TypeVar("R", bound=Frozen)


class _TreatmentRow(Frozen):
    segment: str
    period: Period
    customers: NonNegative
    programmes: tuple[str, ...] | None = None
    efforts: Mapping[str, NonNegative] = Field(default_factory=dict)


class _AdaptedRow(_TreatmentRow):
    scenario: str


class _CustomersRow(Frozen):
    segment: str
    period: Period
    customers: NonNegative


class _HeadcountRow(Frozen):
    resource: str
    period: Period
    headcount: NonNegative | None = None


class _SpendRow(Frozen):
    channel: str
    period: Period
    spend: NonNegative


class _StartRow(Frozen):
    programme: str
    start: Period | None = None


def _treatment_record(record: Record) -> Record:
    own: Record = {column: record[column] for column in ("segment", "period", "customers") if column in record}
    efforts = {column[len(EFFORT) :]: cell for column, cell in record.items() if column.startswith(EFFORT)}
    used = [name.strip() for name in str(record.get("programmes", "")).split(";") if name.strip()]
    return {**own, "efforts": efforts, "programmes": used}


def _adapted_record(record: Record) -> Record:
    return {**_treatment_record(record), **({"scenario": record["scenario"]} if "scenario" in record else {})}


def _results_table(name: str, row: type[R]) -> TableKind[R]:
    """A table of results: what a plan does not need is skipped, and it may have no rows."""
    kind = kind_of(name, row)

    def needed(record: Record) -> Record:
        return {column: record[column] for column in kind.columns if column in record}

    return replace(kind, shaped=needed, tags=True, may_be_empty=True)


_TREATMENTS = replace(kind_of("treatments", _TreatmentRow), shaped=_treatment_record, tags=True, may_be_empty=True)
_ADAPTED = replace(kind_of("treatments_scenarios", _AdaptedRow), shaped=_adapted_record, tags=True, may_be_empty=True)
_CUSTOMERS = _results_table("customers", _CustomersRow)
_BESIDE: tuple[TableKind[Any], ...] = (
    _results_table("resources", _HeadcountRow),
    _results_table("channels", _SpendRow),
    _results_table("programmes", _StartRow),
)


def is_treatments(table: Table) -> bool:
    """Whether a table is a treatments.csv, by its columns."""
    return any(column.startswith(EFFORT) or column in ("treatment", "customers") for column in table.columns)


def plan_of_results(files: Files, table: Table) -> LoadedPlan:
    """The plan of the treatments in ``table`` and of the other tables in its folder.

    A treatment's share is its customers over those of the segment and period: by customers.csv, or if that is not
    there or says fewer by all treatments.

    Raises
    ------
    InvalidInput
        With all mistakes in the tables.
    """
    findings = Findings()
    tables = {"treatments": table}
    loaded = LoadedPlan(Plan(), Position(table.file, 1, 1))
    present: dict[tuple[str, int], float] = {}
    beside = Path(table.file).with_name(f"{_CUSTOMERS.name}.csv")
    if beside.is_file():
        tables[_CUSTOMERS.name] = read_table(files, str(beside), None)
        counted = typed_rows(tables[_CUSTOMERS.name], _CUSTOMERS, findings)
        present = {(row.segment, row.period): row.customers for row in counted}
    treatments = _treatments(typed_rows(table, _TREATMENTS, findings), loaded, table, present)
    entries: list[Heads | ChannelSpend | ProgrammeStart] = []
    for kind in _BESIDE:
        path = Path(table.file).with_name(f"{kind.name}.csv")
        if path.is_file():
            tables[kind.name] = read_table(files, str(path), None)
            for index, row in enumerate(typed_rows(tables[kind.name], kind, findings)):
                _add(row, loaded, tables[kind.name], index, entries)
    adapted = Path(table.file).with_name(f"{_ADAPTED.name}.csv")
    by_scenario: dict[str, list[_AdaptedRow]] = defaultdict(list)
    if adapted.is_file():
        tables[_ADAPTED.name] = read_table(files, str(adapted), None)
        for row in typed_rows(tables[_ADAPTED.name], _ADAPTED, findings):
            by_scenario[row.scenario].append(row)
    raise_placed(findings, tables)
    loaded.plan = Plan(
        treatments=tuple(treatments),
        adapted=tuple(
            Adapted(scenario=name, treatments=tuple(_treatments(tuple(rows), loaded, tables[_ADAPTED.name], {})))
            for name, rows in by_scenario.items()
        ),
        spend=tuple(entry for entry in entries if isinstance(entry, ChannelSpend)),
        heads=tuple(entry for entry in entries if isinstance(entry, Heads)),
        programmes=tuple(entry for entry in entries if isinstance(entry, ProgrammeStart)),
    )
    return loaded


def _treatments(
    rows: tuple[_TreatmentRow, ...], loaded: LoadedPlan, table: Table, present: Mapping[tuple[str, int], float]
) -> list[Treatment]:
    customers: dict[tuple[str, int], float] = defaultdict(float)
    for row in rows:
        customers[row.segment, row.period] += row.customers
    customers = {cell: max(treated, present.get(cell, 0.0)) for cell, treated in customers.items()}
    treatments = []
    for index, row in enumerate(rows):
        efforts = tuple((lever, effort) for lever, effort in row.efforts.items() if effort > 0.0)
        for lever, _ in efforts:
            loaded.note(("effort", lever, row.segment, row.period), table, index, EFFORT + lever)
        if row.customers > 0.0 and (efforts or row.programmes):
            share = row.customers / customers[row.segment, row.period]
            programmes = row.programmes if "programmes" in table.columns else None
            treatments.append(
                Treatment(segment=row.segment, period=row.period, share=share, efforts=efforts, programmes=programmes)
            )
    return treatments


def _add(
    row: Frozen, loaded: LoadedPlan, table: Table, index: int, entries: list[Heads | ChannelSpend | ProgrammeStart]
) -> None:
    """Add what a row of a table beside treatments.csv says, if it says anything."""
    if isinstance(row, _HeadcountRow) and row.headcount is not None:
        loaded.note(("headcount", row.resource, row.period), table, index, "resource")
        entries.append(Heads(resource=row.resource, period=row.period, headcount=row.headcount))
    elif isinstance(row, _SpendRow):
        loaded.note(("spend", row.channel, row.period), table, index, "channel")
        entries.append(ChannelSpend(channel=row.channel, period=row.period, spend=row.spend))
    elif isinstance(row, _StartRow) and row.start is not None:
        loaded.note(("programme", row.programme), table, index, "programme")
        entries.append(ProgrammeStart(programme=row.programme, start=row.start))
