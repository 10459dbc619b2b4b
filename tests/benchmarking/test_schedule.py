"""Processes that do the work end with the one that asked for it."""

import subprocess
import sys

import pytest

PARENT = """
import os
from allocator.benchmarking.schedule import pool_of

if __name__ == "__main__":
    with pool_of(2, None) as pool:
        print(pool.submit(abs, -7).result(), flush=True)
        {end}
"""


@pytest.mark.parametrize("end", ["os._exit(130)", "os.kill(os.getpid(), 9)"])
def test_no_worker_outlives_its_parent(tmp_path, end):
    """Left through the back door, as after Ctrl-C in the middle of a solve, and killed. The output is at its end only
    when the last process that could write to it has ended."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(end=end))
    ended = subprocess.run([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, check=False, timeout=60)
    assert ended.stdout == "7\n"
    assert ended.returncode != 0
