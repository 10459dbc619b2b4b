"""The engine's verbs: read, solve, check the answer independently, write."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from allocator import files
from allocator.domain.errors import Infeasible, StoppedWithoutPlan
from allocator.domain.evaluation import ADAPTED, Evaluation
from allocator.domain.plan import Plan
from allocator.domain.progress import Progress, silent
from allocator.domain.result import RecourseValue, Result
from allocator.domain.scenario import Scenario
from allocator.evaluation import evaluate as evaluate_plan
from allocator.solving import Solved, at_hand, confirm, diagnose, limit_worth, solve, solve_recourse, status_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A run from files to files."""

    result: Result
    folder: Path
    report: Path


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A plan from a file, with the scenario it was worked out on."""

    scenario: Scenario
    evaluation: Evaluation


def run(
    path: str | Path,
    out: str | Path | None = None,
    *,
    gap: float | None = None,
    time_limit: float | None = None,
    threads: int | None = None,
    worth: bool | None = None,
    html: bool = True,
    xlsx: bool = True,
    progress: Progress = silent,
) -> RunOutcome:
    """Read a scenario, solve it, check the plan and write tables and reports.

    ``gap``, ``time_limit`` (seconds), ``threads`` and ``worth`` replace those of the scenario. ``out`` is the
    results folder, by default ``results/<scenario>`` in the working directory.

    Raises
    ------
    InvalidInput, Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        See :mod:`allocator.domain.errors`. Nothing is written then.
    """
    started = time.perf_counter()
    progress("load", str(path))
    loaded: files.LoadedScenario[Scenario] = files.read(path)
    scenario = _with_settings(loaded.scenario, gap=gap, time_limit=time_limit, threads=threads, worth=worth)
    load = time.perf_counter() - started
    from allocator import reporting

    folder = Path(out) if out is not None else Path("results") / scenario.name
    reporting.check_folder(folder)
    with loaded.sources.placing():
        result = solve_scenario(scenario, progress=progress)
    result = replace(result, seconds={"load": load, **result.seconds})
    progress("report", str(folder))
    report = reporting.write(
        result, folder, digests=loaded.digests, resolved=files.resolved_yaml(scenario), html=html, xlsx=xlsx
    )
    return RunOutcome(result, folder, report)


def check(path: str | Path) -> Scenario:
    """Read and validate a scenario file; raises InvalidInput with all mistakes."""
    return files.read_scenario(path)


def evaluate_files(path: str | Path, plan_path: str | Path, out: str | Path | None = None) -> Evaluated:
    """Evaluate a plan from a file on a scenario; tables are written to ``out`` if it is given.

    Raises
    ------
    InvalidInput
        With all mistakes in the scenario or the plan; if ``out`` holds something that is no results folder.
    """
    loaded: files.LoadedScenario[Scenario] = files.read(path)
    scenario = loaded.scenario
    evaluation = evaluate_plan(scenario, files.read_plan(plan_path, scenario))
    if out is not None:
        from allocator import reporting

        reporting.write_evaluation(evaluation, scenario, Path(out), digests=loaded.digests)
    return Evaluated(scenario, evaluation)


def solve_scenario(scenario: Scenario, *, progress: Progress = silent) -> Result:
    """Solve a scenario that has been checked, and check the answer.

    Raises
    ------
    Infeasible
        If no plan meets all requirements; says what clashes and the least change that restores a plan.
    InternalError
        If the plan does not stand up to the independent evaluation; such a plan is never returned.
    """
    no_effort = evaluate_plan(scenario, Plan())
    current = evaluate_plan(scenario, scenario.current_plan) if scenario.current_plan is not None else None
    solved, recourse = _solved(scenario, current, no_effort, progress)
    started = time.perf_counter()
    progress("check", "")
    evaluation = evaluate_plan(scenario, solved.plan)
    broken = [*map(str, evaluation.violations), *evaluation.scaled]
    confirm(solved.objective, evaluation.objective, moved=(evaluation.margin, evaluation.cost), broken=broken)
    solved, evaluation = _never_worse(scenario, solved, evaluation, current)
    checked = time.perf_counter()
    further = _around(scenario, solved, evaluation, current, no_effort, progress)
    return Result(
        scenario=scenario,
        plan=solved.plan,
        evaluation=evaluation,
        prices=solved.prices,
        status=solved.status,
        objective=solved.objective,
        bound=solved.bound,
        gap=solved.gap,
        size=solved.size,
        seconds={**solved.seconds, "evaluate": checked - started, "worth": time.perf_counter() - checked},
        further=further if evaluation.adapted is None else {**further, ADAPTED: evaluation.adapted},
        current_plan=current,
        no_effort=no_effort,
        recourse=recourse,
    )


def _solved(
    scenario: Scenario, current: Evaluation | None, no_effort: Evaluation, progress: Progress
) -> tuple[Solved, RecourseValue | None]:
    """The plan, and what recourse is worth where there is any; where no plan exists, why. Where time ends before
    there is one, the current plan if it keeps every limit, or else to do nothing if that does.
    """
    started = time.perf_counter()
    try:
        if scenario.risk.recourse:
            return solve_recourse(scenario, current=current, no_effort=no_effort, progress=progress)
        return solve(scenario, current=current, no_effort=no_effort, progress=progress), None
    except Infeasible:
        progress("diagnose", "")
        raise diagnose(scenario, current=current, no_effort=no_effort, seconds=scenario.solver.time_limit) from None
    except StoppedWithoutPlan:
        for plan, known in ((scenario.current_plan, current), (Plan(), no_effort)):
            if plan is not None and known is not None and known.feasible:
                return at_hand(scenario, plan, known.objective, time.perf_counter() - started), None
        raise


def _around(
    scenario: Scenario,
    solved: Solved,
    evaluation: Evaluation,
    current: Evaluation | None,
    no_effort: Evaluation,
    progress: Progress,
) -> Mapping[str, pd.DataFrame]:
    """What re-solves around the plan say, where they are asked for; in what the time limit leaves for them."""
    if not scenario.solver.worth or not math.isfinite(solved.bound):
        return {}
    progress("worth", "")
    limit = scenario.solver.time_limit
    seconds = None if limit is None else max(0.0, limit - sum(solved.seconds.values()))
    return limit_worth(scenario, solved, evaluation, current=current, no_effort=no_effort, seconds=seconds)


def _with_settings(scenario: Scenario, **given: float | None) -> Scenario:
    changed = {key: value for key, value in given.items() if value is not None}
    if not changed:
        return scenario
    return scenario.model_copy(update={"solver": files.changed_settings(scenario.solver, changed)})


def _never_worse(
    scenario: Scenario, solved: Solved, evaluation: Evaluation, current: Evaluation | None
) -> tuple[Solved, Evaluation]:
    """The current plan where it keeps every limit and beats the plan found within the gap."""
    if scenario.current_plan is None or current is None or not current.feasible:
        return solved, evaluation
    sign = -1.0 if scenario.objective.kind == "spend" else 1.0
    if sign * (current.objective - evaluation.objective) <= 0.0:
        return solved, evaluation
    gap = abs(solved.bound - current.objective) / max(abs(current.objective), 1e-9)
    status = status_of(gap, scenario.solver.gap)
    better = replace(solved, plan=scenario.current_plan, objective=current.objective, gap=gap, status=status)
    return better, current
