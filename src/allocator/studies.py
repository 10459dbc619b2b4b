"""The verbs of studies, from files to files: many solves around one question, or many policies on several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from allocator import files
from allocator.domain.errors import InvalidInput, Mistake
from allocator.domain.progress import Progress, silent
from allocator.domain.scenario import Scenario

if TYPE_CHECKING:
    from allocator.benchmarking import Benchmark, BenchmarkSettings
    from allocator.benchmarking.schedule import Progress as UnitProgress
    from allocator.reporting.study import Study
    from allocator.solving.assessment import Assessment
    from allocator.solving.frontier import Frontier
    from allocator.solving.swings import Swings

Found = TypeVar("Found")
Found_co = TypeVar("Found_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Written(Generic[Found_co]):
    """What was found, and where it was written."""

    found: Found_co
    page: Path
    sentences: tuple[str, ...]
    """The answer in words, as the page begins with."""


def frontier(
    path: str | Path,
    out: str | Path | None = None,
    *,
    against: str = "cvar",
    points: int = 30,
    progress: Progress = silent,
) -> Written[Frontier]:
    """Read a scenario, find its frontier, and write tables, page and plans.

    ``out`` is the results folder, by default ``results/<scenario>-frontier`` in the working directory; for the
    others see :func:`allocator.api.frontier`.

    Raises
    ------
    InvalidInput, Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        See :mod:`allocator.domain.errors`. Nothing is written then.
    """
    from allocator.reporting.frontier_page import frontier_study
    from allocator.solving.frontier import frontier as sweep

    return _studied(
        path,
        out,
        "frontier",
        lambda scenario: sweep(scenario, against=against, points=points, progress=progress),
        frontier_study,
    )


def sensitivity(
    path: str | Path,
    out: str | Path | None = None,
    *,
    change: float = 0.2,
    solved: int = 10,
    progress: Progress = silent,
) -> Written[Swings]:
    """Read a scenario, find what its plan hangs on, and write tables and page.

    ``out`` is by default ``results/<scenario>-sensitivity``; for the others see :func:`allocator.api.sensitivity`,
    and for what is raised :func:`frontier`.
    """
    from allocator.reporting.swings_page import swings_study
    from allocator.solving.swings import swings

    return _studied(
        path,
        out,
        "sensitivity",
        lambda scenario: swings(scenario, change=change, solved=solved, progress=progress),
        swings_study,
    )


def assess(
    path: str | Path,
    out: str | Path | None = None,
    *,
    plan: str | Path | None = None,
    shocks: int | None = None,
    samples: int = 10,
    seed: int = 0,
    progress: Progress = silent,
) -> Written[Assessment]:
    """Read a scenario and a plan (the best one where none is given), assess the plan, and write tables and page.

    ``out`` is by default ``results/<scenario>-assessment``; for the others see :func:`allocator.api.assess`, and for
    what is raised :func:`frontier`.
    """
    from allocator.reporting.assessment_page import assessment_study
    from allocator.solving.assessment import assess as value

    def study(scenario: Scenario) -> Assessment:
        given = None if plan is None else files.read_plan(plan, scenario)
        return value(scenario, given, shocks=shocks, samples=samples, seed=seed, progress=progress)

    return _studied(path, out, "assessment", study, assessment_study)


def benchmark(
    paths: Sequence[str | Path],
    out: str | Path = Path("results") / "benchmark",
    *,
    policies: Sequence[str] = (),
    settings: BenchmarkSettings | None = None,
    workers: int = 1,
    progress: UnitProgress | None = None,
) -> Written[Benchmark]:
    """Read scenarios, compare policies on them, and write tables and page.

    A benchmark that was stopped goes on from what is in ``out``. For the others see :func:`allocator.api.benchmark`.

    Raises
    ------
    InvalidInput
        With the mistakes of all scenarios, or for a policy that there is not.
    """
    from allocator import benchmarking, engine
    from allocator.policies import choose
    from allocator.reporting.benchmark_page import write_benchmark_page

    folder, chosen = Path(out), choose(policies, engine.solve_scenario)
    found = benchmarking.benchmark(
        _read(paths), chosen, settings=settings, workers=workers, out=folder, progress=progress
    )
    benchmarking.write_tables(found, folder)
    return Written(found, write_benchmark_page(found, folder), tuple(found.verdicts))


def _studied(
    path: str | Path,
    out: str | Path | None,
    name: str,
    study: Callable[[Scenario], Found],
    told: Callable[[Found], Study],
) -> Written[Found]:
    """Read, study, write; mistakes that only show in the study are placed in the files."""
    from allocator.reporting import check_folder
    from allocator.reporting.study import write_study

    loaded: files.LoadedScenario[Scenario] = files.read(path)
    folder = Path(out) if out is not None else Path("results") / f"{loaded.scenario.name}-{name}"
    check_folder(folder)
    with loaded.sources.placing():
        found = study(loaded.scenario)
    written = told(found)
    return Written(found, write_study(written, folder), tuple(written.sentences))


def _read(paths: Sequence[str | Path]) -> list[Scenario]:
    """The scenarios; the mistakes of all of them are said together."""
    found: list[Scenario] = []
    mistakes: list[Mistake] = []
    for path in paths:
        try:
            found.append(files.read_scenario(path))
        except InvalidInput as error:
            mistakes.extend(error.mistakes)
    names = [scenario.name for scenario in found]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        mistakes.append(Mistake(("scenario", "scenario"), f"two scenarios are called `{name}`"))
    if mistakes:
        raise InvalidInput(mistakes)
    return found
