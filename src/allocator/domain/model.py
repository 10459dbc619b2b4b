"""The business: segments, how customers move, and what can be done to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from allocator.domain.base import Frozen, NonNegative, Period, Positive, Share
from allocator.domain.calendar import CashFlow, PeriodLength
from allocator.domain.curves import Curve
from allocator.domain.resources import Resource
from allocator.domain.selection import Where, unit_covers, unit_depth

OWN = "us"
MARKET = "market"


class Segment(Frozen):
    """Customers who are alike: one row of segments.csv."""

    name: str = Field(alias="segment", min_length=1)
    """Name, unique in the model."""
    customers: NonNegative
    """Customers at the start of period 1."""
    margin: float
    """Money of contribution per customer per period with no lever applied, before lever cost."""
    owner: str = OWN
    """`us`, a competitor's name, or `market`."""
    tier: str = ""
    stage: str = ""
    unit: str = ""
    """Organisation path such as `jiangsu/nanjing`."""
    revenue: NonNegative | None = None
    """Money of revenue per customer per period."""
    collection_days: NonNegative | None = None
    """Days until revenue is collected."""
    contacts_max: NonNegative | None = None
    """Most contacts per customer per period over all levers; None for no limit."""
    extra: Mapping[str, str] = Field(default_factory=dict)
    """Further columns: tags that `where` can select on."""

    @field_validator("owner")
    @classmethod
    def _check_owner(cls, owner: str) -> str:
        for name in (OWN, MARKET):
            if owner.casefold() == name and owner != name:
                raise ValueError(f"`{owner}` would be a competitor's name; write `{name}` if that is meant")
        return owner

    @property
    def ours(self) -> bool:
        """Whether its customers earn us money."""
        return self.owner == OWN

    @property
    def tags(self) -> dict[str, str]:
        """All that `where` can select on: column -> value."""
        named = {"segment": self.name, "owner": self.owner, "tier": self.tier, "stage": self.stage, "unit": self.unit}
        return {**self.extra, **named}


class Transition(Frozen):
    """Chance per period, with no lever applied, that a customer of `from` is in `to` one period later."""

    origin: str = Field(alias="from")
    destination: str = Field(alias="to")
    probability: Share
    period: Period | None = None
    """The period it holds in; None for every period that has no row of its own."""


class TreatedTransition(Frozen):
    """A measured transition probability at one effort of one lever: one row of treated.csv."""

    lever: str
    effort: NonNegative
    origin: str = Field(alias="from")
    destination: str = Field(alias="to")
    probability: Share


class Continuous(Frozen):
    """Any effort from 0 to max."""

    max: Positive


def _with_zero(levels: tuple[float, ...]) -> tuple[float, ...]:
    """0 is always allowed, and levels are kept in order."""
    return tuple(sorted({0.0, *levels}))


class Levels(Frozen):
    """Only the listed efforts; 0 is always allowed."""

    levels: Annotated[tuple[NonNegative, ...], AfterValidator(_with_zero)] = Field(min_length=1)

    @property
    def max(self) -> float:
        """The largest level."""
        return self.levels[-1]


class Lever(Frozen):
    """Effort put into one customer in one period."""

    function: str
    where: Where = Field(default_factory=dict)
    """Segments it reaches; default all."""
    effort: Continuous | Levels
    uses: Mapping[str, NonNegative] = Field(default_factory=dict)
    """Pool -> hours or units per unit of effort."""
    cost: NonNegative = 0.0
    """Money per unit of effort."""
    setup: NonNegative = 0.0
    """Money per segment and period in which anyone there gets effort above 0."""
    contacts: NonNegative = 0.0
    """Contacts per unit of effort; a segment's contacts_max caps the sum per customer."""
    customer_value: float = 0.0
    """Worth to the customer per unit of effort."""


Effect = Literal["retention", "acquisition", "migration", "margin", "margin_add"]


class Response(Frozen):
    """What a lever does to the customers it is applied to: one row of responses.csv."""

    lever: str
    effect: Effect
    curve: Curve
    segment: str = ""
    tier: str = ""
    stage: str = ""
    unit: str = ""
    to: str = ""
    """Destination segment; for `migration` only."""

    @property
    def selectors(self) -> dict[str, str]:
        """The selector columns that are filled in."""
        given = {"segment": self.segment, "tier": self.tier, "stage": self.stage, "unit": self.unit}
        return {column: value for column, value in given.items() if value}


class Spend(Frozen):
    """What may be spent on a channel in a period in which it is used."""

    min: NonNegative = 0.0
    max: Positive
    fixed: NonNegative = 0.0
    """Money on top in each period in which the channel is used."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self


class Channel(Frozen):
    """Money, or hours, put into a market as a whole; the answer is new customers."""

    function: str
    where: Where = Field(default_factory=dict)
    """For budgets: what this channel counts towards."""
    input: str = "money"
    """`money`, or a pool; then `spend` is in its hours or units and uses them up."""
    spend: Spend
    carryover: Share = 0.0
    """stock_t = spend_t + carryover * stock_(t-1); stock before period 1 is 0."""
    response: Curve
    """New customers per period, as a function of the stock."""
    into: Mapping[str, NonNegative]
    """Segment -> share of the new customers, who arrive at the start of the next period."""
    uses: Mapping[str, NonNegative] = Field(default_factory=dict)
    """Pool -> hours or units per new customer, in the period of the spend."""


class Programme(Frozen):
    """A capability or launch: off, then on for the rest of the horizon."""

    function: str
    cost: NonNegative = 0.0
    """Money in the period it starts."""
    running: NonNegative = 0.0
    """Money per period from the start on, the starting period included."""
    lead: Annotated[int, Field(ge=0)] = 0
    """Works from `lead` periods after its start."""
    window: tuple[Period, Period] | None = None
    """First and last period in which it may start; it may also never start."""
    requires: tuple[str, ...] = ()
    """Programmes that must be working by the period this one starts."""
    excludes: tuple[str, ...] = ()
    """Programmes that cannot be started together with this one."""
    unlocks: tuple[str, ...] = ()
    """Levers or channels that need it working."""
    boosts: Mapping[str, NonNegative] = Field(default_factory=dict)
    """Lever -> factor on its curves, in treatments that use this programme."""
    saves: Mapping[str, NonNegative] = Field(default_factory=dict)
    """Lever -> factor on its hours, in treatments that use this programme."""
    adds: Mapping[str, NonNegative] = Field(default_factory=dict)
    """Resource -> hours per period once working."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.window and self.window[0] > self.window[1]:
            raise ValueError(f"window starts in period {self.window[0]}, after its end {self.window[1]}")
        return self

    @property
    def only_saves(self) -> bool:
        """Whether its use changes nothing but hours, and never for the worse: any treatment may well use it."""
        return bool(self.saves) and not self.boosts and max(self.saves.values()) <= 1.0


class Model(Frozen):
    """A business, as read from model.yaml and its tables."""

    name: str = Field(alias="model")
    currency: str = ""
    period: PeriodLength
    discount_rate: Annotated[float, Field(gt=-1.0)]
    """Effective, per year."""
    cash_flow: CashFlow = "start"
    segments: tuple[Segment, ...] = Field(min_length=1)
    transitions: tuple[Transition, ...] = ()
    treated: tuple[TreatedTransition, ...] = ()
    resources: Mapping[str, Resource] = Field(default_factory=dict)
    levers: Mapping[str, Lever] = Field(default_factory=dict)
    responses: tuple[Response, ...] = ()
    channels: Mapping[str, Channel] = Field(default_factory=dict)
    programmes: Mapping[str, Programme] = Field(default_factory=dict)

    def pool_of(self, resource: str) -> str:
        """The pool that a resource belongs to; its own name unless it states one."""
        return self.resources[resource].pool or resource

    def serving(self, pool: str, unit: str) -> str | None:
        """The resource of ``pool`` that serves organisation path ``unit``: the longest prefix wins.

        None where no resource of the pool covers the unit. (Two resources of one pool with one unit
        are refused when the input is checked.)
        """
        candidates = [
            (unit_depth(resource.unit), name)
            for name, resource in self.resources.items()
            if self.pool_of(name) == pool and unit_covers(resource.unit, unit)
        ]
        return max(candidates)[1] if candidates else None

    def channel_unit(self, channel: str) -> str:
        """The organisation path a channel's own hours are taken from: its `where` unit if it names
        exactly one, else the empty path (a resource without a unit)."""
        units = self.channels[channel].where.get("unit", ())
        return units[0] if len(units) == 1 else ""
