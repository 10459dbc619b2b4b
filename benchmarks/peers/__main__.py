"""Peers on S-curve problems: ``python -m benchmarks.peers [--cache FOLDER] [--seconds N] [--only NAME ...]``.

With ``--problems`` or ``--only`` the rows of other problems and peers stay as an earlier run left them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from allocator.api import Scenario, solve
from benchmarks.cells import cells
from benchmarks.peers.environments import PEERS, WORKERS, Peer, Unavailable, python
from benchmarks.peers.problem import arrays, judged, new_customers
from benchmarks.results import TABLES, Section, keep

ROOT = Path(__file__).parents[2]
CASES = ("F1_n100", "F1t_n100", "F2_n100", "F3_n40", "F1_n500")
SEEDS = (11,)
GAP = 1e-5
TIMES = 20
"""A peer is ended after so many times its seconds by the clock: others may use the machine, and imports take long."""
OURS = "this engine"
COMMAND = "python -m benchmarks.peers"


def problems() -> dict[str, Scenario]:
    """The cases with proven values, and new seeds of the same kind."""
    folder = ROOT / "tests" / "cases" / "cells"
    known = {name: Scenario.read(folder / name / "scenario.yaml") for name in CASES}
    for seed in SEEDS:
        known[f"budget, 100, seed {seed}"] = cells("budget", 100, tight=False, seed=seed).read()
        known[f"choice, 100, tight, seed {seed}"] = cells("choice", 100, tight=True, seed=seed).read()
    return known


def ours(name: str, scenario: Scenario) -> tuple[dict[str, Any], float]:
    """The engine's row, and its proven bound on the sum of new customers.

    Equity is 10,000 a new customer less cash. Nobody can spend less than nothing nor more than the money
    there is, so the bound on equity plus all the money bounds the new customers.
    """
    exact = scenario.model_copy(update={"solver": scenario.solver.model_copy(update={"gap": GAP})})
    started, idle = time.perf_counter(), time.process_time()
    result = solve(exact)
    took = {"seconds": time.perf_counter() - started, "processor, s": time.process_time() - idle}
    money = max(budget.amount or 0.0 for budget in scenario.budgets)
    worth = next(iter(scenario.terminal.values())) if isinstance(scenario.terminal, dict) else 10_000.0
    bound = (result.bound + money) / worth
    found = new_customers(result.evaluation)
    row = {"problem": name, "tool": OURS, "percent of bound": 100 * found / bound, **took}
    return {**row, "states a gap of": result.gap, "remark": ""}, bound


def theirs(
    name: str, scenario: Scenario, bound: float, peer: Peer, interpreter: Path, seconds: float
) -> dict[str, Any]:
    """A peer's row; what went wrong stands in its remark."""
    row: dict[str, Any] = {"problem": name, "tool": peer.name, "percent of bound": None}
    row |= {"seconds": None, "processor, s": None, "states a gap of": None, "given, s": seconds}
    with TemporaryDirectory() as folder:
        given, answer = Path(folder) / "problem.json", Path(folder) / "answer.json"
        given.write_text(json.dumps(arrays(scenario)))
        command = [str(interpreter), str(WORKERS / f"{peer.worker}.py"), str(given), str(answer), str(seconds)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMES * seconds, check=False)
        except subprocess.TimeoutExpired:
            return {**row, "remark": f"no answer in {TIMES * seconds:.0f} s by the clock"}
        if done.returncode:
            said = [line for line in done.stderr.strip().splitlines() if line.strip()] or ["failed"]
            return {**row, "remark": said[-1][:160]}
        found = json.loads(answer.read_text())
    value, broken = judged(scenario, found["efforts"])
    remark = f"breaks {broken[0]}" if broken else ""
    took = {"seconds": found["seconds"], "processor, s": found["processor"]}
    return {**row, "percent of bound": 100 * value / bound, **took, "remark": remark}


def main() -> int:
    """Run every peer that can be installed, and say which could not."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(".venv-peers"), help="folder for the peers' environments")
    parser.add_argument("--seconds", type=float, default=60.0, help="processor time each peer is given for a problem")
    parser.add_argument("--only", nargs="*", help="names of workers, default all")
    parser.add_argument("--problems", nargs="*", metavar="NAME", help="names of problems, default all")
    given = parser.parse_args()
    asked = {name: scenario for name, scenario in problems().items() if name in (given.problems or [name])}
    chosen = [peer for peer in PEERS if not given.only or peer.worker in given.only]
    notes = ["Percent of our proven bound on the sum of new customers; every plan judged on the exact curves."]
    ready = []
    for peer in chosen:
        try:
            ready.append((peer, python(peer, given.cache.absolute())))
        except Unavailable as reason:
            notes.append(f"{peer.name} could not be installed here: {reason}")
    rows = []
    for name, scenario in asked.items():
        row, bound = ours(name, scenario)
        rows.append(row)
        rows += [theirs(name, scenario, bound, peer, interpreter, given.seconds) for peer, interpreter in ready]
        print(pd.DataFrame(rows[-1 - len(ready) :]).to_string(), flush=True)
        keep(_section(rows, notes))
    return 0


def _with_earlier(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows, and those of earlier runs for other problems and tools, in the order of both."""
    table, earlier = pd.DataFrame(rows), TABLES / "peers.csv"
    if earlier.exists():
        table = pd.concat([pd.read_csv(earlier), table]).drop_duplicates(["problem", "tool"], keep="last")
    order = {"problem": list(problems()), "tool": [OURS, *(peer.name for peer in PEERS)]}
    known = table[table["problem"].isin(order["problem"]) & table["tool"].isin(order["tool"])]
    return known.sort_values(["problem", "tool"], key=lambda names: names.map(order[str(names.name)].index))


def _section(rows: list[dict[str, Any]], notes: list[str]) -> Section:
    said = [f"{peer.name} cannot say: {peer.cannot}." for peer in PEERS]
    said += [
        "Each had the processor time given (SCIP: by the clock), and one start from uniform where it takes one; "
        "importing is not counted, nor is reading files counted for the engine.",
        "What a peer cannot say is done around it: cells are first solved as if free, the best kept and solved again; "
        "heads are rounded down.",
    ]
    return Section("peers", "Peers on S-curves", COMMAND, _with_earlier(rows), [*notes, *said])


if __name__ == "__main__":
    sys.exit(main())
