"""The work of one unit; runs in any process and depends on its inputs only."""

from __future__ import annotations

import time
from dataclasses import dataclass

from allocator.benchmarking.placement import placement
from allocator.benchmarking.records import Planned, Simulated
from allocator.benchmarking.scorecard import scorecard
from allocator.domain.errors import AllocatorError
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import Evaluator, simulate
from allocator.evaluation.simulation.luck import Shocks
from allocator.policies import NotApplicable, Optimum, Policy


@dataclass(frozen=True, slots=True)
class MakePlan:
    """Let a policy plan, and work out exactly what the plan gives."""

    scenario: Scenario
    policy: Policy

    def __call__(self) -> Planned:
        """A plan with its consequences; or why there is none."""
        started = time.perf_counter()
        try:
            plan, bound = _plan(self.policy, self.scenario)
        except NotApplicable as error:
            return Planned(status="not applicable", message=str(error))
        except AllocatorError as error:
            return Planned(status="failed", message=f"{type(error).__name__}: {error}")
        seconds = time.perf_counter() - started
        return _consequences(self.scenario, plan, seconds=seconds, bound=bound)


def _plan(policy: Policy, scenario: Scenario) -> tuple[Plan, float | None]:
    if isinstance(policy, Optimum):
        solution = policy.solve(scenario)
        return solution.plan, solution.bound
    return policy.plan(scenario), None


def _consequences(scenario: Scenario, plan: Plan, *, seconds: float, bound: float | None) -> Planned:
    evaluator = Evaluator(scenario)
    trajectory = evaluator.run(plan)
    evaluation = evaluator.report(trajectory)
    labour = evaluator.instance.resources.labour
    return Planned(
        status="planned",
        plan=plan,
        seconds=seconds,
        objective=evaluation.objective,
        bound=bound,
        equity=evaluation.customer_equity,
        spend=evaluation.cost,
        hours=float(trajectory.flow.used[labour].sum()),
        broken=(*map(str, evaluation.violations), *evaluation.scaled),
        scorecard=scorecard(evaluator, trajectory),
        placed=placement(evaluator, trajectory),
    )


@dataclass(frozen=True, slots=True)
class RunChunk:
    """Simulate a plan for some replications; plans simulated with one seed meet the same shocks."""

    scenario: Scenario
    plan: Plan
    replications: int
    seed: int
    shocks: Shocks | None
    response_error: float

    def __call__(self) -> Simulated:
        """The chunk's replications."""
        found = simulate(
            self.scenario,
            self.plan,
            replications=self.replications,
            seed=self.seed,
            shocks=self.shocks,
            response_error=self.response_error,
        )
        return Simulated(
            equity=tuple(found.equity.tolist()),
            planned=float(found.service["planned"].sum()),
            given=float(found.service["given"].sum()),
        )
