"""One virtual environment a peer, made when first needed, so that no peer meets another."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

WORKERS = Path(__file__).parent / "workers"


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer: the script that runs it, the packages it needs, and what it cannot say."""

    name: str
    worker: str
    packages: tuple[str, ...]
    cannot: str = ""

    @property
    def environment(self) -> str:
        return self.packages[0].split("=")[0].split("<")[0]


ALONE = "on/off choices, whole heads, a bound"
ONE_BUDGET = "on/off choices, hours beside money, a bound"
PEERS = (
    Peer("scipy SLSQP", "scipy_slsqp", ("scipy", "numpy"), ALONE),
    Peer("scipy SLSQP, 20 starts", "scipy_multistart", ("scipy", "numpy"), ALONE),
    Peer("scipy differential evolution", "scipy_evolution", ("scipy", "numpy"), ALONE),
    Peer("nlopt AUGLAG + MMA, as Robyn", "nlopt_auglag", ("nlopt", "numpy"), ONE_BUDGET),
    Peer("OR-Tools SCIP on chords", "ortools_chords", ("ortools", "numpy"), "how far its chords are off the curves"),
    Peer("pymc-marketing BudgetOptimizer", "pymc_budget", ("pymc-marketing",), ONE_BUDGET),
    Peer("Meridian grid search", "meridian_grid", ("google-meridian",), ONE_BUDGET),
)


class Unavailable(RuntimeError):
    """The peer could not be installed here; the message says why."""


def python(peer: Peer, cache: Path) -> Path:
    """The interpreter of the peer's environment, with its packages.

    Raises
    ------
    Unavailable
        If its packages cannot be installed.
    """
    folder = cache / peer.environment
    interpreter = folder / "bin" / "python"
    if not interpreter.exists():
        _run([sys.executable, "-m", "venv", str(folder)])
    missing = subprocess.run(
        [str(interpreter), "-m", "pip", "show", "-q", *peer.packages], capture_output=True, check=False
    )
    if missing.returncode:
        _run([str(interpreter), "-m", "pip", "install", "-q", "--disable-pip-version-check", *peer.packages])
    return interpreter


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}")
