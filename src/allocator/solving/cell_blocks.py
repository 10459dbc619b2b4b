"""Many treatments of each segment and period as columns at once, by one dense product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.formulation.compile import Program
from allocator.formulation.instance import Floats, Ints

_FULL = 0.6
"""Share of entries that are not 0 from which on all are handed over: HiGHS leaves out zeros in less time than numpy."""


@dataclass(frozen=True, slots=True)
class Columns:
    """K columns: the values and the rows of their entries, in arrays of one shape, column by column, where each ends
    [K], and the objective coefficients ``gains`` [K]."""

    entries: Floats
    rows: NDArray[np.int32]
    ends: NDArray[np.int32]
    gains: Floats


class CellBlocks:
    """What is posted in each cell, a segment and period, as a dense block over the few rows in which it counts.

    coefficients: [S, T, E, M] scaled entry in each of the cell's rows for one unit of each of its E postings.
    gains: [S, T, E, 1] the same of the objective.
    rows: [S, T, 1, M] the cell's rows, ascending; where a cell has fewer, others come first in which nothing is posted.
    """

    def __init__(self, program: Program, accounts: NDArray[np.int32], scale: Floats, periods: int) -> None:
        """``accounts`` [S T, E] that a cell posts to, -1 for none; ``scale`` [accounts] of a unit posted."""
        matrix, (cells, postings), height = program.account_matrix, accounts.shape, len(program.row_lower)
        posting = np.flatnonzero(accounts >= 0)
        account = accounts.ravel()[posting]
        sizes = np.diff(matrix.indptr)[account]
        entry = np.repeat(matrix.indptr[account] - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
        posting, account = np.repeat(posting, sizes), np.repeat(account, sizes)
        used, which = np.unique(posting // postings * height + matrix.indices[entry], return_inverse=True)
        cell, row = np.divmod(used, height)
        counts = np.bincount(cell, minlength=cells)
        most = int(counts.max(initial=1))
        place = np.arange(len(used)) - (np.cumsum(counts) - most)[cell]
        """Of a row among those of its cell; the last is at the end."""
        rows = _others(cell, row, (cells, min(height, 2 * most)))[:, :most]
        rows[cell, place] = row
        coefficients = np.zeros((cells * postings, most))
        coefficients[posting, place[which]] = matrix.data[entry] * scale[account]
        gains = np.where(accounts >= 0, np.append(program.account_objective * scale, 0.0)[accounts], 0.0)
        self.rows = rows.reshape(-1, periods, 1, most)
        self.coefficients = coefficients.reshape(-1, periods, postings, most)
        self.gains = gains.reshape(-1, periods, postings, 1)

    def columns(self, segments: slice, values: Floats) -> Columns:
        """The columns of K treatments in each period of N segments, cell by cell, from what they post [N, T, K, E], or
        [N, 1, K, E] where it is the same in all periods."""
        entries = values @ self.coefficients[segments]
        kept = entries != 0.0
        rows = np.broadcast_to(self.rows[segments], entries.shape)
        gains = (values @ self.gains[segments]).ravel()
        count = len(gains)
        if np.count_nonzero(kept) >= _FULL * kept.size:
            return Columns(entries, rows, np.arange(1, count + 1, dtype=np.int32) * entries.shape[-1], gains)
        ends = np.cumsum(kept, dtype=np.int32).reshape(count, -1)[:, -1]
        return Columns(entries[kept], rows[kept], ends, gains)


def _others(cell: Ints, row: Ints, shape: tuple[int, int]) -> NDArray[np.int32]:
    """For each cell the first so many rows, those that it has not got first."""
    own = np.zeros(shape, dtype=bool)
    there = row < shape[1]
    own[cell[there], row[there]] = True
    return np.argsort(own, axis=1, kind="stable").astype(np.int32)
