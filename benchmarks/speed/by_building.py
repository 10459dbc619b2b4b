"""The engine's program, alone in its process: built, handed over, and solved cold by simplex and by interior point."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from highspy import HighsModelStatus

from allocator.domain.plan import Plan
from allocator.evaluation import evaluate
from allocator.files import read_scenario
from allocator.solving import Engine
from benchmarks.speed.memory import peak, processor

METHODS = ("simplex", "ipx")


def contend(path: Path) -> dict[str, Any]:
    """Processor time of building and of each cold solve, the program having all treatments as columns."""
    scenario = read_scenario(path)
    no_effort = evaluate(scenario, Plan())
    idle = processor()
    engine = Engine(scenario, no_effort=no_effort, most_columns=sys.maxsize)
    built = processor() - idle
    most = peak()
    highs = engine.master.solver.highs
    cold, objective = {}, 0.0
    for method in METHODS:
        highs.clearSolver()
        engine.master.solver.option("solver", method)
        idle = processor()
        highs.run()
        cold[method] = processor() - idle
        if highs.getModelStatus() != HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS ended with {highs.modelStatusToString(highs.getModelStatus())}")
        objective = engine.natural(float(highs.getInfo().objective_function_value))
    return {
        "build": built,
        "cold": cold,
        "objective": objective,
        "columns": highs.getNumCol(),
        "rows": highs.getNumRow(),
        "nonzeros": highs.getNumNz(),
        "peak when built": most,
    }


if __name__ == "__main__":
    outcome = contend(Path(sys.argv[1]))
    print(json.dumps({**outcome, "peak": peak()}))
