"""The parts of `make bench`: each in a process of its own, timed, and not done again after a stop."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from benchmarks import results
from benchmarks.results import Section, keep

ROOT = Path(__file__).parents[1]
FINISHED = ROOT / "results" / "bench" / "finished.json"
"""Names of the parts that a run which is not at its end has finished."""
SPEED = ("grid", "building", "example", "large", "frontier", "cells", "simulation", "links", "growth")
PARTS = ("published", *(f"speed/{row}" for row in SPEED), "policies", "peers")
SECTION = "parts"


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Took:
    """How long a part took by the clock and of the processor, its processes together, and when it ended."""

    seconds: float
    processor: float
    when: str


def chosen(names: Sequence[str]) -> list[str]:
    """The parts that are named, `speed` for all of its rows; by default all but `peers`, which downloads packages.

    Raises
    ------
    ValueError
        If there is no such part.
    """
    unknown = set(names) - {*PARTS, *(part.split("/")[0] for part in PARTS)}
    if unknown:
        raise ValueError(f"no part is called {', '.join(sorted(unknown))}; there are speed, {', '.join(PARTS)}")
    wanted = [part for part in PARTS if part in names or part.split("/")[0] in names]
    return wanted or [part for part in PARTS if part != "peers"]


def run(part: str) -> Took:
    """Run a part; what it prints is seen.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    Stopped
        On Ctrl-C, after the part and all of its processes have ended.
    """
    started, before = time.perf_counter(), _processor()
    name, *arguments = part.split("/")
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as process:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGTERM)
            raise Stopped from None
    if status:
        raise subprocess.CalledProcessError(status, command)
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    return Took(time.perf_counter() - started, _processor() - before, when)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def finished() -> set[str]:
    """What a run that was stopped, or in which a part failed, has finished."""
    return set(json.loads(FINISHED.read_text())) if FINISHED.exists() else set()


def remember(parts: set[str]) -> None:
    """Keep the names of the finished parts."""
    FINISHED.parent.mkdir(parents=True, exist_ok=True)
    FINISHED.write_text(json.dumps(sorted(parts)))


def known_seconds() -> dict[str, float]:
    """How long parts took when they last ended well."""
    table = _table()
    return dict(zip(table["part"], table["seconds"], strict=True))


def record(part: str, took: Took) -> None:
    """Put a part's time into the table of all parts."""
    row = {"part": part, "seconds": took.seconds, "processor, s": took.processor, "ended (UTC)": took.when}
    table = pd.concat([_table(), pd.DataFrame([row])]).drop_duplicates("part", keep="last")
    table = table[table["part"].isin(PARTS)].sort_values("part", key=lambda names: names.map(PARTS.index))
    notes = ["Each when it last ended well, by the clock of a machine that may have had other work."]
    keep(Section(SECTION, "Parts of `make bench`", "python -m benchmarks", table.round(1), notes))


def _table() -> pd.DataFrame:
    """The table as it stands."""
    path = results.TABLES / f"{SECTION}.csv"
    return pd.read_csv(path) if path.exists() else pd.DataFrame({"part": [], "seconds": []})
