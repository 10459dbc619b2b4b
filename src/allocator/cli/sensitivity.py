"""`allocator sensitivity`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allocator.cli.carrying_out import carry_out, show_study
from allocator.cli.options import Debug, Quiet, ScenarioFile, folder
from allocator.cli.progress import Tell

if TYPE_CHECKING:
    from allocator.solving.swings import Swings
    from allocator.studies import Written


def sensitivity(
    scenario: ScenarioFile,
    change: Annotated[
        float, typer.Option(min=0.001, max=0.999, metavar="SHARE", help="How far each input is changed.")
    ] = 0.2,
    solved: Annotated[
        int, typer.Option(min=0, metavar="N", help="Solve again for so many inputs, those that matter most.")
    ] = 10,
    out: Annotated[Path | None, folder("results/<scenario>-sensitivity")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find the inputs that the plan hangs on.

    Also how wide a box around the current plan matters. Tables and a page with a plot are written to a folder.
    """

    def study(tell: Tell) -> Written[Swings]:
        from allocator import studies

        return studies.sensitivity(scenario, out, change=change, solved=solved, progress=tell)

    carry_out(study, show_study, quiet=quiet, debug=debug)
