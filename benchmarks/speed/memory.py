"""Peak memory and processor time of a process."""

from __future__ import annotations

import resource
import sys


def peak() -> float:
    """Most memory this process has held, in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 1024


def processor() -> float:
    """Seconds of processor time this process has used, on all cores; other work on the machine does not count."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
