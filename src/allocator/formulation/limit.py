"""A requirement of the planner that is one row of the program."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from allocator.domain.errors import Path
from allocator.formulation.terms import Terms

Key = tuple[Hashable, ...]


class ShockNumber(int):
    """Number of the shock scenario that a row is about; it comes before the row's own key."""


def own_key(key: Key) -> Key:
    """A row's key without the shock scenario."""
    return key[1:] if key and isinstance(key[0], ShockNumber) else key


@dataclass(frozen=True, slots=True)
class Moved:
    """A number of the planner's, no share, that is moved while a program is solved again and again.

    ``unit`` is the size of a usual move, in the number's own unit; the limit gives way as the number rises
    (``direction`` 1) or falls (-1).
    """

    path: Path
    unit: float
    direction: Literal[-1, 1]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a requirement is called, where it stands, and how it is measured.

    ``limit`` is in the planner's unit. ``basis`` is what one unit of the limit is worth on the row: 1 for an
    absolute limit; for a share, the expression that the share is of. Where the limit is worked out from the
    number that stands at ``path``, ``stated`` is that number, and ``rate`` is how far the limit moves per
    unit of it; a rate of 0 says that no single number there can move the limit.
    """

    family: str
    path: Path
    name: str
    sense: Literal["max", "min"]
    limit: float
    unit: str
    period: int | None = None
    segment: str | None = None
    basis: Terms | None = None
    stated: float | None = None
    rate: float = 1.0
    detail: str = ""
    """Which of the requirement's rows this is, where neither period nor segment tells."""

    @property
    def label(self) -> str:
        """How tables call the row."""
        return f"{self.name} ({self.detail})" if self.detail else self.name
