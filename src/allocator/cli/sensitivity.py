"""`allocator sensitivity`."""

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


def sensitivity(
    scenario: ScenarioFile,
    change: Annotated[
        float, typer.Option(min=0.001, max=0.999, metavar="SHARE", help="How far each input is changed.")
    ] = 0.2,
    solved: Annotated[
        int, typer.Option(min=0, metavar="N", help="Solve again for so many inputs, those that matter most.")
    ] = 10,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder to write to.", show_default="results/<scenario>-sensitivity"),
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find the inputs that the plan hangs on, and how wide a box around the current plan matters.

    Tables and a page with a plot are written to a folder.
    """
    with reported(debug):
        with progress(quiet) as tell:

            def study() -> Path:
                from allocator import files
                from allocator.reporting.swings_page import write_swings
                from allocator.solving.swings import swings

                loaded: LoadedScenario[Scenario] = files.read(scenario)
                question = loaded.scenario
                with placed(loaded.sources):
                    found = swings(question, change=change, solved=solved, progress=tell)
                return write_swings(found, out or Path("results") / f"{question.name}-sensitivity")

            page = interruptible(study)
        if not quiet:
            typer.echo(f"Report: {page}")
