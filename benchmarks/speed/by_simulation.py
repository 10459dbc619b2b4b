"""A plan's simulated lives, in a process of its own, told as one line of JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from allocator.api import Scenario, solve
from allocator.evaluation import simulate


def contend(path: Path, replications: int, workers: int) -> dict[str, Any]:
    """Time of the simulation alone, planning apart; and how near its mean is to the exact expectation."""
    scenario = Scenario.read(path)
    result = solve(scenario)
    started, idle = time.perf_counter(), _used()
    lives = simulate(scenario, result.plan, replications=replications, workers=workers)
    seconds, used = time.perf_counter() - started, _used() - idle
    return {
        "seconds": seconds,
        "processor": used,
        "mean": lives.mean,
        "standard error": lives.standard_error,
        "expected": result.evaluation.customer_equity,
    }


def _used() -> float:
    """Processor time of this process and of those it waited for, in seconds."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


if __name__ == "__main__":
    print(json.dumps(contend(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
