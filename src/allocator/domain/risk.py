"""Shocks to what customers earn, and what the plan must withstand."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from allocator.domain.base import Frozen, NonNegative, Period, Positive, Share
from allocator.domain.selection import Where


class Shock(Frozen):
    """One row of shocks.csv: in this scenario the margin earned in the segment is multiplied by `factor`."""

    scenario: str
    probability: Share
    segment: str
    period: Period | None = None
    """None: all periods and the terminal value."""
    factor: NonNegative = 1.0
    keep_factor: Positive | None = None
    """Multiplies the odds of staying with us from this period to the next; needs recourse."""


class RareEvent(Frozen):
    """An event on top of the usual swings."""

    probability: Share
    factor: NonNegative
    where: Where = Field(default_factory=dict)


class Generate(Frozen):
    """Draw lognormal factors with mean one."""

    scenarios: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0)] = 0
    volatility: NonNegative
    """Standard deviation of the logarithm's normal, so that a factor has mean one."""
    keep_volatility: NonNegative | None = None
    """Standard deviation of the logarithm of a factor, with median one, on the odds of staying with us, drawn apart
    from the other; None: the odds stay. Needs recourse."""
    by: str = "segment"
    """Tag whose values share one factor: segment, tier, stage, unit or a column of segments.csv."""
    correlation: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """Between the logarithms of the groups' factors."""
    autocorrelation: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    """From period to period; None: one factor for the whole horizon."""
    rare: RareEvent | None = None
    reduce_to: Annotated[int, Field(ge=1)] | None = None
    """Keep this many representative scenarios with new probabilities."""


class Chance(Frozen):
    """Equity reaches `target` with at least this probability."""

    target: float
    probability: Share


class Risk(Frozen):
    """The risk section of a scenario file."""

    shocks: tuple[Shock, ...] | None = None
    generate: Generate | None = None
    confidence: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.9
    cvar_floor: float | None = None
    """Mean equity of the worst (1 - confidence) must reach this."""
    aversion: Share = 0.0
    """Maximise (1 - aversion) * mean + aversion * CVaR."""
    chance: Chance | None = None
    recourse: bool = False
    """Treatments adapt in each shock scenario; heads, programmes and channel spend are decided now."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.shocks is not None and self.generate is not None:
            raise ValueError("has both `shocks` and `generate`; keep one")
        needs = self.cvar_floor is not None or self.aversion > 0 or self.chance is not None or self.recourse
        if needs and self.shocks is None and self.generate is None:
            raise ValueError("needs `shocks` or `generate`")
        return self

    @property
    def present(self) -> bool:
        """Whether there are shocks at all."""
        return self.shocks is not None or self.generate is not None

    def with_one_plan(self) -> Risk:
        """The same with one plan for all shock scenarios: without recourse, and without the odds that need it."""
        shocks, generate = self.shocks, self.generate
        if shocks is not None:
            shocks = tuple(shock.model_copy(update={"keep_factor": None}) for shock in shocks)
        if generate is not None:
            generate = generate.model_copy(update={"keep_volatility": None})
        return self.model_copy(update={"recourse": False, "shocks": shocks, "generate": generate})
