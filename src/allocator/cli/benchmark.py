"""`allocator benchmark`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from allocator.cli.failures import reported
from allocator.cli.interrupt import interruptible
from allocator.cli.options import Debug, Quiet

if TYPE_CHECKING:
    from allocator.benchmarking import Benchmark
    from allocator.benchmarking.schedule import Progress
    from allocator.domain.scenario import Scenario

DEFAULT_FOLDER = Path("results") / "benchmark"


class Shocks(StrEnum):
    """What the plans are put through."""

    FRESH = "fresh"
    GIVEN = "given"
    NONE = "none"


_SHOCKS: dict[Shocks, Literal["fresh", "given"] | None] = {
    Shocks.FRESH: "fresh",
    Shocks.GIVEN: "given",
    Shocks.NONE: None,
}


def benchmark(
    scenarios: Annotated[
        list[Path], typer.Argument(metavar="SCENARIO...", help="Scenarios' YAML files.", show_default=False)
    ],
    policies: Annotated[
        str, typer.Option(metavar="A,B,...", help="Names of policies, with commas.", show_default="all of them")
    ] = "",
    replications: Annotated[int, typer.Option(min=2, metavar="N", help="Simulated lives of each plan.")] = 1000,
    shocks: Annotated[Shocks, typer.Option(help="New shocks, the scenario's own, or none.")] = Shocks.FRESH,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same numbers.")] = 0,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes.", show_default="one per processor")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to, and to go on from.")] = DEFAULT_FOLDER,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compare the optimum with rules of thumb.

    Every plan is put through the same simulated lives. A benchmark that was stopped goes on where it was.
    """
    with reported(debug):
        with _bar(quiet) as tell:

            def compare() -> tuple[Benchmark, Path]:
                import os

                from allocator import benchmarking, engine
                from allocator.policies import choose
                from allocator.reporting.benchmark_page import write_benchmark_page

                chosen = choose([name.strip() for name in policies.split(",") if name.strip()], engine.solve_scenario)
                settings = benchmarking.BenchmarkSettings(replications, _SHOCKS[shocks], seed)
                processes = workers or os.cpu_count() or 1
                found = benchmarking.benchmark(
                    _read(scenarios), chosen, settings=settings, workers=processes, out=out, progress=tell
                )
                benchmarking.write_tables(found, out)
                return found, write_benchmark_page(found, out)

            found, page = interruptible(compare)
        if not quiet:
            _show(found, page)


def _read(paths: Sequence[Path]) -> list[Scenario]:
    """The scenarios; the mistakes of all of them are said together."""
    from allocator import files
    from allocator.domain.errors import InvalidInput, Mistake

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


@contextmanager
def _bar(quiet: bool) -> Iterator[Progress]:
    """A bar on stderr for plans, and another for their lives, if that is a terminal and ``quiet`` is off."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        task = progress.add_task("")

        def tell(done: int, total: int, label: str) -> None:
            progress.update(task, completed=done, total=total, description=label)

        yield tell


def _show(found: Benchmark, page: Path) -> None:
    """Verdicts, and where the page is, on stdout."""
    for sentence in found.verdicts:
        typer.echo(sentence)
    typer.echo(f"Page: {page}")
