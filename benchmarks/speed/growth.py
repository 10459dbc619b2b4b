"""Growth of time and memory with segments, levers, periods and shocks; a table and a log-log plot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.instances import Size
from benchmarks.results import TABLES, Section
from benchmarks.speed.plot import Line, log_log
from benchmarks.speed.runs import Failed, contender

BASE = Size(segments=20, levers=2, periods=8, gap=1e-3)
SERIES = {
    "segments": (5, 10, 20, 50, 100, 200, 500),
    "levers": (1, 2, 3, 4, 5),
    "periods": (2, 4, 8, 16, 32),
    "shocks": (10, 30, 100, 300, 1000),
}
FLOOR = 0.0
"""Of CVaR, with shocks: it does not bind, but each shock has its row and its share of the worst outcomes."""
LIMIT = 1800
"""Seconds by the clock for one size; others may use the machine."""
PLOTS = {
    "processor, s": ("speed-growth-time.svg", "processor seconds, whole run"),
    "peak MiB": ("speed-growth-memory.svg", "peak MiB"),
}


def growth(runs: int) -> Section:
    """One run a size; what grows faster than its size shows as a slope above 1."""
    rows = []
    for what, values in SERIES.items():
        for value in values:
            size = replace(BASE, **{what: value}, cvar_floor=FLOOR if what == "shocks" else None)
            try:
                found = contender("engine", size, limit=LIMIT)
            except Failed as reason:
                rows.append({"grows": what, "to": value, "processor, s": float("nan"), "remark": str(reason)})
                break
            rows.append(
                {
                    "grows": what,
                    "to": value,
                    "seconds": found["seconds"],
                    "processor, s": found["processor"],
                    "peak MiB": found["peak"],
                    "columns": found["columns"],
                    "rows": found["rows"],
                    "proven gap": found["gap"],
                    "remark": "",
                }
            )
            print(what, value, f"{found['processor']:.1f} s", flush=True)
    table = pd.DataFrame(rows)
    for column, (name, title) in PLOTS.items():
        (TABLES / name).write_text(_plot(table, column, title))
    return Section(
        "speed-growth",
        "Growth of time and memory",
        "python -m benchmarks.speed growth",
        table,
        [
            f"From {BASE.segments} segments, {BASE.levers} continuous levers, {BASE.periods} quarters, no shocks, to a "
            "proven 1e-3, one thing grows at a time; whole runs from files to report.",
            "Shocks come with a floor on CVaR, without which they would leave the program as it is.",
            f"Slope of log processor time over log size, last three of each series: {_slopes(table, 'processor, s')}.",
            f"The same of peak memory: {_slopes(table, 'peak MiB')}; a run without anything takes most of what the "
            "small ones take.",
            "Log-log plots: " + ", ".join(f"[{title}](tables/{name})" for name, title in PLOTS.values()) + ".",
        ],
    )


def _slopes(table: pd.DataFrame, column: str) -> str:
    """Of every series."""
    return "; ".join(f"{what} {_slope(part, column):.2f}" for what, part in table.groupby("grows", sort=False))


def _slope(part: pd.DataFrame, column: str) -> float:
    known = part.dropna(subset=[column]).tail(3)
    if len(known) < 2:
        return float("nan")
    return float(np.polyfit(np.log(known["to"].astype(float)), np.log(known[column]), 1)[0])


def _plot(table: pd.DataFrame, column: str, title: str) -> str:
    known = table.dropna(subset=[column])
    lines = [
        Line(str(what), part["to"].astype(float).tolist(), part[column].tolist())
        for what, part in known.groupby("grows", sort=False)
    ]
    return log_log(lines, x="size (number of segments, levers, periods or shocks)", y=title)
