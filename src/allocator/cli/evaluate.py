"""`allocator evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allocator.cli.carrying_out import carry_out
from allocator.cli.options import Debug, Quiet, ScenarioFile
from allocator.cli.progress import Tell

if TYPE_CHECKING:
    from allocator.engine import Evaluated


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

    def read_and_evaluate(tell: Tell) -> Evaluated:
        from allocator import engine

        tell("evaluate", str(plan))
        return engine.evaluate_files(scenario, plan, out)

    def show(evaluated: Evaluated) -> None:
        from allocator.cli import output

        output.show_evaluation(evaluated, out)

    carry_out(read_and_evaluate, show, quiet=quiet, debug=debug)
