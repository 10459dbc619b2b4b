"""Contenders in processes of their own, side by side in one session; medians and shares of time."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.instances import Size, instance

ROOT = Path(__file__).parents[2]


class Failed(RuntimeError):
    """A contender ended without an answer; the message is the end of what it said."""


def contender(kind: str, work: Size | Path, *, limit: float = 900) -> dict[str, Any]:
    """One run of one contender, `engine` or `grid:METHOD`, on a scenario file or a generated instance."""
    if isinstance(work, Path):
        return _told(kind, work, limit)
    with TemporaryDirectory() as folder:
        return _told(kind, instance(work).write(Path(folder)), limit)


def _told(kind: str, path: Path, limit: float) -> dict[str, Any]:
    module, *arguments = kind.split(":")
    command = [sys.executable, "-m", f"benchmarks.speed.by_{module}", str(path), *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"no answer in {limit:.0f} s") from None
    if done.returncode:
        raise Failed(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def side_by_side(
    kinds: Sequence[str], work: Size | Path, *, runs: int, limit: float = 900
) -> dict[str, list[dict[str, Any]]]:
    """``runs`` rounds of all contenders in turn, so that all meet the same machine."""
    outcomes: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for _ in range(runs):
        for kind in kinds:
            outcomes[kind].append(contender(kind, work, limit=limit))
    return outcomes


def median(outcomes: Sequence[dict[str, Any]], key: str) -> float:
    return statistics.median(float(outcome[key]) for outcome in outcomes)


def shares(outcomes: Sequence[dict[str, Any]]) -> str:
    """Median share of the time in each stage."""
    stages = list(outcomes[0]["shares"])
    spent = {stage: statistics.median(outcome["shares"].get(stage, 0.0) for outcome in outcomes) for stage in stages}
    whole = sum(spent.values()) or 1.0
    return ", ".join(f"{stage} {seconds / whole:.0%}" for stage, seconds in spent.items())


def seconds_of(command: Sequence[str], *, runs: int) -> dict[str, float]:
    """Median time of a command from its start to its end, and of the processor it used."""
    times, used = [], []
    for _ in range(runs):
        started, before = time.perf_counter(), _children()
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        times.append(time.perf_counter() - started)
        used.append(_children() - before)
    return {"seconds": statistics.median(times), "processor, s": statistics.median(used)}


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
