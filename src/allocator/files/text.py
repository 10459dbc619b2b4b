"""Bytes -> text, UTF-8 only, and the record of which files were read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from allocator.domain.errors import InvalidInput, Mistake, close
from allocator.files.positions import Position

BYTES_LIMIT = 500_000_000
"""Largest file that is read."""


class Files:
    """Reads files and remembers the digest of each."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        """File as it was named -> SHA-256 of its bytes, in the order of reading."""

    def read_bytes(self, path: str, named_at: Position | None) -> bytes:
        """Content of the file at ``path``.

        Raises
        ------
        InvalidInput
            If there is no such file or it cannot be read, at the place ``named_at`` that names it.
        """
        place = str(named_at) if named_at else path
        if not os.path.isfile(path):  # unlike Path, takes names that no system allows
            is_folder = os.path.isdir(path)
            message = f"`{path}` is a folder" if is_folder else f"file `{path}` not found"
            raise InvalidInput([Mistake((), message, "a file", "" if is_folder else _sibling(path), place)])
        try:
            if Path(path).stat().st_size > BYTES_LIMIT:
                raise InvalidInput([Mistake((), f"file `{path}` is larger than {BYTES_LIMIT:,} bytes", place=place)])
            data = Path(path).read_bytes()
        except OSError as error:
            message = f"file `{path}` cannot be read: {error.strerror}"
            raise InvalidInput([Mistake((), message, place=place)]) from error
        self.digests[path] = hashlib.sha256(data).hexdigest()
        return data

    def read_text(self, path: str, named_at: Position | None) -> str:
        """Text of a UTF-8 file, with or without a byte order mark."""
        return decode(self.read_bytes(path, named_at), path)


def decode(data: bytes, file: str) -> str:
    """UTF-8 text of ``data``; :class:`InvalidInput` names the line and the byte that does not belong in one."""
    try:
        text = data.decode("utf-8-sig")
        at = data.find(0)
    except UnicodeDecodeError as error:
        at = error.start
    if at < 0:
        return text
    position = Position(file, data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at))
    message = f"byte {at + 1} (0x{data[at]:02x}) is not UTF-8" if data[at] else f"byte {at + 1} is 0, which is no text"
    raise InvalidInput([Mistake((), message, "a file saved as UTF-8", "", str(position))])


def beside(position: Position, name: str) -> str:
    """Path of the file that is ``name``d at ``position``: relative names start from the naming file."""
    return os.path.normpath(Path(position.file).parent / name)


def _sibling(path: str) -> str:
    """A file of a similar name in the same folder."""
    folder = Path(path).parent
    readable = os.path.isdir(folder) and os.access(folder, os.R_OK)
    return close(Path(path).name, sorted(os.listdir(folder))) if readable else ""
