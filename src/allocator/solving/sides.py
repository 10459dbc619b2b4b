"""What to branch on: the two sides that a fractional solution is cut off by.

Programmes come first, and whole: started at some time or never, then before when. To rule out a single start in
one period says next to nothing, for the next period does nearly as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from allocator.domain.model import Programme
from allocator.formulation.instance import Floats, Ints
from allocator.formulation.ledger import Ledger
from allocator.solving.master import Master
from allocator.solving.treatments import Bools

ENOUGH = 0.25
"""Part of a programme's start in a relaxation from which on it is taken for a start."""
_WHOLE = 1e-7
_SETTLED = 1e-4
"""How far from 0 or 1 a programme's starts may add up to."""
_PRIORITIES = (("start_", 4.0), ("use", 3.0), ("usage_", 3.0), ("heads_", 2.0))
"""Programmes first, then switches and cut ranges, then heads; hires and releases follow from heads."""

Bounds = dict[int, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Held:
    """What is held: integer columns and rows, each between bounds."""

    columns: Bounds = field(default_factory=dict)
    rows: Bounds = field(default_factory=dict)

    def and_also(self, columns: Bounds, rows: Bounds) -> Held:
        """Hold these, too."""
        return Held({**self.columns, **columns}, {**self.rows, **rows})


@dataclass(frozen=True, slots=True)
class _Programme:
    """A programme's starts: their columns and periods [N], the row by which it starts at most once, and the
    programmes [G] that cannot work without it."""

    row: int
    followers: Bools
    columns: Ints
    periods: Ints

    def split(self, value: Floats) -> tuple[Ints, Ints]:
        """Columns of the starts up to their mean period, and of those after it."""
        early = self.periods <= np.floor(self.periods @ value[self.columns] / value[self.columns].sum())
        return self.columns[early], self.columns[~early]


class Sides:
    """Finds the two sides of a solution of a master."""

    def __init__(self, ledger: Ledger, master: Master) -> None:
        self._master = master
        self._priority: dict[int, float] = {}
        for variable, _ in ledger.units if master.program.integer.any() else ():
            column = master.program.column(variable)
            if column is not None and master.program.integer[column]:
                name = variable.parent_component().name
                weights = (weight for start, weight in _PRIORITIES if name.startswith(start))
                self._priority[column] = next(weights, 1.0)
        self._programmes = self._all_programmes(ledger)
        self.rows: Ints = np.array([each.row for each in self._programmes], dtype=np.int64)
        """Rows that sides may hold."""

    @property
    def choices(self) -> list[Ints]:
        """For each programme the columns of its starts, one of which at most is 1."""
        return [each.columns for each in self._programmes]

    def _all_programmes(self, ledger: Ledger) -> list[_Programme]:
        program, found = self._master.program, []
        for name, starts in ledger.starts.items():
            row = program.rows.get(("once", (name,)))
            columns = {t: program.column(start) for t, start in starts.items()}
            there = {t: column for t, column in columns.items() if column is not None}
            if row is not None and there:
                found.append(
                    _Programme(
                        row,
                        _followers(ledger.instance.programmes, name),
                        np.array(list(there.values())),
                        np.array(list(there)),
                    )
                )
        return found

    def _totals(self, value: Floats) -> Floats:
        """How far each programme is started."""
        return np.array([value[each.columns].sum() for each in self._programmes])

    def settled(self, value: Floats) -> tuple[int, ...] | None:
        """What is :meth:`likely`; None where any programme is started in part."""
        return None if _doubt(self._totals(value)).any() else self.likely(value)

    def likely(self, value: Floats) -> tuple[int, ...]:
        """For each programme the column of its largest start, -1 where it hardly ever starts."""
        largest = [int(each.columns[value[each.columns].argmax()]) for each in self._programmes]
        return tuple(np.where(self._totals(value) > ENOUGH, largest, -1).tolist())

    def in_part(self, value: Floats) -> list[tuple[Held, Bools]]:
        """For each programme that is started in part: what starts it, and the programmes [G] that cannot work
        without it, itself among them."""
        doubtful = np.flatnonzero(_doubt(self._totals(value)))
        return [(self._start(each), each.followers) for each in (self._programmes[place] for place in doubtful)]

    def of_programmes(self, value: Floats) -> list[Held]:
        """The two sides of the programme that is started in part, or else at several times; the likelier first."""
        totals = self._totals(value)
        doubt = np.where(_doubt(totals), np.minimum(totals, 1.0 - totals), 0.0)
        if doubt.any():
            chosen = self._programmes[int(doubt.argmax())]
            return [self._start(chosen), Held(columns=_never(chosen.columns))]
        largest = np.array([value[each.columns].max() for each in self._programmes])
        spread = totals - largest
        if not _doubt(spread).any():
            return []
        early, late = self._programmes[int(spread.argmax())].split(value)
        sides = [Held(columns=_never(late)), Held(columns=_never(early))]
        return sides if value[early].sum() >= value[late].sum() else sides[::-1]

    def _start(self, programme: _Programme) -> Held:
        side = float(self._master.program.row_upper[programme.row])
        return Held(rows={programme.row: (side, side)})

    def of_columns(self, held: Held, value: Floats) -> list[Held]:
        """The two sides of one fractional integer, by priority and then the one nearest to a half; the nearer first."""
        columns = self._master.integer_columns[self._master.integer_columns < len(value)]
        distance = np.abs(value[columns] - np.round(value[columns]))
        fractional = np.flatnonzero(distance > _WHOLE)
        if not len(fractional):
            return []
        weight = np.array([self._priority.get(int(columns[place]), 3.0) for place in fractional])
        column = int(columns[fractional[np.argmax(weight + distance[fractional])]])
        lower, upper = self._master.bounds(np.array([column]))
        low, high = held.columns.get(column, (float(lower[0]), float(upper[0])))
        middle = float(np.floor(value[column]))
        sides = [Held(columns={column: (low, middle)}), Held(columns={column: (middle + 1.0, high)})]
        return sides if value[column] - middle <= 0.5 else sides[::-1]


def _doubt(total: Floats) -> Bools:
    """Where a share is neither 0 nor 1."""
    return np.asarray(np.minimum(total, 1.0 - total) > _SETTLED)


def _followers(programmes: Mapping[str, Programme], name: str) -> Bools:
    """[G] a programme and those that require it, one after the other."""
    found = {name}
    for _ in programmes:
        found |= {other for other, programme in programmes.items() if found & set(programme.requires)}
    return np.array([other in found for other in programmes], dtype=bool)


def _never(columns: Ints) -> Bounds:
    return dict.fromkeys(columns.tolist(), (0.0, 0.0))
