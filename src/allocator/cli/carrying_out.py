"""What all commands share: do the work, show what came of it, end in words and with a status."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar

from allocator.cli.failures import reported
from allocator.cli.interrupt import interruptible
from allocator.cli.progress import progress

if TYPE_CHECKING:
    from allocator.studies import Written

Answer = TypeVar("Answer")
Tell = TypeVar("Tell")


def carry_out(
    work: Callable[[Tell], Answer],
    show: Callable[[Answer], None],
    *,
    quiet: bool,
    debug: bool,
    telling: Callable[[bool], AbstractContextManager[Tell]] = progress,  # type: ignore[assignment]
) -> Answer:
    """Do ``work`` with somebody to tell how far it is, and ``show`` the answer unless ``quiet``."""
    with reported(debug), warnings.catch_warnings():
        if not debug:  # numbers that overflow are told in the planner's words
            warnings.simplefilter("ignore", RuntimeWarning)
        with telling(quiet) as tell:
            answer = interruptible(lambda: work(tell))
        if not quiet:
            show(answer)
    return answer


def show_study(study: Written[object]) -> None:
    """What was found in words, and where the page is, on stdout."""
    import typer

    for sentence in study.sentences:
        typer.echo(sentence)
    typer.echo(f"Report: {study.page}")
