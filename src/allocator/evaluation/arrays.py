"""Array types, and sums by index."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DUST = 1e-6
"""Shares of a cell, and spends as shares of their maximum, below this are numerical dust, not actions."""


def sums(index: Ints, amounts: Floats, size: int) -> Floats:
    """Sum of ``amounts`` at each index 0..size-1, [size]."""
    return np.asarray(np.bincount(index, amounts, size), dtype=float)
