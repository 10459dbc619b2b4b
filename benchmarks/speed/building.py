"""Building and handing over, as a part of a cold solve of the same program; memory against bare numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from benchmarks.instances import Size
from benchmarks.results import Section
from benchmarks.speed.runs import median, side_by_side

METHODS = ("simplex", "ipx")
LEVELS = (0.25, 0.5, 1.0)
SIZES = (
    Size(segments=30, levers=3, periods=10, levels=LEVELS),
    Size(segments=60, levers=2, periods=20, levels=LEVELS),
    Size(segments=100, levers=2, periods=12, levels=LEVELS),
    Size(segments=10, levers=4, periods=7, levels=LEVELS),
    Size(segments=12, levers=2, periods=40, levels=(0.2, 0.4, 0.6, 0.8, 1.0)),
    Size(segments=60, levers=3, periods=13, levels=LEVELS),
    Size(segments=100, levers=3, periods=21, levels=LEVELS),
)
"""Few segments with many treatments each, many segments with few, short horizons and long; and, to see how the
ratio moves with size, the first of these again with two and a half and with seven times its nonzeros."""


def building(runs: int) -> Section:
    """One row a size."""
    rows = []
    for size in SIZES:
        rows.append(_row(size, side_by_side(["building", *(f"grid:{method}" for method in METHODS)], size, runs=runs)))
        print(rows[-1], flush=True)
    return Section(
        "speed-2-building",
        "Speed 2: building and handing over, programs of over 100,000 nonzeros",
        "python -m benchmarks.speed building",
        pd.DataFrame(rows),
        [
            "Must: building, Pyomo included, under a tenth of a cold solve of the same program; peak memory under 4 "
            "times the bare numpy route.",
            "Building is all from a scenario that has been read to HiGHS holding the program with all its columns: "
            "responses, Pyomo model, matrix, treatments. The cold solve is that of this very program, and of the bare "
            "program on the same grid of treatments, each by the faster of simplex and interior point.",
            "Where a program is solved in a fifth of a second, numpy alone takes more than a tenth of that.",
            f"Medians of {runs} runs, contenders in turn, each in its own process; processor time. Peaks are those of "
            "building and solving.",
        ],
    )


def _row(size: Size, outcomes: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, Any]:
    ours = outcomes["building"]
    cold = {method: median([found["cold"] for found in ours], method) for method in METHODS}
    bare = min((outcomes[f"grid:{method}"] for method in METHODS), key=lambda found: _stage(found, "solve"))
    fastest = min(cold, key=lambda method: cold[method])
    build = median(ours, "build")
    return {
        "segments": size.segments,
        "levers": size.levers,
        "periods": size.periods,
        "rows": ours[0]["rows"],
        "columns": ours[0]["columns"],
        "nonzeros": ours[0]["nonzeros"],
        "build and hand over, s": build,
        "cold solve, s": cold[fastest],
        "by": fastest,
        "build / cold solve": build / cold[fastest],
        "bare build, s": _stage(bare, "build"),
        "bare cold solve, s": _stage(bare, "solve"),
        "build / bare cold solve": build / _stage(bare, "solve"),
        "bare build / bare cold solve": _stage(bare, "build") / _stage(bare, "solve"),
        "peak MiB": median(ours, "peak"),
        "bare peak MiB": median(bare, "peak"),
        "peak ratio": median(ours, "peak") / median(bare, "peak"),
        "equities differ by": abs(median(ours, "objective") / median(bare, "objective") - 1.0),
    }


def _stage(outcomes: Sequence[dict[str, Any]], stage: str) -> float:
    return median([outcome["stages"] for outcome in outcomes], stage)
