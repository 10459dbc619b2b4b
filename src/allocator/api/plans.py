"""The verbs around one plan: find the best, work out what any gives, live one through."""

from __future__ import annotations

from allocator.api.arguments import check
from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.result import Result
from allocator.domain.scenario import Scenario
from allocator.engine import solve_scenario
from allocator.evaluation import Simulation
from allocator.evaluation import evaluate as evaluate_plan
from allocator.evaluation import simulate as simulate_plan
from allocator.evaluation.simulation.luck import Shocks


def solve(scenario: Scenario) -> Result:
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
    check(scenario)
    return solve_scenario(scenario)


def evaluate(scenario: Scenario, plan: Plan) -> Evaluation:
    """Exact consequences of any plan: flows, hours, cash, equity, and each limit that it breaks.

    Raises
    ------
    InvalidInput
        If the scenario does not fit together, or the plan names what the scenario does not have.
    """
    check(scenario, plan)
    return evaluate_plan(scenario, plan)


def simulate(
    scenario: Scenario,
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
    check(scenario, plan)
    return simulate_plan(
        scenario,
        plan,
        replications=replications,
        seed=seed,
        shocks=shocks,
        response_error=response_error,
        workers=workers,
    )
