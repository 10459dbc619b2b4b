"""The speed table and the growth of time and memory: ``python -m benchmarks.speed [ROW ...] [--runs N]``."""

from __future__ import annotations

import argparse
import sys

from benchmarks.results import keep
from benchmarks.speed.growth import growth
from benchmarks.speed.links import links
from benchmarks.speed.runs import Failed
from benchmarks.speed.simulation import simulation
from benchmarks.speed.table import ROWS

ALL = {**ROWS, "simulation": simulation, "links": links, "growth": growth}


def main() -> int:
    """Run the rows that are named, by default all; the exit status is 1 where a contender failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ALL, []], help=f"of {', '.join(ALL)}; default all")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median is taken")
    given = parser.parse_args()
    failed = 0
    for name in given.rows or ALL:
        try:
            keep(ALL[name](given.runs))
        except Failed as reason:
            failed += 1
            print(f"{name}: {reason}", file=sys.stderr)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
