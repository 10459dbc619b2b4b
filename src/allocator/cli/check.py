"""`allocator check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocator.cli.carrying_out import carry_out
from allocator.cli.options import Debug, Quiet, ScenarioFile
from allocator.cli.progress import Tell

if TYPE_CHECKING:
    from allocator.domain.scenario import Scenario


def check(scenario: ScenarioFile, quiet: Quiet = False, debug: Debug = False) -> None:
    """List every mistake in a scenario.

    Its model and all tables are read too. Nothing is solved or written.
    """

    def read(tell: Tell) -> Scenario:
        from allocator import engine

        tell("load", str(scenario))
        return engine.check(scenario)

    def show(found: Scenario) -> None:
        from allocator.cli import output

        output.show_scenario(found)

    carry_out(read, show, quiet=quiet, debug=debug)
