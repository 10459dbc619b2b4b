"""Whole numbers of a solution by name, to begin another program of the same scenario with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from allocator.formulation.instance import Floats
from allocator.formulation.ledger import Ledger
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


def _named(ledger: Ledger, master: Master) -> Iterator[tuple[str, int]]:
    for variable, _ in ledger.units:
        column = master.program.column(variable)
        if column is not None and master.program.integer[column]:
            yield str(variable.name), column
