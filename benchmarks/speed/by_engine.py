"""The engine, alone in its process: a whole run from files to reports, told as one line of JSON."""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from allocator.engine import run
from benchmarks.speed.memory import peak, processor

SOLVER = ("build", "solve")
"""Stages that a bare solver has too; pricing is in `solve`."""


def contend(path: Path, gap: float | None = None) -> dict[str, Any]:
    """What the run took and found; ``gap`` replaces the scenario's."""
    marks: list[tuple[str, float]] = []
    with TemporaryDirectory() as folder:
        started, idle = time.perf_counter(), processor()
        outcome = run(path, folder, gap=gap, progress=lambda stage, detail: marks.append((stage, processor())))
        seconds, used = time.perf_counter() - started, processor() - idle
    marks.append(("end", idle + used))
    result = outcome.result
    stages: dict[str, float] = {}
    for (stage, at), (_, after) in pairwise(marks):
        stages[stage] = stages.get(stage, 0.0) + after - at
    return {
        "seconds": seconds,
        "processor": used,
        "solver": sum(result.seconds.get(stage, 0.0) for stage in ("build", "solve", "refine")),
        "solver's processor": sum(stages[stage] for stage in SOLVER),
        "stages": stages,
        "shares": dict(result.seconds),
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "status": result.status,
        "columns": result.size.columns,
        "rows": result.size.rows,
        "integers": result.size.integers,
        "rounds": result.size.rounds,
        "cvar": result.evaluation.cvar,
        "new_customers": float(result.evaluation.tables.channels["new_customers"].sum()),
    }


if __name__ == "__main__":
    told = contend(Path(sys.argv[1]), *map(float, sys.argv[2:]))
    print(json.dumps({**told, "peak": peak()}))
