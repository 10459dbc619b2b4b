"""The Python API: read or build a scenario, solve it, evaluate plans on it, and ask further.

The studies are imported when they are called: they need libraries that a solve does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pandas as pd

from allocator import files
from allocator.domain.checks import validate
from allocator.domain.errors import Infeasible, InvalidInput
from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.result import Result
from allocator.domain.scenario import Scenario as DomainScenario
from allocator.engine import RunOutcome, run, solve_scenario
from allocator.evaluation import Simulation
from allocator.evaluation import evaluate as evaluate_plan
from allocator.evaluation import simulate as simulate_plan
from allocator.evaluation.simulation.luck import Shocks

if TYPE_CHECKING:
    from allocator.benchmarking import Benchmark
    from allocator.policies import Policy
    from allocator.solving.assessment import Assessment
    from allocator.solving.frontier import Frontier
    from allocator.solving.swings import Swings

__all__ = [
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


def simulate(
    scenario: DomainScenario,
    plan: Plan,
    *,
    replications: int = 1000,
    seed: int = 0,
    shocks: Shocks | None = "fresh",
    response_error: float = 0.0,
    workers: int = 1,
) -> Simulation:
    """Live a plan through many times with whole customers, who move by chance.

    Parameters
    ----------
    scenario, plan
        What :func:`evaluate` takes.
    replications
        Lives, at least 1.
    seed
        Same seed, same numbers, whatever the number of ``workers``.
    shocks
        ``fresh``: new ones, one a life; ``given``: drawn from those the scenario plans with; None: none.
    response_error
        Standard deviation of the logarithm of the factor, with mean one, on all curves of each lever in a life.
    workers
        Processes to use.

    Raises
    ------
    InvalidInput
        As :func:`evaluate`.
    ValueError
        If a number is out of range.
    """
    validate(scenario)
    return simulate_plan(
        scenario,
        plan,
        replications=replications,
        seed=seed,
        shocks=shocks,
        response_error=response_error,
        workers=workers,
    )


def frontier(scenario: DomainScenario, *, against: str = "cvar", points: int = 30) -> Frontier:
    """The most customer equity at each of a row of values of one limit.

    Parameters
    ----------
    scenario
        The question; its risk aversion is left out, for the limit takes its place.
    against
        ``cvar``, ``budget:NAME`` or ``rule:NAME`` (a rule's name, or its kind).
    points
        How many, at least 2, from where the limit costs nothing to the tightest that any plan keeps.

    Returns
    -------
    Points with plan, equity and proven bound; ``table()`` is frontier.csv, ``evaluation(point)`` all about a plan.

    Raises
    ------
    InvalidInput
        If there is no such limit, the objective is not equity, or CVaR is asked for without shocks.
    Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        As :func:`solve`; the time limit is that of each point.
    """
    from allocator.solving.frontier import frontier as sweep

    validate(scenario)
    return sweep(scenario, against=against, points=points)


def sensitivity(scenario: DomainScenario, *, change: float = 0.2, solved: int = 10) -> Swings:
    """What the plan hangs on: each response, margin and retention lower and higher by the share ``change``.

    For the ``solved`` inputs that matter most the best plan is found again.

    Raises
    ------
    InvalidInput
        If the objective is not equity.
    Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        As :func:`solve`.
    """
    from allocator.solving.swings import swings

    validate(scenario)
    return swings(scenario, change=change, solved=solved)


def assess(
    scenario: DomainScenario, plan: Plan | None = None, *, shocks: int | None = None, samples: int = 10, seed: int = 0
) -> Assessment:
    """How good a plan is on shocks that it was not made on, and how far from the best.

    Parameters
    ----------
    scenario
        The question, with shocks.
    plan
        By default the best one for the scenario's own shocks.
    shocks
        Fresh shocks to value it on, at least 2; by default 10,000, and 200 with recourse and generated shocks,
        where the treatments that are best with what the plan commits to are worked out for each.
    samples
        Samples of shocks to plan on anew, each as large as the scenario's.
    seed
        Same seed, same numbers.

    Raises
    ------
    InvalidInput
        If the scenario has no shocks, its objective is not equity, or the plan does not fit it; with recourse, if
        something couples the treatments of different shock scenarios.
    Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        As :func:`solve`.
    """
    from allocator.solving.assessment import assess as value

    validate(scenario)
    return value(scenario, plan, shocks=shocks, samples=samples, seed=seed)


def benchmark(
    scenarios: DomainScenario | Sequence[DomainScenario],
    policies: Sequence[str | Policy] = (),
    *,
    replications: int = 1000,
    shocks: Shocks | None = "fresh",
    seed: int = 0,
    workers: int = 1,
    out: str | Path | None = None,
    executor: Executor | None = None,
) -> Benchmark:
    """Let policies plan scenarios, and live all plans through on the same shocks.

    Parameters
    ----------
    scenarios
        One, or several with different names.
    policies
        Names, or policies of your own; all there are where none is given.
    replications
        Lives of each plan, at least 2.
    shocks, seed
        As in :func:`simulate`.
    workers
        Processes; the numbers do not depend on how many.
    out
        Folder in which finished work is kept, and found again after a stop.
    executor
        Does the work instead of processes of our own, such as a dask client's ``get_executor()``.

    Raises
    ------
    InvalidInput
        If a scenario is wrong, or there is no policy of some name.
    ValueError
        If two scenarios share a name, or a number is out of range.
    """
    from allocator import benchmarking
    from allocator.policies import choose

    asked = [scenarios] if isinstance(scenarios, DomainScenario) else list(scenarios)
    for scenario in asked:
        validate(scenario)
    chosen = [
        policy for one in policies for policy in (choose([one], solve_scenario) if isinstance(one, str) else [one])
    ]
    settings = benchmarking.BenchmarkSettings(replications, shocks, seed)
    folder = None if out is None else Path(out)
    return benchmarking.benchmark(
        asked,
        chosen or choose([], solve_scenario),
        settings=settings,
        workers=workers,
        out=folder,
        executor=executor,
    )
