"""The planner's rules. Each holds in each selected period, over the selected segments together
or, with ``each: segment``, for each of them alone."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from allocator.domain.base import Frozen, NonNegative, Period, Share
from allocator.domain.selection import Names, Where


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


Periods = Annotated[
    tuple[Period, ...],
    Field(min_length=1),
    BeforeValidator(_one_or_many, json_schema_input_type=Period | Annotated[list[Period], Field(min_length=1)]),
]


class BaseRule(Frozen):
    """Keys that every rule has."""

    bounds: ClassVar[tuple[str, ...]] = ()
    """Keys of which at least one must be given."""

    name: str = ""
    """How reports call it; default the kind of rule."""
    where: Where = Field(default_factory=dict)
    """Segments it speaks of; default all."""
    periods: Periods | None = None
    """Periods it holds in; default all."""
    each: Literal["segment"] | None = None
    """`segment`: the rule holds for each selected segment alone."""

    @model_validator(mode="after")
    def _check_bounds(self) -> Self:
        given = {key: getattr(self, key) for key in self.bounds}
        if self.bounds and all(value is None for value in given.values()):
            raise ValueError("needs " + " or ".join(f"`{key}`" for key in self.bounds))
        for low, high in (("min", "max"), ("min_share", "max_share")):
            if given.get(low) is not None and given.get(high) is not None and given[low] > given[high]:
                raise ValueError(f"`{low}` {given[low]:g} is above `{high}` {given[high]:g}")
        return self


class Coverage(BaseRule):
    """Share of the selected customers who get at least `min_effort` of a lever."""

    bounds = ("min_share", "max_share")
    rule: Literal["coverage"]
    lever: str
    min_effort: Annotated[float, Field(gt=0.0)]
    min_share: Share | None = None
    max_share: Share | None = None


class Effort(BaseRule):
    """Average effort of a lever per selected customer."""

    bounds = ("min", "max")
    rule: Literal["effort"]
    lever: str
    min: NonNegative | None = None
    max: NonNegative | None = None


class Customers(BaseRule):
    """Customers in the selected segments. Period T+1, the end of the horizon, may be selected too."""

    bounds = ("min", "max")
    rule: Literal["customers"]
    min: NonNegative | None = None
    max: NonNegative | None = None


class Equity(BaseRule):
    """Customer equity that the selected segments' customers earn over the whole horizon:
    discounted margin less lever cost, plus terminal value."""

    bounds = ("min",)
    rule: Literal["equity"]
    min: float | None = None


class SpendRule(BaseRule):
    """Cash spent on the selected segments (lever cost and setup; channels by their own `where`)."""

    bounds = ("min", "max", "min_share", "max_share")
    rule: Literal["spend"]
    min: NonNegative | None = None
    max: NonNegative | None = None
    min_share: Share | None = None
    max_share: Share | None = None


class Concentration(BaseRule):
    """No group of segments earns more than `max` of customer equity."""

    bounds = ("max",)
    rule: Literal["concentration"]
    by: Literal["segment", "tier", "stage", "unit"]
    max: Share | None = None


class EquityShare(BaseRule):
    """Our share of all owners' equity: discounted margin before cost plus terminal value, each owner's
    customers at their own margins, owner `market` left out."""

    bounds = ("min",)
    rule: Literal["equity_share"]
    min: Share | None = None


class Uniform(BaseRule):
    """Everyone in a segment and period gets the same treatment (or the same effort of one lever)."""

    rule: Literal["uniform"]
    lever: str | None = None


class Active(BaseRule):
    """At most `max` segments use the lever, or at most `max` of the channels are used, in a period."""

    bounds = ("max",)
    rule: Literal["active"]
    lever: str | None = None
    channels: Names | None = None
    max: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _check_subject(self) -> Self:
        if (self.lever is None) == (self.channels is None):
            raise ValueError("needs `lever` or `channels`, and not both")
        return self


class Headcount(BaseRule):
    """Heads in the resources together."""

    bounds = ("min", "max")
    rule: Literal["headcount"]
    resources: Names
    min: NonNegative | None = None
    max: NonNegative | None = None


class Change(BaseRule):
    """Total effort stays within +- `max` (a share) of current_plan's, per segment and period."""

    bounds = ("max",)
    rule: Literal["change"]
    lever: str | None = None
    """Default every lever, each on its own."""
    max: NonNegative | None = None


class Receivables(BaseRule):
    """Sum of revenue x collection_days / days in a period."""

    bounds = ("max",)
    rule: Literal["receivables"]
    max: NonNegative | None = None


class CustomerValue(BaseRule):
    """Summed customer_value of all effort."""

    bounds = ("min",)
    rule: Literal["customer_value"]
    min: float | None = None


Rule = Annotated[
    Coverage
    | Effort
    | Customers
    | Equity
    | SpendRule
    | Concentration
    | EquityShare
    | Uniform
    | Active
    | Headcount
    | Change
    | Receivables
    | CustomerValue,
    Field(discriminator="rule"),
]
