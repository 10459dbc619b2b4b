"""Fixtures shared by the tests of reporting."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import synthetic

from allocator.domain.result import Result


@pytest.fixture(scope="session")
def full() -> Result:
    """A result with every table filled."""
    return synthetic.result()


@pytest.fixture(scope="session")
def plain() -> Result:
    """A result with nothing optional in it."""
    return synthetic.plain_result()
