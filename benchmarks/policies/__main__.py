"""All policies on all examples: ``python -m benchmarks.policies [NAME ...] [--replications N] [--workers N]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from allocator.api import Scenario, solve
from allocator.benchmarking import Benchmark, BenchmarkSettings, benchmark
from allocator.policies import choose
from benchmarks.results import Section, keep

SCENARIOS = Path(__file__).parents[2] / "scenarios"
COMMAND = "python -m benchmarks.policies"
COLUMNS = [
    *("scenario", "title", "equity", "share_of_optimum", "difference", "low", "high", "cvar", "loss_probability"),
    *("spend", "hours", "seconds", "rules_broken", "broken", "status"),
]


def main() -> int:
    """Plan, simulate, compare; two tables."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("names", nargs="*", help="scenario files without ending, of `scenarios/`; default all")
    parser.add_argument("--replications", type=int, default=1000, help="lives of each plan")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, default=None, help="folder that keeps finished units, to go on from")
    given = parser.parse_args()
    names = given.names or sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
    scenarios = [Scenario.read(SCENARIOS / f"{name}.yaml") for name in names]
    found = benchmark(
        scenarios,
        choose([], solve),
        settings=BenchmarkSettings(replications=given.replications),
        workers=given.workers,
        out=given.out,
        progress=lambda done, total, label: print(f"{done}/{total} {label}", flush=True),
    )
    keep(_overall(found, given.replications))
    keep(_each(found))
    return 0


def _overall(found: Benchmark, replications: int) -> Section:
    table = found.overall.drop(columns="policy")
    notes = [
        f"Expected equity is exact; losses are paired over {replications} simulated lives on fresh shocks, with 95 "
        "percent intervals, as shares of the optimum's.",
        *found.verdicts,
    ]
    return Section("policies-1-overall", "Policies over all examples", COMMAND, table, notes)


def _each(found: Benchmark) -> Section:
    interval = found.differences.set_index(["scenario", "policy"])[["difference", "low", "high"]]
    table = found.scores.join(interval, on=["scenario", "policy"])
    notes = ["`difference`: the optimum's simulated equity less the policy's; `low`, `high`: its 95 percent interval."]
    return Section("policies-2-examples", "Policies on each example", COMMAND, table.reindex(columns=COLUMNS), notes)


if __name__ == "__main__":
    sys.exit(main())
