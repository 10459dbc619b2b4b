"""The Python API: read or build a scenario, solve it, evaluate plans on it, and ask further."""

from allocator.api.plans import evaluate, simulate, solve
from allocator.api.scenario import Scenario, read_scenario
from allocator.api.studies import assess, benchmark, frontier, sensitivity
from allocator.domain.errors import AllocatorError, Infeasible, InvalidInput
from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.result import Result
from allocator.engine import RunOutcome, run
from allocator.evaluation import Simulation

__all__ = [
    "AllocatorError",
    "Evaluation",
    "Infeasible",
    "InvalidInput",
    "Plan",
    "Result",
    "RunOutcome",
    "Scenario",
    "Simulation",
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
