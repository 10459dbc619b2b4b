"""`allocator assess`."""

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


def assess(
    scenario: ScenarioFile,
    plan: Annotated[
        Path | None,
        typer.Option(metavar="PLAN", help="A plan table or a results folder.", show_default="the best plan"),
    ] = None,
    shocks: Annotated[int, typer.Option(min=2, metavar="N", help="Fresh shocks to value the plan on.")] = 10_000,
    samples: Annotated[int, typer.Option(min=0, metavar="N", help="Samples of shocks to plan on anew.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same numbers.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder to write to.", show_default="results/<scenario>-assessment"),
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find how good a plan is under shocks it was not made on, and what of it hangs on the sample.

    Tables and a page are written to a folder.
    """
    with reported(debug):
        with progress(quiet) as tell:

            def study() -> Path:
                from allocator import files
                from allocator.reporting.assessment_page import write_assessment
                from allocator.solving.assessment import assess as assess_plan

                loaded: LoadedScenario[Scenario] = files.read(scenario)
                question = loaded.scenario
                given = files.read_plan(plan, question) if plan is not None else None
                with placed(loaded.sources):
                    found = assess_plan(question, given, shocks=shocks, samples=samples, seed=seed, progress=tell)
                return write_assessment(found, out or Path("results") / f"{question.name}-assessment")

            page = interruptible(study)
        if not quiet:
            typer.echo(f"Report: {page}")
