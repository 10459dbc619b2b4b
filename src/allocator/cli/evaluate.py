"""`allocator evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allocator.cli.failures import reported
from allocator.cli.interrupt import interruptible
from allocator.cli.options import Debug, Quiet, ScenarioFile

if TYPE_CHECKING:
    from allocator.domain.evaluation import Evaluation


def evaluate(
    scenario: ScenarioFile,
    plan: Annotated[
        Path, typer.Option("--plan", metavar="PLAN", help="The plan: a table, or a results folder.", show_default=False)
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder to write the tables to.", show_default="none is written")
    ] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Work out what a plan of your own gives.

    Its exact consequences are computed, and the limits that it breaks are listed.
    """
    with reported(debug):

        def read_and_evaluate() -> Evaluation:
            from allocator import engine

            return engine.evaluate_files(scenario, plan, out)

        evaluation = interruptible(read_and_evaluate)
        if not quiet:
            from allocator.cli import output

            output.show_evaluation(evaluation)
