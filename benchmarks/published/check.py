"""One published number, and what it is compared with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Check:
    """A published number beside the one obtained; ``tolerance`` is absolute, as precise as the source prints."""

    case: str
    quantity: str
    expected: float
    obtained: float
    tolerance: float

    @property
    def holds(self) -> bool:
        return abs(self.expected - self.obtained) <= self.tolerance


@dataclass(frozen=True, slots=True)
class NotExpressed:
    """A case, or a part of one, that scenarios cannot say, and why."""

    case: str
    what: str
    reason: str


Findings = Iterator[Check | NotExpressed]


def facts(name: str) -> Any:
    """The facts of a case, as its source prints them."""
    return json.loads((FOLDER / "data" / f"{name}.json").read_text())


def answer(published: Any, case: str) -> Any:
    """The published answer to one ``case`` among several."""
    return next(entry for entry in published["answers"] if entry.get("case") == case)
