"""Every way to end other than well: words on stderr and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from allocator.cli.interrupt import still_working
from allocator.domain.errors import Infeasible, Intractable, InvalidInput, StoppedWithoutPlan, Unbounded

INTERNAL_FAILURE = 1
WRONG_INPUT = 2
INFEASIBLE = 3
STOPPED_WITH_PLAN = 4
STOPPED_WITHOUT_PLAN = 5
INTERRUPTED = 130


@contextmanager
def reported(debug: bool) -> Iterator[None]:
    """Turn what goes wrong in the block into words on stderr and the exit status that the README lists.

    Parameters
    ----------
    debug
        Show the traceback of a failure of this program.
    """
    try:
        yield
    except (typer.Exit, BrokenPipeError):
        raise
    except InvalidInput as error:
        _say_mistakes(error)
        raise typer.Exit(WRONG_INPUT) from error
    except (Unbounded, Intractable) as error:
        _say(str(error))
        raise typer.Exit(WRONG_INPUT) from error
    except Infeasible as error:
        _say_clashes(error)
        raise typer.Exit(INFEASIBLE) from error
    except StoppedWithoutPlan as error:
        _say(str(error))
        raise typer.Exit(STOPPED_WITHOUT_PLAN) from error
    except KeyboardInterrupt:
        _say("Interrupted.")
        _leave_interrupted()
    except Exception as error:
        _say_failure(error, debug)
        raise typer.Exit(INTERNAL_FAILURE) from error


def _say(text: str) -> None:
    """One line on stderr, whatever the text."""
    typer.echo(" ".join(text.split()), err=True)


def _say_mistakes(error: InvalidInput) -> None:
    for mistake in error.mistakes:
        _say(str(mistake))
    count = len(error.mistakes)
    _say(f"{count} mistake{'' if count == 1 else 's'} found.")


def _say_clashes(error: Infeasible) -> None:
    from allocator.cli import output

    _say(f"Infeasible: {error}")
    output.show_clashes(error.clashes, error.changes)


def _say_failure(error: Exception, debug: bool) -> None:
    if debug:
        import traceback

        traceback.print_exception(error)
    advice = "" if debug else " Run again with --debug for the traceback."
    _say(f"Internal failure: {type(error).__name__}: {error}")
    _say(f"This is a mistake of allocator, not of your files; please report it as the README says.{advice}")


def _leave_interrupted() -> NoReturn:
    """End the process; without the usual clean-up where the solver's threads would crash in it."""
    if still_working():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    raise typer.Exit(INTERRUPTED)
