"""Capacity: people with hours, and what is simply there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.domain.base import Frozen, NonNegative, Positive, Share


class Hire(Frozen):
    """Terms of hiring."""

    cost: NonNegative = 0.0
    """Money per head hired."""
    max: Annotated[int, Field(ge=0)] | None = None
    """Most hires per period; None for no limit."""
    ramp: tuple[Share, ...] = ()
    """Productivity in the first, second ... period after hiring; 1 afterwards."""


class Release(Frozen):
    """Terms of releasing staff."""

    cost: NonNegative = 0.0
    """Money per head released."""
    max: Annotated[int, Field(ge=0)] | None = None
    """Most releases per period; None for no limit."""


class Overtime(Frozen):
    """Paid hours beyond the regular ones."""

    share: Share
    """At most this share of hours x heads."""
    cost: NonNegative = 0.0
    """Money per hour."""


class Partner(Frozen):
    """Bought hours."""

    hours: NonNegative
    """Most bought hours per period."""
    cost: NonNegative = 0.0
    """Money per bought hour."""
    quality: Positive = 1.0
    """Hours of service that one bought hour gives."""


class Labour(Frozen):
    """People: whole heads, each with productive hours."""

    kind: Literal["labour"] = "labour"
    function: str
    pool: str | None = None
    """What a lever's `uses` asks for; default the resource's own name."""
    unit: str = ""
    """Serves only segments in this unit or below it; empty for all."""
    headcount: Annotated[int, Field(ge=0)]
    """Heads before period 1."""
    hours: Positive
    """Productive hours per head per period."""
    wage: NonNegative = 0.0
    """Money per head per period."""
    hire: Hire | None = None
    release: Release | None = None
    overtime: Overtime | None = None
    partner: Partner | None = None


class Fixed(Frozen):
    """Capacity that is simply there, such as ports, seats or a contract volume."""

    kind: Literal["fixed"] = "fixed"
    function: str
    pool: str | None = None
    unit: str = ""
    capacity: NonNegative | tuple[NonNegative, ...]
    """Units per period: one number, or one per period."""
    cost: NonNegative = 0.0
    """Money per unit used."""


Resource = Annotated[Labour | Fixed, Field(discriminator="kind")]
