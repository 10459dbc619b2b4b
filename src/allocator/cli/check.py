"""`allocator check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocator.cli.failures import reported
from allocator.cli.interrupt import interruptible
from allocator.cli.options import Debug, Quiet, ScenarioFile

if TYPE_CHECKING:
    from allocator.domain.scenario import Scenario


def check(scenario: ScenarioFile, quiet: Quiet = False, debug: Debug = False) -> None:
    """List every mistake in a scenario.

    Its model and all tables are read too. Nothing is solved or written.
    """
    with reported(debug):

        def read() -> Scenario:
            from allocator import engine

            return engine.check(scenario)

        found = interruptible(read)
        if not quiet:
            from allocator.cli import output

            output.show_scenario(found)
