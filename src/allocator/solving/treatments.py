"""Treatments as columns: what each needs, and what it posts to every account of the ledger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocator.formulation.compile import Program
from allocator.formulation.instance import Floats, Instance, Ints
from allocator.formulation.ledger import AccountKind

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Treatments:
    """K treatments: ``segment`` [K], ``period`` [K] from 1, ``efforts`` [K, L] per customer, ``uses`` [K, G]
    the boosting and saving programmes each is built on."""

    segment: Ints
    period: Ints
    efforts: Floats
    uses: Bools

    def __len__(self) -> int:
        return len(self.segment)

    def take(self, rows: Ints | Bools) -> Treatments:
        """Only the given rows."""
        return Treatments(self.segment[rows], self.period[rows], self.efforts[rows], self.uses[rows])

    def and_then(self, other: Treatments) -> Treatments:
        """These followed by others."""
        return Treatments(
            np.concatenate([self.segment, other.segment]),
            np.concatenate([self.period, other.period]),
            np.concatenate([self.efforts, other.efforts]),
            np.concatenate([self.uses, other.uses]),
        )

    def labels(self) -> list[bytes]:
        """One key per treatment; efforts alike to nine digits are one treatment."""
        rounded = np.round(self.efforts, 9) + 0.0
        whole = np.column_stack([self.segment, self.period, self.uses, rounded]).astype(np.float64)
        return [row.tobytes() for row in whole]


def nothing(instance: Instance) -> Treatments:
    """The treatment without effort for every segment and period."""
    segments, periods = len(instance.segments), instance.horizon
    count = segments * periods
    return Treatments(
        np.repeat(np.arange(segments), periods),
        np.tile(np.arange(1, periods + 1), segments),
        np.zeros((count, len(instance.levers))),
        np.zeros((count, len(instance.programmes)), dtype=bool),
    )


class Postings:
    """What treatments post to the accounts of a compiled program."""

    def __init__(self, instance: Instance, program: Program) -> None:
        self.instance = instance
        self.program = program
        names, programmes = instance.lever_names, list(instance.programmes.values())
        shape = (len(programmes), len(names))
        self._boosts = np.array([p.boosts.get(n, 1.0) for p in programmes for n in names]).reshape(shape)
        self._saves = np.array([p.saves.get(n, 1.0) for p in programmes for n in names]).reshape(shape)
        self._unlocks = np.array([n in p.unlocks for p in programmes for n in names], dtype=bool).reshape(shape)

    def needs(self, treatments: Treatments) -> Bools:
        """[K, G] programmes that must work: those used, and those that unlock a lever with effort."""
        unlocked = (treatments.efforts > 0.0).astype(float) @ self._unlocks.T.astype(float) > 0.0
        return treatments.uses | unlocked

    def columns(self, treatments: Treatments) -> tuple[sparse.csc_array, Floats]:
        """The scaled columns [rows, K] and objective coefficients [K] of treatments, one unit being
        ``units.customers`` customers."""
        posted = self._coefficients(treatments)
        matrix = sparse.csc_array(self.program.account_matrix @ posted)
        return matrix, np.asarray(self.program.account_objective @ posted)

    def _coefficients(self, treatments: Treatments) -> sparse.csc_array:
        """[accounts, K] scaled postings."""
        entries: list[tuple[Ints, Ints, Floats]] = []
        margin, probability = self._response(treatments)
        for (kind, index, level), places in self.program.accounts.items():
            if kind == "arrivals":
                entries.extend(self._arrivals(treatments, places, probability))
            else:
                amounts = margin if kind == "margin" else self._amounts(treatments, kind, index, level)
                entries.append((places[treatments.segment, treatments.period - 1], np.arange(len(treatments)), amounts))
        rows, columns, values = (np.concatenate([entry[part] for entry in entries]) for part in range(3))
        kept = (rows >= 0) & (values != 0.0)
        rows, columns, values = rows[kept], columns[kept], values[kept]
        values = values * self.instance.units.customers / self.program.account_unit[rows]
        shape = (len(self.program.account_unit), len(treatments))
        return sparse.csc_array(sparse.coo_array((values, (rows, columns)), shape=shape))

    def _amounts(self, treatments: Treatments, kind: AccountKind, index: int, level: float) -> Floats:
        if kind == "customers":
            return np.ones(len(treatments))
        if kind == "needs":
            return self.needs(treatments)[:, index].astype(float)
        effort = treatments.efforts[:, index]
        if kind == "load":
            return effort * np.where(treatments.uses, self._saves[:, index], 1.0).prod(axis=1)
        if kind == "reached":
            return ((effort >= level) if level > 0.0 else (effort > 0.0)).astype(float)
        return effort

    def _arrivals(
        self, treatments: Treatments, places: Ints, probability: Floats
    ) -> list[tuple[Ints, Ints, Floats]]:
        destinations = self.instance.table.destinations[treatments.segment]
        each = np.arange(len(treatments))
        found = []
        for position in range(destinations.shape[1]):
            to = destinations[:, position]
            account = np.where(to >= 0, places[to, treatments.period], -1)
            found.append((account, each, probability[:, position]))
        return found

    def _response(self, treatments: Treatments) -> tuple[Floats, Floats]:
        """([K] margin, [K, D] probabilities)."""
        boosts = np.ones((len(treatments), len(self.instance.levers)))
        for number in range(treatments.uses.shape[1]):
            used = treatments.uses[:, number]
            boosts[used] *= self._boosts[number]
        answer = self.instance.table.coefficients(treatments.segment, treatments.period, treatments.efforts, boosts)
        return answer.margin, answer.probability
