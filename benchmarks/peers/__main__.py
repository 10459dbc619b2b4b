"""Peers on S-curve problems: ``python -m benchmarks.peers [--cache FOLDER] [--seconds N] [--only NAME ...]``.

With ``--problems``, ``--only`` or ``--missing`` all other rows stay as an earlier run left them. Every problem is kept
as soon as it is done, so that ``--missing`` goes on where a run was stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from allocator.api import Scenario, solve
from benchmarks.cells import cells, known
from benchmarks.peers.environments import PEERS, WORKERS, Peer, Unavailable, python
from benchmarks.peers.problem import arrays, judged, new_customers
from benchmarks.results import TABLES, Section, keep

SEED = 11
GAP = 1e-5
TIMES = 20
"""A peer is ended after so many times its seconds by the clock: others may use the machine, and imports take long."""
OURS = "this engine"
ALIKE = 1e-3
"""Percent of the bound by which two answers may differ and count as equally good."""
ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
"""Else the threads of a peer's small matrices wait for each other, and waiting counts as processor time."""
COMMAND = "python -m benchmarks.peers"


def problems() -> dict[str, Scenario]:
    """The cases with proven values, small ones first, and a new seed of each kind."""
    cases = {folder.name: Scenario.read(folder / "scenario.yaml") for folder in known()}
    return cases | {
        f"budget, 100, seed {SEED}": cells("budget", 100, tight=False, seed=SEED).read(),
        f"choice, 100, tight, seed {SEED}": cells("choice", 100, tight=True, seed=SEED).read(),
        f"hours, 120, seed {SEED}": cells("hours", 120, tight=False, seed=SEED).read(),
    }


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
    row = {"problem": name, "tool": OURS, "version": version("allocator"), "given, s": None}
    reached = {"percent of bound": 100 * found / bound, **took, "states a gap of": result.gap, "remark": ""}
    return {**row, **reached}, bound


def theirs(
    name: str, scenario: Scenario, bound: float, peer: Peer, interpreter: Path, seconds: float
) -> dict[str, Any]:
    """A peer's row; what went wrong stands in its remark."""
    row: dict[str, Any] = {"problem": name, "tool": peer.name, "version": None, "given, s": seconds}
    row |= {"percent of bound": None, "seconds": None, "processor, s": None, "states a gap of": None}
    with TemporaryDirectory() as folder:
        given, answer = Path(folder) / "problem.json", Path(folder) / "answer.json"
        given.write_text(json.dumps(arrays(scenario)))
        command = [str(interpreter), str(WORKERS / f"{peer.worker}.py"), str(given), str(answer), str(seconds)]
        told = {"capture_output": True, "text": True, "env": os.environ | ONE_THREAD}
        try:
            done = subprocess.run(command, timeout=TIMES * seconds, check=False, **told)
        except subprocess.TimeoutExpired:
            return {**row, "remark": f"no answer in {TIMES * seconds:.0f} s by the clock"}
        if done.returncode == -signal.SIGXCPU:
            return {**row, "remark": "ended without an answer at twice its processor time"}
        if done.returncode:
            said = [line for line in done.stderr.strip().splitlines() if line.strip()] or ["failed"]
            return {**row, "remark": said[-1][:160]}
        found = json.loads(answer.read_text())
    value, broken = judged(scenario, found["efforts"])
    remark = f"breaks {broken[0]}" if broken else ""
    took = {"seconds": found["seconds"], "processor, s": found["processor"], "version": found["version"]}
    return {**row, "percent of bound": 100 * value / bound, **took, "remark": remark}


def main() -> int:
    """Run every peer that can be installed, and say which could not."""
    given = _arguments()
    asked = {name: scenario for name, scenario in problems().items() if name in (given.problems or [name])}
    chosen = [peer for peer in PEERS if given.only is None or peer.worker in given.only]
    notes = ["Percent of our proven bound on the sum of new customers; every plan judged on the exact curves."]
    ready = []
    for peer in chosen:
        try:
            ready.append((peer, python(peer, given.cache.absolute())))
        except Unavailable as reason:
            notes.append(f"{peer.name} could not be installed here: {reason}")
    done = _done(given.seconds) if given.missing else set()
    for number, (name, scenario) in enumerate(asked.items(), start=1):
        wanted = [(peer, interpreter) for peer, interpreter in ready if (name, peer.name) not in done]
        if given.missing and not wanted:
            continue
        print(f"{number}/{len(asked)} {name}", flush=True)
        row, bound = ours(name, scenario)
        rows = [row]
        for peer, interpreter in wanted:
            rows.append(theirs(name, scenario, bound, peer, interpreter, given.seconds))
            print(f"  {peer.name}: {rows[-1]['percent of bound']} {rows[-1]['remark']}", flush=True)
            keep(_section(rows, notes))
        keep(_section(rows, notes))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(".venv-peers"), help="folder for the peers' environments")
    parser.add_argument("--seconds", type=float, default=60.0, help="processor time each peer is given for a problem")
    parser.add_argument("--only", nargs="*", help="names of workers, default all; none: the engine alone")
    parser.add_argument("--problems", nargs="*", metavar="NAME", help="names of problems, default all")
    parser.add_argument("--missing", action="store_true", help="leave out what has a row of so many seconds")
    return parser.parse_args()


def _earlier() -> pd.DataFrame | None:
    """The table as earlier runs left it."""
    path = TABLES / "peers.csv"
    return pd.read_csv(path) if path.exists() else None


def _done(seconds: float) -> set[tuple[str, str]]:
    """(problem, tool) of the rows for which a peer was given so much time."""
    table = _earlier()
    if table is None:
        return set()
    rows = table[table["given, s"] == seconds]
    return set(zip(rows["problem"], rows["tool"], strict=True))


def _with_earlier(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The rows, and those of earlier runs for other problems and tools, in the order of both."""
    table, earlier = pd.DataFrame(rows), _earlier()
    if earlier is not None:
        table = pd.concat([earlier, table]).drop_duplicates(["problem", "tool"], keep="last")
    late = (table["processor, s"] >= table["given, s"]) & (table["remark"].fillna("") == "")
    table["remark"] = table["remark"].where(~late, "stopped at its time")
    order = {"problem": list(problems()), "tool": [OURS, *(peer.name for peer in PEERS)]}
    known = table[table["problem"].isin(order["problem"]) & table["tool"].isin(order["tool"])]
    return known.sort_values(["problem", "tool"], key=lambda names: names.map(order[str(names.name)].index))


def _equals(table: pd.DataFrame) -> str:
    """Which peers do as well as the engine, and where."""
    ours_there = table[table["tool"] == OURS].set_index("problem")["percent of bound"]
    behind = table["problem"].map(ours_there) - table["percent of bound"]
    equal = table[(table["tool"] != OURS) & (behind <= ALIKE) & ~table["remark"].fillna("").str.startswith("breaks")]
    found = [f"{name} on {', '.join(rows['problem'])}" for name, rows in equal.groupby("tool", sort=False)]
    return f"As good as the engine, to {ALIKE:g} percent: {'; '.join(found) or 'nobody'}."


def _section(rows: Sequence[dict[str, Any]], notes: Sequence[str]) -> Section:
    table = _with_earlier(rows)
    said = [_equals(table)]
    said += [f"{peer.name} cannot say: {peer.cannot}." for peer in PEERS]
    said += [
        "Each had the processor time given (SCIP: by the clock), one thread, and one start from uniform where it takes "
        "one; importing is not counted, nor is reading files counted for the engine.",
        "What a peer cannot say is done around it: cells are first solved as if free, the best kept and solved again; "
        "heads are rounded down.",
    ]
    return Section("peers", "Peers on S-curves", COMMAND, table, [*notes, *said])


if __name__ == "__main__":
    sys.exit(main())
