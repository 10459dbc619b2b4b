"""The evaluation shares no code with the formulation: where they differ, one of them is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from allocator.domain.errors import InternalError

MISMATCH = 1e-6
"""Difference between the solver's figure and the evaluation's, relative to the money moved, that is a failure."""


def confirm(claimed: float, found: float, *, moved: Sequence[float], broken: Sequence[str]) -> None:
    """Hold what the solver says of a plan against what the evaluation finds.

    ``claimed`` and ``found`` are the objective (money), ``moved`` is the margin and cost that it is the difference
    of, and ``broken`` are the limits that the evaluation finds broken, in words.

    Raises
    ------
    InternalError
        If the two figures differ, or a limit is broken: such a plan is never an answer.
    """
    scale = max(abs(claimed), *map(abs, moved), 1e-9)
    if not abs(claimed - found) <= MISMATCH * scale:  # false for NaN too
        raise InternalError(f"the solver's objective {claimed:.9g} and the evaluation's {found:.9g} differ")
    if broken:
        raise InternalError(f"the plan breaks what it was made to keep: {'; '.join(broken)}")
