"""What HiGHS answers: how a run ended, and the solutions of linear and of mixed-integer programs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Outcome(Enum):
    """What a run of HiGHS ended with."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    UNBOUNDED_OR_INFEASIBLE = "unbounded or infeasible"
    STOPPED = "stopped"


OUTCOMES = {
    highspy.HighsModelStatus.kOptimal: Outcome.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Outcome.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Outcome.UNBOUNDED,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Outcome.UNBOUNDED_OR_INFEASIBLE,
    highspy.HighsModelStatus.kTimeLimit: Outcome.STOPPED,
    highspy.HighsModelStatus.kIterationLimit: Outcome.STOPPED,
    highspy.HighsModelStatus.kSolutionLimit: Outcome.STOPPED,
    highspy.HighsModelStatus.kInterrupt: Outcome.STOPPED,
    highspy.HighsModelStatus.kObjectiveBound: Outcome.STOPPED,
    highspy.HighsModelStatus.kObjectiveTarget: Outcome.STOPPED,
}


@dataclass(frozen=True, slots=True)
class LpAnswer:
    """Primal and dual solution of a linear program that is maximised.

    ``dual`` of a row is the gain in the objective per unit more of its right side. Empty unless optimal.
    """

    outcome: Outcome
    objective: float
    value: Floats
    dual: Floats


@dataclass(frozen=True, slots=True)
class MipAnswer:
    """Best solution and proven bound of a mixed-integer program; ``value`` is None where none was found."""

    outcome: Outcome
    objective: float
    bound: float
    value: Floats | None
