"""Treatments as columns: what each needs, and what it posts to every account of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocator.formulation.compile import Program
from allocator.formulation.entries import AccountKind
from allocator.formulation.instance import Floats, Instance, Ints
from allocator.solving.pricing.space import TreatmentSpace

Bools = NDArray[np.bool_]

BATCH = 4096
"""Most treatments whose columns are made at a time."""


@dataclass(frozen=True, slots=True)
class Treatments:
    """K treatments: ``segment`` [K], ``period`` [K] from 1, ``efforts`` [K, L] per customer, ``variant`` [K]
    the set of boosting and saving programmes each uses, as numbered by :class:`TreatmentSpace`.

    ``alike`` [K], where it is known, is the first row with the same segment, efforts and variant in any period.
    """

    segment: Ints
    period: Ints
    efforts: Floats
    variant: Ints
    alike: Ints | None = None

    def __len__(self) -> int:
        return len(self.segment)

    def take(self, rows: Ints | Bools | slice) -> Treatments:
        """Only the given rows."""
        return Treatments(self.segment[rows], self.period[rows], self.efforts[rows], self.variant[rows])

    def and_then(self, *others: Treatments) -> Treatments:
        """These followed by others."""
        parts = (self, *others)
        return Treatments(
            np.concatenate([part.segment for part in parts]),
            np.concatenate([part.period for part in parts]),
            np.concatenate([part.efforts for part in parts]),
            np.concatenate([part.variant for part in parts]),
        )

    def moved(self, segments: int) -> Treatments:
        """The same with so much added to the numbers of the segments."""
        return Treatments(self.segment + segments, self.period, self.efforts, self.variant)

    def different(self) -> Treatments:
        """The same, each treatment once."""
        first: dict[bytes, int] = {}
        for place, label in enumerate(self.labels()):
            first.setdefault(label, place)
        return self.take(np.array(list(first.values()), dtype=np.int64))

    def labels(self) -> list[bytes]:
        """One key per treatment; efforts alike to nine digits are one treatment."""
        rounded = np.round(self.efforts, 9) + 0.0
        whole = np.column_stack([self.segment, self.period, self.variant, rounded]).astype(np.float64)
        return list(whole.view(f"V{whole.itemsize * whole.shape[1]}").ravel().tolist())


def nothing(instance: Instance) -> Treatments:
    """The treatment without effort for every segment and period."""
    segments, periods = len(instance.segments), instance.horizon
    count = segments * periods
    return Treatments(
        np.repeat(np.arange(segments), periods),
        np.tile(np.arange(1, periods + 1), segments),
        np.zeros((count, len(instance.levers))),
        np.zeros(count, dtype=np.int64),
    )


class Postings:
    """What treatments post to the accounts of a compiled program."""

    def __init__(self, instance: Instance, program: Program, space: TreatmentSpace) -> None:
        self.instance = instance
        self.program = program
        self.space = space

    def columns(self, treatments: Treatments) -> tuple[sparse.csc_array, Floats]:
        """The scaled columns [rows, K] and objective coefficients [K] of treatments, one unit being
        ``units.customers`` customers."""
        return self.after(_empty(len(self.program.row_lower)), treatments)

    def after(self, matrix: sparse.csc_array, treatments: Treatments) -> tuple[sparse.csc_array, Floats]:
        """A matrix [rows, N] followed by the columns of treatments [rows, N + K], and what :meth:`columns` says of
        their objective coefficients [K]."""
        gains = []

        def blocks() -> Iterator[sparse.csc_array]:
            yield matrix
            for posted in self._batches(treatments):
                gains.append(self.program.account_objective @ posted)
                yield sparse.csc_array(self.program.account_matrix @ posted)

        most = matrix.nnz + len(treatments) * self._most_entries
        return _beside(blocks(), most), np.concatenate(gains)

    def coefficients(self, treatments: Treatments) -> sparse.csc_array:
        """[accounts, K] scaled postings per ``units.customers`` customers."""
        return _beside(self._batches(treatments), len(treatments) * self._accounts.shape[1])

    @cached_property
    def _most_entries(self) -> int:
        """Most rows in which one treatment can count."""
        entries = np.append(np.diff(self.program.account_matrix.indptr), 0)
        return int(entries[self._accounts].sum(axis=1).max(initial=0))

    def _batches(self, treatments: Treatments) -> Iterator[sparse.csc_array]:
        """Coefficients of some treatments at a time, at least once: small arrays are made in memory that is at hand,
        where large ones are asked of the system."""
        values, place = self._values(treatments)
        cell = treatments.segment * self.instance.horizon + treatments.period - 1
        scale = self.instance.units.customers / self.program.account_unit
        for first in range(0, max(1, len(place)), BATCH):
            part = slice(first, first + BATCH)
            amounts, accounts = values[place[part]], self._accounts[cell[part]]
            kept = (accounts >= 0) & (amounts != 0.0)
            starts = np.zeros(len(kept) + 1, dtype=np.int32)
            np.cumsum(np.count_nonzero(kept, axis=1), out=starts[1:])
            rows = accounts[kept]
            yield sparse.csc_array((amounts[kept] * scale[rows], rows, starts), shape=(len(scale), len(kept)))

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

    def _values(self, treatments: Treatments) -> tuple[Floats, Ints]:
        """[N, E] what different treatments post to their accounts, natural, and [K] which of them each one is: those
        that differ by their period alone are the same where transitions are."""
        each = np.arange(len(treatments))
        if treatments.alike is not None and self.instance.table.stationary.all():
            first = np.flatnonzero(treatments.alike == each)
            return self._values(treatments.take(first))[0], np.searchsorted(first, treatments.alike)
        margin, probability = self._response(treatments)
        columns = []
        for kind, index, level in self.program.accounts:
            if kind == "arrivals":
                columns += list(probability.T)
            else:
                columns.append(margin if kind == "margin" else self._amounts(treatments, kind, index, level))
        return np.ascontiguousarray(np.array(columns).reshape(len(columns), len(treatments)).T), each

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


def _beside(blocks: Iterable[sparse.csc_array], most: int) -> sparse.csc_array:
    """Matrices side by side, with at most so many entries in all: each is written to its place as it comes, for
    memory that is asked of the system for every one of them would cost more than the numbers do."""
    data, indices = np.empty(most), np.empty(most, dtype=np.int32)
    starts, end, rows = [np.zeros(1, dtype=np.int32)], 0, 0
    for block in blocks:
        rows, first, end = block.shape[0], end, end + block.nnz
        data[first:end], indices[first:end] = block.data, block.indices
        starts.append(block.indptr[1:] + np.int32(first))
    found = np.concatenate(starts)
    return sparse.csc_array((data[:end], indices[:end], found), shape=(rows, len(found) - 1))
