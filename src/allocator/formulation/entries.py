"""What stands in the ledger: accounts, cash, channels, staff and rows."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from allocator.domain.curves import Curve
from allocator.domain.selection import Where
from allocator.formulation.limit import Key, Limit
from allocator.formulation.terms import Terms, Variable

Sense = Literal["<=", ">=", "=="]
AccountKind = Literal["customers", "arrivals", "margin", "effort", "load", "reached", "needs"]


@dataclass(frozen=True, slots=True)
class Account:
    """One quantity per segment and period that treatments add to.

    customers: customers treated; arrivals: customers arriving in a segment in a period; margin: money
    earned there; effort (of lever `index`): units; load: effort times the product of `saves`; reached
    (lever `index`, `level`): customers with effort >= level, above 0 for level 0; needs (programme
    `index`): customers whose treatment needs it.
    """

    kind: AccountKind
    index: int
    level: float
    variables: dict[tuple[int, int], Variable]
    """(segment index, period) -> variable; missing where nothing can be posted."""


@dataclass(frozen=True, slots=True)
class CashItem:
    """Cash spent in a period, with the tags that budgets select by. ``terms`` is money, > 0 when spent.

    ``segments`` has the segment of each term of cash that is spent on customers.
    """

    kind: str
    name: str
    function: str
    period: int
    terms: Terms
    segments: Sequence[int] | None = None
    where: Where | None = None
    unit: str | None = None

    def on(self, chosen: Set[int]) -> Terms:
        """The part that is spent on customers of the ``chosen`` segments."""
        part = Terms()
        for segment, coefficient, variable in zip(
            self.segments or (), self.terms.coefficients, self.terms.variables, strict=False
        ):
            if segment in chosen:
                part.add(coefficient, variable)
        return part


@dataclass(frozen=True, slots=True)
class ChannelCell:
    """A channel in a period: answer = curve(stock), stock within [low, high] where the channel is in use.

    ``use`` is None where the channel needs no switch. ``switched`` says that the stock is 0 where ``use``
    is 0 (no carry-over), so that lines over the interval may be tilted by the switch.
    """

    name: str
    period: int
    curve: Curve
    low: float
    high: float
    spend: Variable
    stock: Variable
    answer: Variable
    use: Variable | None

    @property
    def switched(self) -> bool:
        """Whether the stock is 0 where the channel is not used."""
        return self.use is not None and self.stock is self.spend


@dataclass(frozen=True, slots=True)
class Staff:
    """Heads of a labour resource in period t (index t, 0 for before period 1), and hires and releases by period."""

    heads: list[Terms]
    hires: dict[int, Variable]
    releases: dict[int, Variable]


class Row(NamedTuple):
    """A row of the program: ``terms`` sense ``right``."""

    key: Key
    terms: Terms
    sense: Sense
    right: float


@dataclass(slots=True)
class Stages:
    """What is decided before any shock is known, and what comes of it in each shock scenario."""

    commitments: list[Variable] = field(default_factory=list)
    outcomes: list[Terms] = field(default_factory=list)
    """Customer equity in each shock scenario; none where treatments do not adapt."""
    moved: list[tuple[Limit, Terms]] = field(default_factory=list)
    """The limits that the number which is moved sets, with what they limit."""
