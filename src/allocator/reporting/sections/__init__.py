"""The sections of the page, in the order they are read. Each gives None where it has nothing to show."""

from __future__ import annotations

from collections.abc import Callable

from allocator.reporting.blocks import Section
from allocator.reporting.sections import (
    allocation,
    capacity,
    channels,
    customers,
    equity,
    further,
    glossary,
    limits,
    market,
    money,
    programmes,
    provenance,
    recourse,
    risk,
    rules,
    shocks,
    warnings,
)
from allocator.reporting.view import View

SECTIONS: tuple[Callable[[View], Section | None], ...] = (
    warnings.section,
    allocation.section,
    capacity.section,
    money.section,
    limits.section,
    customers.section,
    equity.section,
    market.section,
    channels.section,
    programmes.section,
    rules.section,
    risk.section,
    recourse.section,
    shocks.section,
    further.section,
    glossary.section,
    provenance.section,
)


def sections(view: View) -> list[Section]:
    """Every section that has something to show."""
    found = (section(view) for section in SECTIONS)
    return [section for section in found if section is not None]
