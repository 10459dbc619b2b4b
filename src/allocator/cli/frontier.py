"""`allocator frontier`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allocator.cli.carrying_out import carry_out, show_study
from allocator.cli.options import Debug, Quiet, ScenarioFile, folder
from allocator.cli.progress import Tell

if TYPE_CHECKING:
    from allocator.solving.frontier import Frontier
    from allocator.studies import Written


def frontier(
    scenario: ScenarioFile,
    points: Annotated[int, typer.Option(min=2, metavar="N", help="Points, the two ends included.")] = 30,
    against: Annotated[
        str, typer.Option(metavar="LIMIT", help="What equity is held against: cvar, budget:NAME or rule:NAME.")
    ] = "cvar",
    out: Annotated[Path | None, folder("results/<scenario>-frontier")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Trade customer equity against one limit.

    The most equity at each of a row of values of the limit, from where it costs nothing to the tightest. A table, a
    page with a plot and one plan per point are written to a folder.
    """

    def study(tell: Tell) -> Written[Frontier]:
        from allocator import studies

        return studies.frontier(scenario, out, against=against, points=points, progress=tell)

    carry_out(study, show_study, quiet=quiet, debug=debug)
