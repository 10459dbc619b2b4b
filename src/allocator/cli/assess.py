"""`allocator assess`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allocator.cli.carrying_out import carry_out, show_study
from allocator.cli.options import Debug, Quiet, ScenarioFile, Seed, folder
from allocator.cli.progress import Tell

if TYPE_CHECKING:
    from allocator.solving.assessment import Assessment
    from allocator.studies import Written


def assess(
    scenario: ScenarioFile,
    plan: Annotated[
        Path | None,
        typer.Option(metavar="PLAN", help="A plan table or a results folder.", show_default="the best plan"),
    ] = None,
    shocks: Annotated[
        int | None,
        typer.Option(
            min=2,
            metavar="N",
            help="Fresh shocks to value the plan on.",
            show_default="10,000; 200 with recourse and generate",
        ),
    ] = None,
    samples: Annotated[int, typer.Option(min=0, metavar="N", help="Samples of shocks to plan on anew.")] = 10,
    seed: Seed = 0,
    out: Annotated[Path | None, folder("results/<scenario>-assessment")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Try a plan on shocks it was not made on.

    Also how far it can be from the best, and what of it hangs on the sample of shocks. Tables and a page are
    written to a folder.
    """

    def study(tell: Tell) -> Written[Assessment]:
        from allocator import studies

        return studies.assess(scenario, out, plan=plan, shocks=shocks, samples=samples, seed=seed, progress=tell)

    carry_out(study, show_study, quiet=quiet, debug=debug)
