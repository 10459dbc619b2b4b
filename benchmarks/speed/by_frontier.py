"""A frontier, alone in its process, and cold solves of its program: whole, and by simplex and by interior point."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from highspy import HighsStatus

import allocator.uncertainty.generated  # noqa: F401  # libraries are loaded before the clocks start
from allocator.api import Scenario
from allocator.reporting.frontier_page import frontier_study
from allocator.reporting.study import write_study
from allocator.solving import Engine
from allocator.solving.deadline import Deadline
from allocator.solving.frontier import frontier
from allocator.solving.solve import solve
from benchmarks.speed.memory import peak, processor

METHODS = ("simplex", "ipx")


def contend(path: Path, points: int) -> dict[str, Any]:
    """Seconds of ``points`` points of equity against CVaR, and of one program of theirs solved cold."""
    scenario = Scenario.read(path)
    started, idle = time.perf_counter(), processor()
    found = frontier(scenario, points=points)
    seconds, used = time.perf_counter() - started, processor() - idle
    with TemporaryDirectory() as folder:
        write_study(frontier_study(found), Path(folder) / "frontier")
    return {
        "seconds": seconds,
        "processor": used,
        "writing": processor() - idle - used,
        "points": len(found.points),
        "gap": max((point.bound - point.equity) / abs(point.equity) for point in found.points),
        "cold": _cold(scenario, found.points[points // 2].limit),
    }


def _cold(scenario: Scenario, floor: float) -> dict[str, float]:
    """Processor time of a point's program with nothing to start from: of the whole solve, from building it to its plan
    and proof, efforts found on the way; and by each method of the linear program alone, with all its columns."""
    held = scenario.model_copy(update={"risk": scenario.risk.model_copy(update={"cvar_floor": floor})})
    idle = processor()
    solve(held)
    taken = {"whole": processor() - idle}
    engine = Engine(held)
    engine.root(Deadline(), gap=scenario.solver.gap)
    highs = engine.master.solver.highs
    for method in METHODS:
        _ok(highs.clearSolver())
        _ok(highs.setOptionValue("solver", method))
        idle = processor()
        _ok(highs.run())
        taken[method] = processor() - idle
    return taken


def _ok(status: HighsStatus) -> None:
    if status != HighsStatus.kOk:
        raise RuntimeError(f"HiGHS returned {status}")


if __name__ == "__main__":
    outcome = contend(Path(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps({**outcome, "peak": peak()}))
