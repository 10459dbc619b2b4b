"""`allocator frontier`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allocator.cli.failures import reported
from allocator.cli.interrupt import interruptible
from allocator.cli.options import Debug, Quiet, ScenarioFile
from allocator.cli.placing import placed
from allocator.cli.progress import progress

if TYPE_CHECKING:
    from allocator.domain.scenario import Scenario
    from allocator.files import LoadedScenario


def frontier(
    scenario: ScenarioFile,
    points: Annotated[int, typer.Option(min=2, metavar="N", help="Points, the two ends included.")] = 30,
    against: Annotated[
        str, typer.Option(metavar="LIMIT", help="What equity is held against: cvar, budget:NAME or rule:NAME.")
    ] = "cvar",
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder to write to.", show_default="results/<scenario>-frontier"),
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find the most customer equity at each of a row of values of one limit.

    A table, a page with a plot and one plan per point are written to a folder.
    """
    with reported(debug):
        with progress(quiet) as tell:

            def sweep() -> Path:
                from allocator import files
                from allocator.reporting.frontier_page import write_frontier
                from allocator.solving.frontier import frontier as solve_frontier

                loaded: LoadedScenario[Scenario] = files.read(scenario)
                question = loaded.scenario
                with placed(loaded.sources):
                    found = solve_frontier(question, against=against, points=points, progress=tell)
                return write_frontier(found, out or Path("results") / f"{question.name}-frontier")

            page = interruptible(sweep)
        if not quiet:
            typer.echo(f"Report: {page}")
