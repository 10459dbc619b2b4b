"""Finished units on disk, so that a benchmark that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from allocator.domain.base import Frozen
from allocator.domain.errors import InternalError

Record = TypeVar("Record", bound=Frozen)


def digest(**inputs: Any) -> str:
    """Name of the unit that these inputs, and the code of this package, lead to."""
    text = json.dumps({"code": _code(), **inputs}, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@cache
def _code() -> str:
    """Digest of the package's source files: nothing is kept from other code."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


class Store:
    """Records by digest, one file each; in memory only where there is no folder.

    A file is written under another name and then renamed, so that one that is there is whole. One that
    cannot be read counts as not there.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._seen: dict[str, Frozen] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def get(self, key: str, kind: type[Record]) -> Record | None:
        """The record, or None."""
        found = self._seen.get(key)
        if isinstance(found, kind):
            return found
        if self._folder is None:
            return None
        try:
            record = kind.model_validate_json((self._folder / f"{key}.json").read_bytes())
        except (OSError, ValidationError):
            return None
        self._seen[key] = record
        return record

    def of(self, key: str, kind: type[Record]) -> Record:
        """The record, which must be there."""
        record = self.get(key, kind)
        if record is None:
            raise InternalError(f"unit {key} of a benchmark was finished and is gone")
        return record

    def put(self, key: str, record: Frozen) -> None:
        """Keep a record."""
        self._seen[key] = record
        if self._folder is None:
            return
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(record.model_dump_json(by_alias=True))
            Path(name).replace(self._folder / f"{key}.json")
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
