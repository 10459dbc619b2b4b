"""The verbs of many solves, or of many plans. What they are made of is imported when they are called: it needs
libraries that a solve does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

from allocator.api.arguments import check, require, require_within
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.engine import solve_scenario
from allocator.evaluation.simulation.luck import Shocks

if TYPE_CHECKING:
    from allocator.benchmarking import Benchmark
    from allocator.policies import Policy
    from allocator.solving.assessment import Assessment
    from allocator.solving.frontier import Frontier
    from allocator.solving.swings import Swings


def frontier(scenario: Scenario, *, against: str = "cvar", points: int = 30) -> Frontier:
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
        If there is no such limit, spend is to be least, or CVaR is asked for without shocks.
    ValueError
        If there are fewer than two points.
    Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        As :func:`solve`; the time limit is that of each point.
    """
    from allocator.solving.frontier import frontier as sweep

    check(scenario)
    require_within("points", points, 2)
    return sweep(scenario, against=against, points=points)


def sensitivity(scenario: Scenario, *, change: float = 0.2, solved: int = 10) -> Swings:
    """What the plan hangs on: each response, margin and retention lower and higher by the share ``change``.

    For the ``solved`` inputs that matter most the best plan is found again.

    Raises
    ------
    ValueError
        If ``change`` is not between 0.001 and 0.999, or ``solved`` is negative.
    Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        As :func:`solve`.
    """
    from allocator.solving.swings import swings

    check(scenario)
    require_within("change", change, 0.001, 0.999)
    require_within("solved", solved, 0)
    return swings(scenario, change=change, solved=solved)


def assess(
    scenario: Scenario, plan: Plan | None = None, *, shocks: int | None = None, samples: int = 10, seed: int = 0
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
        If the scenario has no shocks, or the plan does not fit it.
    ValueError
        If a number is out of range.
    Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        As :func:`solve`.
    """
    from allocator.solving.assessment import assess as value

    check(scenario, Plan() if plan is None else plan)
    require_within("shocks", 2 if shocks is None else shocks, 2)
    require_within("samples", samples, 0)
    return value(scenario, plan, shocks=shocks, samples=samples, seed=seed)


def benchmark(
    scenarios: Scenario | Sequence[Scenario],
    policies: str | Sequence[str | Policy] = (),
    *,
    replications: int = 1000,
    shocks: Shocks | None = "fresh",
    seed: int = 0,
    response_error: float = 0.0,
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
        A name, or several, or policies of your own; all there are where none is given.
    replications
        Lives of each plan, at least 2.
    shocks, seed, response_error
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
        If there is no scenario, two share a name, or a number is out of range.
    TypeError
        If a policy is neither a name nor an object that plans.
    """
    from allocator import benchmarking
    from allocator.policies import Policy, choose

    asked = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
    for scenario in asked:
        check(scenario)
    named = [policies] if isinstance(policies, str) else policies
    chosen = [policy for one in named for policy in (choose([one], solve_scenario) if isinstance(one, str) else [one])]
    for policy in chosen:
        require("policies", policy, Policy)
    settings = benchmarking.BenchmarkSettings(replications, shocks, seed, response_error=response_error)
    folder = None if out is None else Path(out)
    return benchmarking.benchmark(
        asked,
        chosen or choose([], solve_scenario),
        settings=settings,
        workers=workers,
        out=folder,
        executor=executor,
    )
