"""A folder that appears whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from allocator.domain.errors import InvalidInput, Mistake

SUMMARY = "summary.json"


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into; when the block ends without error, it takes the place of ``folder``.

    On an error nothing is left behind and an existing ``folder`` stays as it was. Files in it that no
    run wrote (its summary lists those that one did) are kept.

    Raises
    ------
    InvalidInput
        If ``folder`` is a file, cannot be written, or holds files but no results: it could be anything.
    """
    folder = folder.resolve()
    check_folder(folder)
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise _unwritable(folder, error.strerror or "") from error
    try:
        yield partial
        _swap(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_folder(folder: Path) -> None:
    """Refuse a folder that results cannot be written to, as far as can be told without writing.

    Raises
    ------
    InvalidInput
        As :func:`replacing`.
    """
    folder = folder.resolve()
    above = next(parent for parent in folder.parents if parent.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise _unwritable(folder, f"`{above}` is {'write-protected' if above.is_dir() else 'a file'}")
    holds_no_results = not folder.is_dir() or (any(folder.iterdir()) and not (folder / SUMMARY).is_file())
    if folder.exists() and holds_no_results:
        mistake = Mistake(
            ("out",), f"`{folder}` is there and holds no results", "a new or empty folder, or old results"
        )
        raise InvalidInput([mistake])


def _unwritable(folder: Path, why: str) -> InvalidInput:
    return InvalidInput([Mistake(("out",), f"`{folder}` cannot be written: {why}", "a folder that can be made")])


def _swap(partial: Path, folder: Path) -> None:
    if not folder.exists():
        partial.rename(folder)
        return
    before = folder.with_name(f".{folder.name}.{os.getpid()}.before")
    folder.rename(before)
    try:
        partial.rename(folder)
    except OSError:
        before.rename(folder)
        raise
    for kept in _foreign(before, folder):
        kept.rename(folder / kept.name)
    shutil.rmtree(before, ignore_errors=True)


def _foreign(before: Path, folder: Path) -> list[Path]:
    """What lies in the old results that no run wrote and the new results do not have."""
    if not (before / SUMMARY).is_file():
        return []
    summary = json.loads((before / SUMMARY).read_text(encoding="utf-8"))
    written = set(summary.get("files", ()))
    return [entry for entry in before.iterdir() if entry.name not in written and not (folder / entry.name).exists()]
