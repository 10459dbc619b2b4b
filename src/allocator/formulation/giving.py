"""How far the numbers that a planner stated may give way: one variable >= 0 per number and direction.

Only a ledger that is made to explain infeasibility has them. A number that is stated once for many rows
(a budget of every period) has one variable in all of them, so that the rows move together. For a limit
that is a share, the expression it is a share of becomes a variable of its own, ``base``:

    part - share x base >= 0    gives way as    part - share x base + (base at a known plan) x give >= 0

which is exact at that plan; who solves the program moves the known plan until it is exact at the solution.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from allocator.domain.errors import Path
from allocator.formulation.limit import Key, Limit
from allocator.formulation.terms import Terms, Variable, single

Direction = Literal[-1, 1]

_NAME_SAYS_IT = ("target", "return", "cvar", "chance")
"""Families that have one member, whose name is enough."""


@dataclass(frozen=True, slots=True)
class Link:
    """A row that a give appears in: ``terms`` beside a right side of 0 where the limit is a share.

    ``base`` is None where the limit is no share.
    """

    family: str
    key: Key
    limit: Limit
    terms: Terms
    base: Variable | None


@dataclass(frozen=True, slots=True)
class Give:
    """A number of the planner's, and the variable by which it may rise (``direction`` 1) or fall (-1).

    ``stated`` is the number as it stands; ``whole`` says that it moves by whole units only.
    """

    path: Path
    family: str
    name: str
    stated: float
    unit: str
    direction: Direction
    whole: bool
    variable: Variable
    links: list[Link] = field(default_factory=list)

    @property
    def requirement(self) -> str:
        """What the planner calls it: the family and, where it has one of its own, the name."""
        if self.family in ("requires", "excludes"):
            first, verb, second = self.name.partition(f" {self.family} ")
            return f"`{first}`{verb}`{second}`"
        if self.family in _NAME_SAYS_IT or self.name == self.family:
            return self.name
        floor = "least of " if self.family == "budget" and self.direction < 0 else ""
        return f"{floor}{self.family} `{self.name}`"

    @property
    def periods(self) -> set[int | None]:
        """The periods of the rows that it limits."""
        return {link.limit.period for link in self.links}


class Declares(Protocol):
    """What gives need of the ledger."""

    def variable(self, name: str, *, unit: float, lower: float | None, upper: float | None, whole: bool) -> Variable:
        """Declare one variable."""
        ...

    def row(self, family: str, key: Key, terms: Terms, sense: Literal["<=", ">=", "=="], right: float) -> None:
        """Write a row."""
        ...

    def unit_of(self, terms: Terms) -> float:
        """Typical size of an expression."""
        ...


class Gives:
    """All gives of a ledger, by the number's place and direction."""

    def __init__(self, ledger: Declares) -> None:
        self.ledger = ledger
        self.all: dict[tuple[Path, Direction], Give] = {}
        self.gauges: list[tuple[str, int | None, Variable]] = []
        """(budget, period, cash that counts towards it)."""

    def of(self, limit: Limit, *, whole: bool = False) -> Give:
        """The give that relaxes a limit, made when it is first asked for."""
        direction: Direction = 1 if (limit.sense == "max") == (limit.rate > 0.0) else -1
        found = self.all.get((limit.path, direction))
        if found is None:
            stated = limit.limit if limit.stated is None else limit.stated
            unit = "share" if limit.unit == "effort" else limit.unit
            most = _most(limit, stated, direction)
            size = max(abs(stated), 1.0) if unit != "share" else 1.0
            name = f"give_{len(self.all)}"
            variable = self.ledger.variable(name, unit=size, lower=0.0, upper=most, whole=whole)
            found = Give(limit.path, limit.family, limit.name, stated, unit, direction, whole, variable)
            self.all[limit.path, direction] = found
        return found

    def relax(self, limit: Limit, key: Key, terms: Terms) -> Terms:
        """``terms`` of a limit's row (its limit and basis on the left where it is a share), giving way."""
        give = self.of(limit, whole=limit.unit in ("requirement", "segments", "channels", "hires", "releases"))
        sign = 1.0 if limit.sense == "min" else -1.0
        relaxed = terms.times(1.0)
        base = None
        amount = abs(limit.rate)
        if limit.basis is not None:
            unit = self.ledger.unit_of(limit.basis)
            base = self.ledger.variable(f"base_{limit.family}_{key}", unit=unit, lower=None, upper=None, whole=False)
            self.ledger.row("base", (limit.family, *key), limit.basis.times(1.0).add(-1.0, base), "==", 0.0)
            relaxed.extend(limit.basis, limit.limit).add(-limit.limit, base)
            amount *= unit
        give.links.append(Link(limit.family, key, limit, terms, base))
        return relaxed.extend(single(give.variable), sign * amount)


def _most(limit: Limit, stated: float, direction: Direction) -> float | None:
    """A requirement can only be dropped, and what counts heads, hours or periods does not fall below 0."""
    if limit.unit == "requirement":
        return 1.0
    return stated if direction < 0 and stated > 0.0 and limit.path[0] == "model" and limit.basis is None else None
