"""Parameters of the response curves g(e). The functions themselves are in ``allocator.response``."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from allocator.domain.base import Frozen, NonNegative, Positive


class Adbudg(Frozen):
    """low + (high - low) * e^shape / (half^shape + e^shape) (Little 1970): S-shaped where shape > 1."""

    curve: Literal["adbudg"] = "adbudg"
    low: float = 0.0
    """Value at effort 0."""
    high: float
    """Value approached as effort grows without limit."""
    half: Positive
    """Effort at which half of the way from low to high is gone, in units of effort."""
    shape: Positive
    """Steepness, no unit."""


class Exponential(Frozen):
    """high * (1 - exp(-rate * e)): diminishing returns from the first unit on."""

    curve: Literal["exponential"] = "exponential"
    high: float
    """Value approached as effort grows without limit."""
    rate: NonNegative
    """Speed of saturation, per unit of effort."""


class Linear(Frozen):
    """slope * e."""

    curve: Literal["linear"] = "linear"
    slope: float
    """Value per unit of effort."""


class Points(Frozen):
    """Linear between measured points; level before the first and after the last."""

    curve: Literal["points"] = "points"
    efforts: tuple[NonNegative, ...]
    """Efforts measured, strictly increasing."""
    values: tuple[float, ...]
    """Value at each effort."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.efforts) != len(self.values):
            raise ValueError(f"{len(self.efforts)} efforts but {len(self.values)} values")
        if len(self.efforts) < 2:
            raise ValueError("at least two points are needed")
        if any(b <= a for a, b in zip(self.efforts, self.efforts[1:], strict=False)):
            raise ValueError("efforts must be strictly increasing")
        return self


Curve = Annotated[Adbudg | Exponential | Linear | Points, Field(discriminator="curve")]
