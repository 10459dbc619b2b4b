"""Every benchmark in turn: ``python -m benchmarks [NAME ...]``; what each needs stands on its own page."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.results import RESULTS, gather

NAMES = ("published", "speed", "policies", "peers")


def main() -> int:
    """Run the benchmarks named, by default all but those of peers, which download their packages."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help=f"of {', '.join(NAMES)}")
    names = parser.parse_args().names or NAMES[:-1]
    failed = [
        name for name in names if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
    ]
    gather()
    print(f"benchmarks/{RESULTS.name}")
    for name in failed:
        print(f"{name}: see above", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
