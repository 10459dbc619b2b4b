"""The base of every planner-facing type: frozen, strict about keys, finite numbers only."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
NonNegative = Annotated[float, Field(ge=0.0)]
Positive = Annotated[float, Field(gt=0.0)]
Period = Annotated[int, Field(ge=1)]


class Frozen(BaseModel):
    """Immutable record that refuses unknown keys, NaN and infinities.

    Attribute docstrings become the descriptions of the published JSON Schema.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )
