"""The cyclic garbage collector, out of the way while many objects are made and few are dropped."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_COLLECTED = 100_000
"""Objects, more than are given back, between two rounds where the collector is spared."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector; it would look through all that was built so far, again and again.

    After it, what was built counts as old, for it stays: otherwise the collector would go through it at once.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


@contextmanager
def collector_spared() -> Iterator[None]:
    """Spare the collector what is built already, and let it wait for many new objects, such as the plans of points:
    going over them again and again takes longer than making them."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECTED, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
