"""Exact recomputation of what a plan gives, apart from formulation and solver.

Everything is worked out from the file format and the design: flows, hours, cash, equity, rules, risk. The
only code shared with the formulation is that of the domain, the response curves and the shock sets.
"""

from allocator.evaluation.evaluator import Evaluator, Outcome
from allocator.evaluation.judge import Judge, Verdict
from allocator.evaluation.plan_arrays import PlanArrays
from allocator.evaluation.plans import evaluate
from allocator.evaluation.readings import Reading
from allocator.evaluation.risk import RiskStatistics, cvar, risk_statistics
from allocator.evaluation.simulation import Simulation, simulate
from allocator.evaluation.trajectory import Trajectory

__all__ = [
    "Evaluator",
    "Judge",
    "Outcome",
    "PlanArrays",
    "Reading",
    "RiskStatistics",
    "Simulation",
    "Trajectory",
    "Verdict",
    "cvar",
    "evaluate",
    "risk_statistics",
    "simulate",
]
