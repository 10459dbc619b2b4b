"""Bare numpy and HiGHS on the full grid, alone in its process, told as one line of JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from allocator.files import read_scenario
from benchmarks.speed import full_grid
from benchmarks.speed.memory import peak, processor


def contend(path: Path, method: str) -> dict[str, Any]:
    """What building and solving took and found: eight efforts a lever, or the levels there are."""
    scenario = read_scenario(path)
    started, idle = time.perf_counter(), processor()
    program = full_grid.build(scenario)
    highs = full_grid.hand_over(program, method=method)
    built, after = time.perf_counter(), processor()
    objective = full_grid.solve(highs)
    ended, used = time.perf_counter(), processor() - idle
    return {
        "seconds": ended - started,
        "processor": used,
        "solver": ended - started,
        "solver's processor": used,
        "shares": {"build": built - started, "solve": ended - built},
        "stages": {"build": after - idle, "solve": used + idle - after},
        "objective": objective,
        "columns": program.matrix.shape[1],
        "rows": program.matrix.shape[0],
        "nonzeros": program.matrix.nnz,
    }


if __name__ == "__main__":
    outcome = contend(Path(sys.argv[1]), sys.argv[2])
    print(json.dumps({**outcome, "peak": peak()}))
