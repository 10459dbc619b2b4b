"""What the engine is doing, while it does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str, str], None]
"""Called by the engine with the stage (load, build, solve, ...) and a word about it, which may be empty."""


def _say_nothing(stage: str, message: str) -> None:
    pass


@contextmanager
def progress(quiet: bool) -> Iterator[Tell]:
    """Show the last message on stderr while the block runs, if that is a terminal and ``quiet`` is off."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield _say_nothing
        return
    with console.status("load") as status:
        yield lambda stage, message: status.update(Text(f"{stage}: {message}" if message else stage))
