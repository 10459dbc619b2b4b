"""Mistakes found after reading, at the file and line they are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from allocator.domain.errors import Infeasible, InvalidInput

if TYPE_CHECKING:
    from allocator.files import Sources


@contextmanager
def placed(sources: Sources) -> Iterator[None]:
    """Say of what goes wrong in the block where in the scenario's files it stands."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(sources.placed(error.mistakes)) from None
    except Infeasible as error:
        raise error.placed(sources.place) from None
