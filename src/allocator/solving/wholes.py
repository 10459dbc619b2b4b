"""Whole numbers of a solution by name, to begin another program of the same scenario with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from allocator.domain.evaluation import Evaluation
from allocator.formulation.compile import Program
from allocator.formulation.instance import Floats
from allocator.formulation.ledger import Ledger
from allocator.formulation.terms import Variable
from allocator.solving.master import Master


def wholes(ledger: Ledger, master: Master, value: Floats) -> dict[str, float]:
    """Every integer variable of the ledger, by name, with its value in a solution."""
    return {name: float(np.round(value[column])) for name, column in _named(ledger, master)}


def columns_of(ledger: Ledger, master: Master, whole: Mapping[str, float]) -> Floats:
    """[columns] the named values in their columns; 0 elsewhere."""
    value = np.zeros(master.solver.columns)
    for name, column in _named(ledger, master):
        value[column] = whole.get(name, 0.0)
    return value


def commitments(ledger: Ledger, master: Master, value: Floats) -> dict[str, float]:
    """What a solution commits to, by the name of its variable, in natural units."""
    found = {}
    for variable in ledger.stages.commitments:
        column = master.program.column(variable)
        found[str(variable.name)] = 0.0 if column is None else master.natural(column, value)
    return found


def planned(ledger: Ledger, master: Master, plan: Evaluation) -> Floats:
    """[columns] the whole numbers of a plan, as evaluated; 0 elsewhere."""
    value = np.zeros(master.solver.columns)
    for variable, amount in (*_staffing(ledger, plan), *_switches(ledger, plan)):
        column = master.program.column(variable)
        if column is not None:
            value[column] = amount
    return value


def planned_commitments(ledger: Ledger, plan: Evaluation) -> dict[str, float]:
    """What a plan, as evaluated, commits to, by the name of its variable, in natural units."""
    every = (*_staffing(ledger, plan), *_switches(ledger, plan), *_channels(ledger, plan))
    stated = {str(variable.name): amount for variable, amount in every}
    return {name: stated.get(name, 0.0) for name in (str(one.name) for one in ledger.stages.commitments)}


def _channels(ledger: Ledger, plan: Evaluation) -> Iterator[tuple[Variable, float]]:
    """Spends, stocks and new customers."""
    keys = ["channel", "period"]
    spend, stock, new = (_column(plan.tables.channels, keys, name) for name in ("spend", "stock", "new_customers"))
    for place, cell in ledger.channels.items():
        yield from ((cell.stock, stock[place]), (cell.spend, spend[place]), (cell.answer, new[place]))


def _staffing(ledger: Ledger, plan: Evaluation) -> Iterator[tuple[Variable, float]]:
    """Heads, hires and releases."""
    table = plan.tables.resources
    for column in ("headcount", "hires", "releases"):
        known = _column(table, ["resource", "period"], column)
        for name, heads in ledger.heads.items():
            staff = ledger.staff[name]
            variables = {"headcount": heads, "hires": staff.hires, "releases": staff.releases}[column]
            yield from ((variable, known[name, t]) for t, variable in variables.items())


def _switches(ledger: Ledger, plan: Evaluation) -> Iterator[tuple[Variable, float]]:
    """Programmes' starts, channels in use, levers in use."""
    tables, instance = plan.tables, ledger.instance
    starts = tables.programmes.dropna(subset=["start"])
    for name, start in zip(starts["programme"].tolist(), starts["start"].tolist(), strict=True):
        if int(start) in ledger.starts[name]:
            yield ledger.starts[name][int(start)], 1.0
    spend = _column(tables.channels, ["channel", "period"], "spend")
    for place, cell in ledger.channels.items():
        if cell.use is not None and spend[place] > 0.0:
            yield cell.use, 1.0
    effort = _column(tables.allocation, ["lever", "segment", "period"], "effort_total")
    for lever, switches in ledger.usages.items():
        for (s, t), switch in switches.items():
            if effort.get((instance.lever_names[lever], instance.segments[s].name, t), 0.0) > 0.0:
                yield switch, 1.0


def _column(table: pd.DataFrame, keys: list[str], column: str) -> dict[tuple[str | int, ...], float]:
    """A column by the ``keys`` of its rows."""
    rows = zip(*(table[key].tolist() for key in keys), strict=True)
    return dict(zip(rows, table[column].astype(float).tolist(), strict=True))


def _named(ledger: Ledger, master: Master) -> Iterator[tuple[str, int]]:
    for variable, _ in ledger.units:
        column = master.program.column(variable)
        if column is not None and master.program.integer[column]:
            yield str(variable.name), column


def moved_heads(ledger: Ledger, program: Program, name: str, change: float, value: Floats) -> list[dict[int, float]]:
    """By how much columns of whole numbers of a solution may follow a ``change`` of the heads a resource begins with.

    Hires and releases of the first period make up for it, or heads stay more, or fewer, to the end.
    """
    heads = ledger.heads.get(name)
    if heads is None:
        return [{}]
    columns = [column for each in heads.values() if (column := program.column(each)) is not None]
    found = [{column: change / program.column_unit[column] for column in columns}]
    staff = ledger.staff[name]
    undone, instead = (staff.hires, staff.releases) if change > 0.0 else (staff.releases, staff.hires)
    before, after = (program.column(each[1]) if each else None for each in (undone, instead))
    less = 0.0 if before is None else min(abs(change), float(value[before] * program.column_unit[before]))
    moves = {before: -less, after: abs(change) - less}
    found.append({column: by / program.column_unit[column] for column, by in moves.items() if column is not None})
    return found
