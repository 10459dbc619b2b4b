"""The engine, alone in its process: a whole run from files to reports, told as one line of JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from allocator.engine import run
from benchmarks.speed.memory import peak


def contend(path: Path) -> dict[str, Any]:
    """What the run took and found."""
    with TemporaryDirectory() as folder:
        started = time.perf_counter()
        result = run(path, folder).result
        seconds = time.perf_counter() - started
    shares = dict(result.seconds)
    shares.setdefault("report", max(0.0, seconds - sum(shares.values())))
    return {
        "seconds": seconds,
        "solver": sum(result.seconds.get(stage, 0.0) for stage in ("build", "solve", "refine")),
        "shares": shares,
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
    outcome = contend(Path(sys.argv[1]))
    print(json.dumps({**outcome, "peak": peak()}))
