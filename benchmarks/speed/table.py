"""The rows of the speed table: what each work must reach, and what it reached."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from benchmarks.cells import known
from benchmarks.instances import Size
from benchmarks.results import Section
from benchmarks.speed.building import building
from benchmarks.speed.runs import Failed, contender, median, seconds_of, shares, side_by_side

GRID_METHODS = ("simplex", "ipx")
SEEDS = (1, 2)
MAIN = Size(segments=30, levers=3, periods=12, gap=1e-4)
LARGE = Size(segments=100, levers=4, periods=20, whole_heads=True, programmes=10, shocks=500, gap=1e-3, time_limit=120)
RAISED = 2e-4
POINTS = 30
FRONTIERS = (
    Size(segments=30, levers=2, periods=12, levels=(0.25, 0.5, 1.0), shocks=200, gap=1e-4),
    Size(segments=60, levers=2, periods=16, levels=(0.25, 0.5, 1.0), shocks=500, gap=1e-4),
    Size(segments=30, levers=2, periods=12, shocks=200, gap=1e-4),
    Size(segments=60, levers=2, periods=16, shocks=500, gap=1e-4),
)
CELLS_GAPS = (1e-4, 1e-5)
EXAMPLE = "scenarios/telco-growth.yaml"


def against_grid(runs: int) -> Section:
    """Continuous efforts, priced, against bare HiGHS on the full grid."""
    rows = []
    for seed in SEEDS:
        size = replace(MAIN, seed=seed)
        outcomes = side_by_side(["engine", *(f"grid:{method}" for method in GRID_METHODS)], size, runs=runs)
        rows += _grid_rows(seed, outcomes)
        print(f"seed {seed}: " + ", ".join(f"{k} {median(found, 'solver'):.1f} s" for k, found in outcomes.items()))
    return Section(
        "speed-1-grid",
        "Speed 1: 30 segments, 3 continuous levers, 12 quarters, 3 resources, cash each period, to 1e-4",
        "python -m benchmarks.speed grid",
        pd.DataFrame(rows),
        [
            "Must: under a fifth of the time of bare HiGHS by its better method on the full 8-level grid, with a "
            "higher equity.",
            f"Medians of {runs} runs, contenders in turn, each in its own process. `solver's seconds` are building, "
            "solving and pricing; `seconds` of the engine are the whole run from planner files to tables and reports.",
            "`ratio` is the engine's solver's seconds over the contender's, `ratio, processor` that of processor time, "
            "which other work on the machine does not disturb.",
        ],
    )


def _grid_rows(seed: int, outcomes: Mapping[str, Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    ours = outcomes["engine"]
    return [
        {
            "seed": seed,
            "contender": kind,
            "seconds": median(found, "seconds"),
            "solver's seconds": median(found, "solver"),
            "ratio": median(ours, "solver") / median(found, "solver"),
            "solver's processor, s": median(found, "solver's processor"),
            "ratio, processor": median(ours, "solver's processor") / median(found, "solver's processor"),
            "equity": median(found, "objective"),
            "engine's gain in equity": median(ours, "objective") / median(found, "objective") - 1.0,
            "proven gap": found[0].get("gap"),
            "columns": found[0]["columns"],
            "peak MiB": median(found, "peak"),
            "time in": shares(found),
        }
        for kind, found in outcomes.items()
    ]


def example(runs: int) -> Section:
    """Start of the process to files and report; import; help."""
    with TemporaryDirectory() as folder:
        works = {
            f"allocator run {EXAMPLE}": (5.0, [*_program(), "run", EXAMPLE, "--out", folder]),
            "import allocator": (1.0, [sys.executable, "-c", "import allocator"]),
            "allocator --help": (0.5, [*_program(), "--help"]),
        }
        rows = [
            {"work": work, "must be below, s": most, **seconds_of(command, runs=runs)}
            for work, (most, command) in works.items()
        ]
        seconds = json.loads((Path(folder) / "summary.json").read_text())["seconds"]
    stages = ", ".join(f"{stage} {time:.2f} s" for stage, time in seconds.items())
    notes = [f"Medians of {runs} runs, whole processes.", f"Stages of the example's last run: {stages}."]
    return Section(
        "speed-3-example",
        "Speed 3: whole run of the example",
        "python -m benchmarks.speed example",
        pd.DataFrame(rows),
        notes,
    )


def _program() -> list[str]:
    return [str(Path(sys.executable).parent / "allocator")]


def large(runs: int) -> Section:
    """Shocks with a CVaR floor, whole heads and programmes at once; one run each."""
    rows = []
    for programmes in (0, LARGE.programmes):
        size = replace(LARGE, programmes=programmes)
        free = _try(size)
        rows.append(_large_row(f"{programmes} programmes, no floor", free))
        if "cvar" in free:
            floor = free["cvar"] + RAISED * abs(free["cvar"])
            rows.append(_large_row(f"{programmes} programmes, CVaR floor", _try(replace(size, cvar_floor=floor))))
    return Section(
        "speed-4-large",
        "Speed 4: 100 segments, 4 levers, 20 quarters, 500 shocks with a CVaR floor, whole heads, 10 programmes",
        "python -m benchmarks.speed large",
        pd.DataFrame(rows),
        [
            "Must: a proven 1e-3 within 2 minutes and 4 GiB.",
            f"The floor is {RAISED:.2%} above the CVaR of the best plan without one. Each is stopped after "
            f"{LARGE.time_limit:.0f} s by the clock.",
        ],
    )


def _try(size: Size) -> dict[str, Any]:
    """What the engine found, or why it found nothing."""
    try:
        return contender("engine", size, limit=2 * (size.time_limit or 600))
    except Failed as reason:
        return {"remark": str(reason)}


def _large_row(name: str, found: dict[str, Any]) -> dict[str, Any]:
    columns = ("status", "seconds", "processor", "gap", "objective", "cvar", "columns", "rows", "integers", "peak")
    row = {"instance": name, **{column: found.get(column) for column in columns}}
    return {**row, "time in": shares([found]) if "shares" in found else "", "remark": found.get("remark", "")}


def frontier(runs: int) -> Section:
    """Thirty points of equity against CVaR, against a cold solve of their program."""
    rows = []
    for size in FRONTIERS:
        found = side_by_side([f"frontier:{POINTS}"], size, runs=runs)[f"frontier:{POINTS}"]
        used, cold = median(found, "processor"), {method: _cold(found, method) for method in found[0]["cold"]}
        whole = cold.pop("whole")
        rows.append(
            {
                "segments": size.segments,
                "levers": size.levers,
                "periods": size.periods,
                "shocks": size.shocks,
                "efforts": "levels" if size.levels else "continuous",
                "points": found[0]["points"],
                "largest gap": median(found, "gap"),
                "seconds": median(found, "seconds"),
                "processor, s": used,
                "cold whole solve, processor, s": whole,
                **{f"cold linear program, {method}, processor, s": seconds for method, seconds in cold.items()},
                "frontier / cold solve, processor": used / (min(cold.values()) if size.levels else whole),
                "tables, page and plans, processor, s": median(found, "writing"),
                "peak MiB": median(found, "peak"),
            }
        )
    return Section(
        "speed-5-frontier",
        "Speed 5: a 30-point risk-return frontier",
        "python -m benchmarks.speed frontier",
        pd.DataFrame(rows),
        [
            "Must: under 3 cold solves of its program by the faster method.",
            "Where efforts are levels all treatments are columns, and a cold solve is that of the linear program of "
            "the middle point by the faster method. Where efforts are continuous the program is not known before it is "
            "solved: a cold solve is the middle point's from nothing to the same gap, building and finding its efforts "
            "and the proof that none is missing included.",
            "The frontier's time is all of it: building, every point, checking every plan by the evaluation. Writing "
            "the results folder, with all tables of every plan, comes after it and is a column of its own.",
            f"Medians of {runs} runs.",
        ],
    )


def _cold(outcomes: Sequence[dict[str, Any]], method: str) -> float:
    return median([outcome["cold"] for outcome in outcomes], method)


def cells(runs: int) -> Section:
    """S-curves in hundreds: share of the proven value, stated gap, time, at the gap that must be and a closer one."""
    rows = []
    for gap, folder in product(CELLS_GAPS, known()):
        proven = json.loads((folder / "expected.json").read_text())["value"]
        found = side_by_side([f"engine:{gap}"], folder / "scenario.yaml", runs=runs, limit=300)[f"engine:{gap}"]
        rows.append(
            {
                "case": folder.name,
                "gap asked for": gap,
                "percent of the proven value": 100.0 * found[0]["new_customers"] / proven,
                "stated gap": found[0]["gap"],
                "status": found[0]["status"],
                "solver's seconds": median(found, "solver"),
                "solver's processor, s": median(found, "solver's processor"),
                "whole run, s": median(found, "seconds"),
                "processor, s": median(found, "processor"),
                "peak MiB": median(found, "peak"),
            }
        )
        print(rows[-1], flush=True)
    return Section(
        "speed-6-cells",
        "Speed 6: hundreds of S-curve channels, one budget",
        "python -m benchmarks.speed cells",
        pd.DataFrame(rows),
        [
            "Must: 99.999 percent of the proven value and a proven 1e-4; F1_n500 and F1t_n500 under 2 s, F2t_n500 "
            "under 20 s.",
            f"Medians of {runs} runs.",
        ],
    )


ROWS: dict[str, Callable[[int], Section]] = {
    "grid": against_grid,
    "building": building,
    "example": example,
    "large": large,
    "frontier": frontier,
    "cells": cells,
}
