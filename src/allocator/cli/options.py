"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's YAML file.", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print mistakes and failures only.")]
Debug = Annotated[bool, typer.Option("--debug", help="On a failure of this program, show the full traceback.")]
