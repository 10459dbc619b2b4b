"""Ctrl-C while the solver computes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Answer = TypeVar("Answer")

GRACE = 1.0
"""Seconds that interrupted work has for unwinding."""

_NAME = "allocator-engine"


def interruptible(work: Callable[[], Answer]) -> Answer:
    """Do ``work`` in a thread of its own, and return or raise what it does.

    Python hears Ctrl-C only between two of its own instructions, and the solver computes for minutes
    outside Python. The main thread waits instead, and hears it at once; the work is then asked to
    unwind, so that nothing half written stays behind, and is left to itself if it does not.
    """
    from concurrent.futures import Future

    answer: Future[Answer] = Future()
    worker = threading.Thread(target=_deliver, args=(work, answer), name=_NAME, daemon=True)
    worker.start()
    try:
        return answer.result()
    except KeyboardInterrupt:
        _interrupt(worker)
        worker.join(GRACE)
        raise


def still_working() -> bool:
    """Whether interrupted work has not ended: the process cannot be left in the usual way."""
    return any(thread.name == _NAME for thread in threading.enumerate())


def _deliver(work: Callable[[], Answer], answer: Future[Answer]) -> None:
    try:
        result = work()
    except BaseException as error:  # whatever it is, it is raised again in the main thread
        answer.set_exception(error)
    else:
        answer.set_result(result)


def _interrupt(worker: threading.Thread) -> None:
    """Raise KeyboardInterrupt in ``worker`` when it next runs Python."""
    import ctypes

    if worker.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.ident), ctypes.py_object(KeyboardInterrupt))
