"""Peak memory of a process."""

from __future__ import annotations

import resource
import sys


def peak() -> float:
    """Most memory this process has held, in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 1024
