"""The command `allocator` and the list of its subcommands."""

from __future__ import annotations

import gc
import io
import sys
from typing import Annotated

import typer

from allocator.cli.assess import assess
from allocator.cli.benchmark import benchmark
from allocator.cli.check import check
from allocator.cli.evaluate import evaluate
from allocator.cli.frontier import frontier
from allocator.cli.run import run
from allocator.cli.sensitivity import sensitivity

COMMANDS = (run, check, evaluate, frontier, sensitivity, assess, benchmark)
"""A new command is one module with one function, and its name here."""

_OBJECTS = 50_000
"""New objects after which the collector looks for garbage: imports and tables make many, and most of them stay."""

app = typer.Typer(
    name="allocator",
    help="Plan sales, service and marketing capacity over customer value segments, with a proven gap.",
    epilog="Exit status: 0 solved; 2 the input is wrong; 3 infeasible; 4 stopped early with a plan; "
    "5 stopped with none; 1 a failure of this program; 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: it loads in half the time, and reads the same in a pipe
    pretty_exceptions_enable=False,
)
for command in COMMANDS:
    app.command()(command)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"allocator {version('allocator')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without a sign for it must not end the run
    gc.set_threshold(_OBJECTS)
    try:
        app()
    finally:
        gc.freeze()  # a process that ends need not be looked through for garbage first
