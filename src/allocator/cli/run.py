"""`allocator run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allocator.cli.carrying_out import carry_out
from allocator.cli.failures import STOPPED_WITH_PLAN
from allocator.cli.options import Debug, Quiet, ScenarioFile, folder
from allocator.cli.progress import Tell

if TYPE_CHECKING:
    from allocator.engine import RunOutcome


Gap = Annotated[
    float | None,
    typer.Option(min=0.0, metavar="G", help="Stop at this proven relative gap.", show_default="the scenario's"),
]
TimeLimit = Annotated[
    float | None,
    typer.Option(min=0.01, metavar="S", help="Stop after so many seconds.", show_default="the scenario's"),
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Processor threads to use.", show_default="the scenario's"),
]
Worth = Annotated[
    bool | None,
    typer.Option(
        "--worth/--no-worth",
        help="Solve again around the plan: what each limit is worth.",
        show_default="the scenario's",
    ),
]


def run(
    scenario: ScenarioFile,
    out: Annotated[Path | None, folder("results/<scenario>")] = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    threads: Threads = None,
    worth: Worth = None,
    html: Annotated[bool, typer.Option("--html/--no-html", help="Write report.html.")] = True,
    xlsx: Annotated[bool, typer.Option("--xlsx/--no-xlsx", help="Write report.xlsx.")] = True,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find the best plan and prove how good it is.

    Tables and a report are written to a folder.
    """

    def solve_and_write(tell: Tell) -> RunOutcome:
        from allocator import engine

        return engine.run(
            scenario,
            out,
            gap=gap,
            time_limit=time_limit,
            threads=threads,
            worth=worth,
            html=html,
            xlsx=xlsx,
            progress=tell,
        )

    def show(outcome: RunOutcome) -> None:
        from allocator.cli import output

        output.show_run(outcome)

    outcome = carry_out(solve_and_write, show, quiet=quiet, debug=debug)
    if outcome.result.status == "stopped":
        raise typer.Exit(STOPPED_WITH_PLAN)
