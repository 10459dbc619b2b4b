"""Units of work: done in parallel, kept as they finish, and not done twice."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from typing import Generic, TypeVar

from allocator.benchmarking.store import Store
from allocator.domain.base import Frozen

Record = TypeVar("Record", bound=Frozen)
Progress = Callable[[int, int, str], None]
"""Told (units done, units to do in this stage, what was done last); once before the first."""


@dataclass(frozen=True, slots=True)
class Unit(Generic[Record]):
    """A task that leaves a record, the name that its inputs give it, and words for people."""

    key: str
    task: Callable[[], Record]
    label: str


class Schedule:
    """Does units, in this process or in others, and keeps what they leave."""

    def __init__(self, store: Store, pool: Executor | None, progress: Progress) -> None:
        self._store, self._pool, self._progress = store, pool, progress

    def records(self, units: Sequence[Unit[Record]], kind: type[Record]) -> list[Record]:
        """The units' records in their order; those that are kept already are not done again."""
        missing = list({unit.key: unit for unit in units if self._store.get(unit.key, kind) is None}.values())
        done, total = 0, len(missing)
        self._progress(done, total, "")
        for unit, finished in self._finished(missing):
            self._store.put(unit.key, finished)
            done += 1
            self._progress(done, total, unit.label)
        return [self._store.of(unit.key, kind) for unit in units]

    def _finished(self, units: Sequence[Unit[Record]]) -> Iterator[tuple[Unit[Record], Record]]:
        """Units with their records as they finish."""
        if self._pool is None:
            yield from ((unit, unit.task()) for unit in units)
            return
        running = {self._pool.submit(work, unit.task): unit for unit in units}
        try:
            for future in as_completed(running):
                yield running[future], future.result()
        finally:
            for future in running:
                future.cancel()


def work(task: Callable[[], Record]) -> Record:
    """Do a task; a function of its own, so that it can be sent to another process."""
    return task()


@contextmanager
def pool_of(workers: int, executor: Executor | None) -> Iterator[Executor | None]:
    """The executor given, processes of our own, or None for this process.

    Processes start afresh, because a solver's threads do not survive a fork.
    """
    if executor is not None or workers == 1:
        yield executor
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin) as pool:
        yield pool


def _begin() -> None:
    """Leave Ctrl-C to the process that asked for the work, and end when it ends, in whatever way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker waits for its next unit for ever: its own end of the queue keeps that open."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
