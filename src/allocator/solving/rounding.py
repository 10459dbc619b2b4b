"""The nearest whole numbers to a solution that keep the rows which are about whole numbers alone.

Programmes that exclude or require each other, and heads with their hires and releases, cannot be rounded one
by one. Their rows make a small program of their own:

    minimise sum of |x - value|   over whole x within its bounds, for rows of whole numbers only
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import sparse

from allocator.formulation.compile import Program
from allocator.formulation.instance import Floats, Ints
from allocator.solving.deadline import Deadline
from allocator.solving.highs import Solver

_GAP = 1e-3
"""Relative gap at which a point is near enough."""


class NearestWhole:
    """Finds whole numbers near a solution of a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.columns: Ints = np.flatnonzero(program.integer)
        """The program's whole numbers."""

    @cached_property
    def _rows(self) -> Ints:
        """The rows on whole numbers alone."""
        program = self._program
        entries = abs(sparse.csr_array(program.matrix))
        others = entries @ np.where(program.integer, 0.0, 1.0) + abs(sparse.csr_array(program.account_matrix)).sum(
            axis=1
        )
        return np.flatnonzero((others == 0.0) & (np.diff(entries.indptr) > 0))

    @cached_property
    def _matrix(self) -> sparse.csr_array:
        return sparse.csr_array(sparse.csr_array(self._program.matrix)[self._rows])[:, self.columns]

    def find(self, value: Floats, held: dict[int, float], deadline: Deadline) -> Floats | None:
        """[columns] whole numbers nearest to a solution, those ``held`` (by column) as they are; None where
        there are none."""
        count, program = len(self.columns), self._program
        lower, upper = program.lower[self.columns], program.upper[self.columns]
        for place, column in enumerate(self.columns.tolist()):
            if column in held:
                lower[place] = upper[place] = held[column]
        target = np.clip(value[self.columns], lower, upper)
        same = sparse.eye_array(count)
        # Distances d with d >= x - target and d >= target - x.
        above, below = sparse.hstack([same, -same]), sparse.hstack([same, same])
        rows = sparse.hstack([self._matrix, sparse.csr_array(self._matrix.shape)])
        free = np.full(count, np.inf)
        solver = Solver()
        solver.load(
            sparse.csc_array(sparse.vstack([rows, above, below])),
            np.concatenate([np.zeros(count), -np.ones(count)]),
            (np.concatenate([lower, np.zeros(count)]), np.concatenate([upper, free])),
            (
                np.concatenate([program.row_lower[self._rows], -free, target]),
                np.concatenate([program.row_upper[self._rows], target, free]),
            ),
        )
        solver.integers(np.arange(count), True)
        answer = solver.solve_mip(deadline, gap=_GAP)
        return None if answer.value is None else np.round(answer.value[:count])
