"""All published cases: expected beside obtained, one table."""

from __future__ import annotations

import sys
import time

import pandas as pd

from benchmarks.published.cases import CASES
from benchmarks.published.check import Check, NotExpressed
from benchmarks.results import Section, keep

COMMAND = "python -m benchmarks.published"


def main() -> int:
    """Run every case; the exit status is 1 where a number differs from the published one."""
    checks: list[Check] = []
    missing: list[NotExpressed] = []
    for case in CASES:
        started = time.perf_counter()
        for finding in case():
            (checks if isinstance(finding, Check) else missing).append(finding)  # type: ignore[arg-type]
        print(f"{case.__name__}: {time.perf_counter() - started:.1f} s", flush=True)
    failed = [check for check in checks if not check.holds]
    keep(_section(checks, missing, len(failed)))
    for check in failed:
        print(f"{check.case}, {check.quantity}: expected {check.expected:g}, obtained {check.obtained:.7g}")
    return int(bool(failed))


def _section(checks: list[Check], missing: list[NotExpressed], failed: int) -> Section:
    table = pd.DataFrame(
        {
            "case": check.case,
            "quantity": check.quantity,
            "expected": float(check.expected),
            "obtained": float(check.obtained),
            "tolerance": float(check.tolerance),
            "agrees": check.holds,
        }
        for check in checks
    )
    notes = [f"{len(checks)} numbers compared, {len(checks) - failed} agree to the precision that the source prints."]
    notes += [f"Not expressed: {gap.case}, {gap.what}: {gap.reason}." for gap in missing]
    return Section("published", "Published cases", COMMAND, table, notes)


if __name__ == "__main__":
    sys.exit(main())
