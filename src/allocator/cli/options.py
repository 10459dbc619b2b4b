"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's YAML file.", show_default=False)]
Seed = Annotated[int, typer.Option(min=0, metavar="SEED", help="Same seed, same numbers.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print mistakes and failures only.")]
Debug = Annotated[bool, typer.Option("--debug", help="On a failure of this program, show the full traceback.")]


def folder(default: str) -> Any:
    """The option for the folder that a command writes to; ``default`` in words."""
    return typer.Option(metavar="DIR", help="Folder to write to.", show_default=default)
