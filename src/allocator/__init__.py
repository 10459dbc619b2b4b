"""Customer-portfolio resource allocation to a proven gap.

The names below are the Python API. They are imported when first used, so that ``import allocator``
and ``allocator --help`` stay quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allocator.api import (
        AllocatorError,
        Evaluation,
        Infeasible,
        InvalidInput,
        Plan,
        Result,
        Scenario,
        Simulation,
        assess,
        benchmark,
        evaluate,
        frontier,
        read_scenario,
        run,
        sensitivity,
        simulate,
        solve,
    )

    __version__: str

__all__ = [
    "AllocatorError",
    "Evaluation",
    "Infeasible",
    "InvalidInput",
    "Plan",
    "Result",
    "Scenario",
    "Simulation",
    "__version__",
    "assess",
    "benchmark",
    "evaluate",
    "frontier",
    "read_scenario",
    "run",
    "sensitivity",
    "simulate",
    "solve",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module("importlib.metadata").version("allocator")
    if name in __all__:
        return getattr(import_module("allocator.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
