"""Treatments as columns: what each posts to every account of the ledger, and so to every row of the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocator.formulation.compile import Program
from allocator.formulation.entries import AccountKind
from allocator.formulation.instance import Floats, Instance
from allocator.solving.cell_blocks import CellBlocks, Columns
from allocator.solving.pricing.space import TreatmentSpace
from allocator.solving.treatments import Listed, Treatments

BATCH = 4096
"""Most treatments whose columns are made at a time."""


class Postings:
    """What treatments post to the accounts of a compiled program."""

    def __init__(self, instance: Instance, program: Program, space: TreatmentSpace) -> None:
        self.instance = instance
        self.program = program
        self.space = space

    def columns(self, treatments: Treatments) -> tuple[sparse.csc_array, Floats]:
        """The scaled columns [rows, K] and objective coefficients [K] of treatments, one unit being
        ``units.customers`` customers."""
        return self.after(_empty(len(self.program.row_lower)), np.zeros(0), treatments)

    def after(
        self, matrix: sparse.csc_array, objective: Floats, treatments: Treatments | Listed
    ) -> tuple[sparse.csc_array, Floats]:
        """Columns [rows, N] and their objective coefficients [N], followed by those of treatments, N + K in all."""
        parts = self._by_cell(treatments) if isinstance(treatments, Listed) else self._by_account(treatments)
        return _beside(matrix, objective, parts, len(treatments), len(treatments) * self._most_entries)

    def totals(self, treatments: Treatments, amounts: Floats) -> Floats:
        """[accounts] natural sums of what so many scaled customers [K] with each treatment post."""
        accounts = self._accounts[treatments.segment * self.instance.horizon + treatments.period - 1]
        posted = self._values(treatments) * (amounts * self.instance.units.customers)[:, None]
        there = accounts >= 0
        found = np.bincount(accounts[there], posted[there], minlength=len(self.program.account_unit))
        return np.asarray(found, dtype=np.float64)

    def _by_cell(self, listed: Listed) -> Iterator[Columns]:
        """Columns of all treatments, some segments at a time that have as many: by dense products."""
        blocks = CellBlocks(self.program, self._accounts, self._scale, listed.periods)
        periods = 1 if self.instance.table.stationary.all() else listed.periods
        values = self._values(listed.in_periods(periods))
        sizes = listed.counts * periods
        ends = np.cumsum(sizes)
        for group in np.split(np.arange(len(sizes)), np.flatnonzero(np.diff(sizes)) + 1):
            step = max(1, BATCH * periods // max(1, int(sizes[group[0]]) * listed.periods))
            for first in range(group[0], group[-1] + 1, step):
                last = min(first + step, group[-1] + 1)
                part = values[ends[first] - sizes[first] : ends[last - 1]]
                shape = (last - first, periods, sizes[first] // periods, part.shape[1])
                yield blocks.columns(slice(first, last), part.reshape(shape))

    def _by_account(self, treatments: Treatments) -> Iterator[Columns]:
        """Columns of any treatments, some at a time, at least once: small arrays are made in memory that is at hand,
        where large ones are asked of the system."""
        values = self._values(treatments)
        cell = treatments.segment * self.instance.horizon + treatments.period - 1
        for first in range(0, max(1, len(cell)), BATCH):
            part = slice(first, first + BATCH)
            amounts, accounts = values[part], self._accounts[cell[part]]
            kept = (accounts >= 0) & (amounts != 0.0)
            starts = np.zeros(len(kept) + 1, dtype=np.int32)
            np.cumsum(np.count_nonzero(kept, axis=1), out=starts[1:])
            rows = accounts[kept]
            shape = (len(self._scale), len(kept))
            posted = sparse.csc_array((amounts[kept] * self._scale[rows], rows, starts), shape=shape)
            columns = sparse.csc_array(self.program.account_matrix @ posted)
            yield Columns(columns.data, columns.indices, columns.indptr[1:], self.program.account_objective @ posted)

    @cached_property
    def _most_entries(self) -> int:
        """Most rows in which one treatment can count."""
        entries = np.append(np.diff(self.program.account_matrix.indptr), 0)
        return int(entries[self._accounts].sum(axis=1).max(initial=0))

    @cached_property
    def _scale(self) -> Floats:
        """[accounts] scaled units of an account in what one unit of customers posts to it."""
        return np.asarray(self.instance.units.customers / self.program.account_unit)

    @cached_property
    def _accounts(self) -> NDArray[np.int32]:
        """[cells, E] the accounts that a treatment of each segment and period posts to, -1 for none; with 32 bits,
        as HiGHS takes them, for products with them are quicker, too."""
        destinations, periods = self.instance.table.destinations, self.instance.horizon
        found = []
        for (kind, _, _), places in self.program.accounts.items():
            if kind == "arrivals":
                later = np.concatenate([places[:, 1:], np.full((1, periods), -1)])
                found += [later[to] for to in destinations.T]
            else:
                found.append(places[:, :-1])
        every = np.array([numbers.ravel() for numbers in found], dtype=np.int32)
        return np.ascontiguousarray(every.reshape(len(found), len(destinations) * periods).T)

    def _values(self, treatments: Treatments) -> Floats:
        """[K, E] what treatments post to their accounts, natural."""
        margin, probability = self._response(treatments)
        columns = []
        for kind, index, level in self.program.accounts:
            if kind == "arrivals":
                columns += list(probability.T)
            else:
                columns.append(margin if kind == "margin" else self._amounts(treatments, kind, index, level))
        return np.ascontiguousarray(np.array(columns).reshape(len(columns), len(treatments)).T)

    def _amounts(self, treatments: Treatments, kind: AccountKind, index: int, level: float) -> Floats:
        if kind == "customers":
            return np.ones(len(treatments))
        if kind == "needs":
            return np.asarray(self.space.needs(treatments.efforts, treatments.variant)[:, index], dtype=np.float64)
        effort = treatments.efforts[:, index]
        if kind == "load":
            return np.asarray(effort * self.space.saves[treatments.variant, index])
        if kind == "reached":
            return np.asarray((effort >= level) if level > 0.0 else (effort > 0.0), dtype=np.float64)
        return effort

    def _response(self, treatments: Treatments) -> tuple[Floats, Floats]:
        """([K] margin, [K, D] probabilities)."""
        boosts = self.space.boosts_of(treatments.variant)
        answer = self.instance.table.coefficients(treatments.segment, treatments.period, treatments.efforts, boosts)
        return answer.margin, answer.probability


def _empty(rows: int) -> sparse.csc_array:
    return sparse.csc_array((rows, 0))


def _beside(
    matrix: sparse.csc_array, objective: Floats, parts: Iterable[Columns], count: int, most: int
) -> tuple[sparse.csc_array, Floats]:
    """Columns and their objective coefficients, followed by so many more with at most so many entries: each part is
    written to its place as it comes, for memory that is asked of the system for every one of them would cost more than
    the numbers do."""
    end, last, width = matrix.nnz, len(objective), len(objective) + count
    data, indices = np.empty(end + most), np.empty(end + most, dtype=np.int32)
    starts, gains = np.empty(width + 1, dtype=np.int32), np.empty(width)
    data[:end], indices[:end], starts[: last + 1], gains[:last] = matrix.data, matrix.indices, matrix.indptr, objective
    for part in parts:
        first, end, place, last = end, end + part.entries.size, last, last + len(part.ends)
        np.copyto(data[first:end].reshape(part.entries.shape), part.entries)
        np.copyto(indices[first:end].reshape(part.rows.shape), part.rows)
        starts[place + 1 : last + 1], gains[place:last] = part.ends + np.int32(first), part.gains
    return sparse.csc_array((data[:end], indices[:end], starts), shape=(matrix.shape[0], width)), gains
