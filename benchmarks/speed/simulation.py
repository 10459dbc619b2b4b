"""Ten thousand replications of the main example."""

from __future__ import annotations

import pandas as pd

from benchmarks.results import Section
from benchmarks.speed.runs import ROOT, contender, median
from benchmarks.speed.table import EXAMPLE

REPLICATIONS = 10_000
MUST = 20.0


def simulation(runs: int) -> Section:
    """On one process and on two."""
    rows = []
    for workers in (1, 2):
        kind = f"simulation:{REPLICATIONS}:{workers}"
        found = [contender(kind, ROOT / EXAMPLE, limit=600) for _ in range(runs)]
        rows.append(
            {
                "replications": REPLICATIONS,
                "processes": workers,
                "must be below, s": MUST,
                "seconds": median(found, "seconds"),
                "processor, s": median(found, "processor"),
                "mean equity": found[0]["mean"],
                "standard error": found[0]["standard error"],
                "expected equity, exact": found[0]["expected"],
            }
        )
    notes = [
        f"`{EXAMPLE}`, medians of {runs} runs; planning, which comes before, is not counted.",
        "The plan's mean falls short of its expectation where more customers come than there are hours for.",
    ]
    title = "Speed 7: ten thousand replications of the main example"
    return Section("speed-7-simulation", title, "python -m benchmarks.speed simulation", pd.DataFrame(rows), notes)
