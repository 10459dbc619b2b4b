"""What it saves to link treatments and programmes by the tightest number of customers instead of by all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from allocator.api import Scenario
from allocator.formulation.build import build
from allocator.formulation.compile import compile_program
from allocator.formulation.instance import Floats, Instance
from allocator.solving.built import Frame
from allocator.solving.customers import most_brought, most_reachable
from allocator.solving.deadline import Deadline
from allocator.solving.solve import Engine
from benchmarks.instances import Size, instance
from benchmarks.results import Section

CONTINUOUS = Size(segments=30, levers=3, periods=8, whole_heads=True, programmes=4, gap=1e-3)
SIZES = {"continuous efforts, priced": CONTINUOUS, "two levels, all in": replace(CONTINUOUS, levels=(0.5, 1.0))}
LONGEST = 60.0
"""Seconds after which a solve is stopped."""


def everyone(given: Instance) -> Floats:
    """[S, T+1] all customers there are or may come, wherever and whenever."""
    total = float(given.customers_now.sum() + most_brought(given).sum())
    return np.full((len(given.segments), given.horizon + 1), total)


BOUNDS: dict[str, Callable[[Instance], Floats]] = {"tightest": most_reachable, "all customers": everyone}


def links(runs: int) -> Section:
    """Programs with programmes, linked by either bound, in turn."""
    rows = []
    for name, size in SIZES.items():
        with TemporaryDirectory() as folder:
            scenario = Scenario.read(instance(size).write(Path(folder)))
        found: dict[str, list[dict[str, Any]]] = {bound: [] for bound in BOUNDS}
        for _ in range(runs):
            for bound in BOUNDS:
                found[bound].append(_solve(scenario, bound, size.gap))
        for bound, outcomes in found.items():
            timed = {key: median(outcome[key] for outcome in outcomes) for key in ("seconds", "processor, s")}
            rows.append({"program": name, "linked by": bound, **outcomes[0], **timed})
            print(rows[-1], flush=True)
    return Section(
        "speed-links",
        "Links of programmes: the tightest number of customers against all customers",
        "python -m benchmarks.speed links",
        pd.DataFrame(rows),
        [
            "The same scenario, the same engine; only N[s,t], the most customers in a segment and period, differs, in "
            "the links of programmes and in the bound of pricing. `relaxation` is the value of the root's linear "
            "program.",
            f"{CONTINUOUS.segments} segments, {CONTINUOUS.levers} levers, {CONTINUOUS.periods} quarters, whole heads, "
            f"{CONTINUOUS.programmes} programmes, to a gap of {CONTINUOUS.gap:g} or {LONGEST:.0f} s. "
            f"Medians of {runs} runs, in turn.",
        ],
    )


def _solve(scenario: Scenario, bound: str, gap: float) -> dict[str, Any]:
    given = Instance(scenario)
    ledger = build(given, lambda: BOUNDS[bound](given))
    engine = Engine(scenario, instance=given, frame=Frame(ledger, compile_program(ledger)))
    relaxed = Engine(scenario, instance=given, frame=Frame(ledger, compile_program(ledger)))
    root = relaxed.root(Deadline.after(LONGEST), gap=0.1 * gap, prove=False)
    started, used = time.perf_counter(), time.process_time()
    best, proven = engine.answer(Deadline.after(LONGEST), gap=gap)
    return {
        "relaxation": relaxed.natural(root.answer.objective),
        "equity": engine.natural(best.objective),
        "proven gap": (proven - best.objective) / engine.search.size_of(best.objective),
        "seconds": time.perf_counter() - started,
        "processor, s": time.process_time() - used,
    }
