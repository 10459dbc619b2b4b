"""The Python API: read or build a scenario, solve it, evaluate plans on it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import pandas as pd

from allocator import files
from allocator.domain.checks import validate
from allocator.domain.errors import Infeasible, InvalidInput
from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.result import Result
from allocator.domain.scenario import Scenario as DomainScenario
from allocator.engine import RunOutcome, run, solve_scenario
from allocator.evaluation import evaluate as evaluate_plan

__all__ = [
    "Evaluation",
    "Infeasible",
    "InvalidInput",
    "Plan",
    "Result",
    "RunOutcome",
    "Scenario",
    "evaluate",
    "read_scenario",
    "run",
    "solve",
]


class Scenario(DomainScenario):
    """A planning question: read from files, or built in code from data frames."""

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a scenario file and all that it names.

        Raises
        ------
        InvalidInput
            With every mistake in every file, each with file, line and column.
        """
        return files.read_scenario(path, into=cls)

    @classmethod
    def from_frames(
        cls,
        *,
        segments: pd.DataFrame,
        transitions: pd.DataFrame,
        responses: pd.DataFrame | None = None,
        treated: pd.DataFrame | None = None,
        shocks: pd.DataFrame | None = None,
        model: dict[str, object],
        scenario: dict[str, object],
    ) -> Self:
        """Build a scenario from the tables of the file format and the two mappings around them.

        ``model`` and ``scenario`` have the keys of model.yaml and scenario.yaml, without those that
        name a table; the frames have the columns of the files of their names.

        Raises
        ------
        InvalidInput
            With every mistake found.
        """
        tables = {"segments": segments, "transitions": transitions, "responses": responses, "treated": treated}
        given = {name: frame for name, frame in tables.items() if frame is not None}
        return files.scenario_from_frames(given, model, scenario, shocks=shocks, into=cls)


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario file; see :meth:`Scenario.read`."""
    return Scenario.read(path)


def solve(scenario: DomainScenario) -> Result:
    """Find the best plan and prove how good it is.

    Returns
    -------
    The plan, its exact evaluation (tables are data frames), prices, bound and gap.

    Raises
    ------
    InvalidInput
        If the scenario, built in code, does not fit together.
    Infeasible
        If no plan meets all requirements; says which clash and what would restore a plan.
    Unbounded, StoppedWithoutPlan, InternalError
        See :mod:`allocator.domain.errors`.
    """
    validate(scenario)
    return solve_scenario(scenario)


def evaluate(scenario: DomainScenario, plan: Plan) -> Evaluation:
    """Exact consequences of any plan: flows, hours, cash, equity, and each limit that it breaks.

    Raises
    ------
    InvalidInput
        If the scenario does not fit together, or the plan names what the scenario does not have.
    """
    validate(scenario)
    return evaluate_plan(scenario, plan)
