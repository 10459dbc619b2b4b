"""Telling whoever waits how the work goes on."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, str], None]
"""Told (stage, detail) as work goes on."""


def silent(stage: str, detail: str) -> None:
    """Tell nobody."""
