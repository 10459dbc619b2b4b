"""The published cases, in the order of the table."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.published.check import Findings
from benchmarks.published.choice import gap, mmkp, mmkp_large
from benchmarks.published.farmer import farmer
from benchmarks.published.life import cdnow, staffing
from benchmarks.published.movement import debruyn, fader_hardie, farris, pfeifer_carraway
from benchmarks.published.response import sales_engineers, supersuds, syntex

CASES: tuple[Callable[[], Findings], ...] = (
    debruyn,
    pfeifer_carraway,
    farris,
    fader_hardie,
    cdnow,
    syntex,
    farmer,
    mmkp,
    mmkp_large,
    gap,
    staffing,
    supersuds,
    sales_engineers,
)

SLOW = (mmkp_large,)
"""Cases that take more than a few seconds; tests leave them to the benchmark."""
