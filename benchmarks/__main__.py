"""Every benchmark in turn: ``python -m benchmarks [NAME ...] [--afresh]``; what each needs stands on its own page.

A part that fails does not keep the others from running. A run that was stopped, or in which a part failed, goes on
with what is missing when it is started again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks import parts
from benchmarks.results import RESULTS, gather


def main() -> int:
    """Run the parts that are named, by default all but those of peers; the exit status is 1 where one failed."""
    wanted, afresh = _arguments()
    done = parts.finished() - (set(wanted) if afresh else set())
    left = [part for part in wanted if part not in done]
    _announce(wanted, left)
    failed = []
    for number, part in enumerate(left, start=1):
        place = f"[{number}/{len(left)}] {part}"
        print(f"\n{place}{_last_time(part)}", flush=True)
        try:
            took = parts.run(part)
        except subprocess.CalledProcessError as error:
            failed.append(part)
            print(f"{place}: failed, exit {error.returncode}", file=sys.stderr, flush=True)
            continue
        except parts.Stopped:
            print(f"\nStopped in {part}; started again, it goes on with that.", file=sys.stderr)
            return 130
        done.add(part)
        parts.remember(done)
        parts.record(part, took)
        print(f"{place}: {_clock(took.seconds)}", flush=True)
    gather()
    print(f"\nbenchmarks/{RESULTS.name}")
    for part in failed:
        print(f"{part}: failed, see above; started again, it is done alone", file=sys.stderr)
    if not failed:
        parts.remember(done - set(wanted))
    return int(bool(failed))


def _arguments() -> tuple[list[str], bool]:
    """(parts, whether those finished before are done again)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of speed, {', '.join(parts.PARTS)}")
    parser.add_argument("--afresh", action="store_true", help="do again what a run that was stopped has finished")
    given = parser.parse_args()
    try:
        return parts.chosen(given.names), given.afresh
    except ValueError as error:
        parser.error(str(error))


def _announce(wanted: list[str], left: list[str]) -> None:
    """What will run, what is done already, and about how long it takes."""
    known = parts.known_seconds()
    unknown = sum(part not in known for part in left)
    rest = f", without the {unknown} that were never timed" if unknown else ""
    total = _clock(sum(known.get(part, 0.0) for part in left))
    print(f"{len(left)} parts: {', '.join(left)}. About {total} as of last time{rest}.", flush=True)
    if len(left) < len(wanted):
        before = ", ".join(part for part in wanted if part not in left)
        print(f"Finished before: {before}; --afresh does them again.", flush=True)


def _last_time(part: str) -> str:
    seconds = parts.known_seconds().get(part)
    return "" if seconds is None else f", {_clock(seconds)} last time"


def _clock(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 100 else f"{seconds:.0f} s"


if __name__ == "__main__":
    sys.exit(main())
