"""All policies on all examples: ``python -m benchmarks.policies [NAME ...] [--replications N] [--workers N]``.

Finished plans and lives are kept under ``--out``, so that a run that was stopped goes on where it was. The exit
status is 1 where a policy that keeps every limit is ahead of the optimum, a bound does not hold, or no optimum was
found.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from allocator.api import Scenario
from allocator.benchmarking import BenchmarkSettings, benchmark
from allocator.policies import choose
from benchmarks.policies.sections import sections
from benchmarks.policies.unhurried import unhurried
from benchmarks.results import keep

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
VOLATILITY = 0.15
"""Of each segment's margins in the lives of examples that state no shocks; the others state about this much."""
COMMAND = "python -m benchmarks.policies"


def main() -> int:
    """Plan, simulate, compare; four tables."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("names", nargs="*", help="scenario files without ending, of `scenarios/`; default all")
    parser.add_argument("--replications", type=int, default=2000, help="lives of each plan")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "policies", help="folder of finished units")
    given = parser.parse_args()
    names = given.names or sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
    found = benchmark(
        [Scenario.read(SCENARIOS / f"{name}.yaml") for name in names],
        choose([], unhurried),
        settings=BenchmarkSettings(replications=given.replications, volatility=VOLATILITY),
        workers=given.workers,
        out=given.out,
        progress=lambda done, total, label: print(f"{done}/{total} {label}", flush=True),
    )
    for section in sections(found, COMMAND):
        keep(section)
    planned = found.scores[(found.scores["policy"] == "optimum") & (found.scores["status"] == "planned")]
    missing = [f"{name}: the optimum was not found" for name in names if name not in set(planned["scenario"])]
    wrong = [*found.contradictions, *missing]
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
