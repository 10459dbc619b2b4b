"""`allocator benchmark`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from allocator.cli.carrying_out import carry_out, show_study
from allocator.cli.options import Debug, Quiet, Seed

if TYPE_CHECKING:
    from allocator.benchmarking import Benchmark
    from allocator.benchmarking.schedule import Progress
    from allocator.studies import Written

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


Policies = Annotated[
    str, typer.Option(metavar="A,B,...", help="Names of policies, with commas.", show_default="all of them")
]
ResponseError = Annotated[
    float, typer.Option(min=0.0, metavar="SD", help="How far responses may be off what was judged, as logarithms.")
]
Workers = Annotated[int | None, typer.Option(min=1, metavar="N", help="Processes.", show_default="one per processor")]


def benchmark(
    scenarios: Annotated[
        list[Path], typer.Argument(metavar="SCENARIO...", help="Scenarios' YAML files.", show_default=False)
    ],
    policies: Policies = "",
    replications: Annotated[int, typer.Option(min=2, metavar="N", help="Simulated lives of each plan.")] = 1000,
    shocks: Annotated[Shocks, typer.Option(help="New shocks, the scenario's own, or none.")] = Shocks.FRESH,
    response_error: ResponseError = 0.0,
    seed: Seed = 0,
    workers: Workers = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to, and to go on from.")] = DEFAULT_FOLDER,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compare the optimum with rules of thumb.

    Every plan is put through the same simulated lives. A benchmark that was stopped goes on where it was.
    """

    def compare(tell: Progress) -> Written[Benchmark]:
        import os

        # Before numpy: local search's small matrices are slower with threads, and its last digits depend on them.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        # After Ctrl-C the processes end by themselves; that their semaphores are swept up is nobody's worry.
        os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")

        from allocator import studies
        from allocator.benchmarking import BenchmarkSettings

        names = [name.strip() for name in policies.split(",") if name.strip()]
        settings = BenchmarkSettings(replications, _SHOCKS[shocks], seed, response_error=response_error)
        processes = workers or os.cpu_count() or 1
        return studies.benchmark(scenarios, out, policies=names, settings=settings, workers=processes, progress=tell)

    carry_out(compare, show_study, quiet=quiet, debug=debug, telling=_bar)


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
