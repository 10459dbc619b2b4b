"""Plan, simulate, compare."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from allocator.benchmarking.adaptation import Adapted, LetAdapt
from allocator.benchmarking.entries import Entry
from allocator.benchmarking.records import Planned, Simulated
from allocator.benchmarking.schedule import Progress, Schedule, Unit, pool_of
from allocator.benchmarking.scores import Benchmark, compare
from allocator.benchmarking.store import Store, digest
from allocator.benchmarking.tasks import MakePlan, RunChunk
from allocator.domain.risk import Generate
from allocator.domain.scenario import Scenario
from allocator.evaluation.simulation.luck import Shocks, require_known
from allocator.policies import Optimum, Policy, choose

CHUNK = 500
"""Replications in one unit of work; fixed, so that numbers do not depend on the number of workers."""
UNITS = "units"
"""Folder of finished units within the results folder."""


@dataclass(frozen=True, slots=True)
class BenchmarkSettings:
    """How much is simulated, and on what."""

    replications: int = 1000
    """Lives of each plan, at least 2."""
    shocks: Shocks | None = "fresh"
    """`fresh`: shocks that no policy saw; `given`: those of the scenario; None: none."""
    seed: int = 0
    volatility: float = 0.0
    """Of lognormal factors on each segment's margins in the lives of scenarios that state no shocks of their own,
    where ``shocks`` is `fresh`; 0 for none."""
    response_error: float = 0.0
    """Standard deviation of the logarithm of the factor, with mean one, that each life puts on all curves of each
    lever, and on each channel's curve; 0 where responses are as judged."""

    def __post_init__(self) -> None:
        if self.replications < 2:
            raise ValueError("replications must be at least 2")
        if not 0.0 <= self.volatility < np.inf:
            raise ValueError("volatility must not be negative")
        if not 0.0 <= self.response_error < np.inf:
            raise ValueError("response_error must not be negative")
        require_known(self.shocks)


def benchmark(
    scenarios: Sequence[Scenario],
    policies: Sequence[Policy],
    *,
    settings: BenchmarkSettings | None = None,
    workers: int = 1,
    out: Path | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Benchmark:
    """Let every policy plan every scenario, and live its plans through on the same shocks.

    ``no_effort`` and, where a scenario states one, ``current`` always take part, because the others are
    measured against them. A scenario that asks for recourse is planned with one fixed plan; what the optimum would
    gain by letting treatments adapt stands beside (``adaptation``). Every finished unit is kept under ``out``, named
    by a digest of its inputs and of this package's code, and is not done again; remove the folder ``units`` there
    after a change of a policy of your own.

    Parameters
    ----------
    scenarios
        Scenarios with different names.
    policies
        What takes part; see :func:`allocator.policies.choose`.
    settings
        Replications, shocks and seed.
    workers
        Processes; the numbers do not depend on how many, times do.
    out
        Results folder; None keeps nothing.
    progress
        Told of every finished unit.
    executor
        Runs the units instead of processes of our own, such as a dask client's ``get_executor()``.

    Raises
    ------
    ValueError
        If there is no scenario, two share a name, or ``workers`` is below 1.
    InvalidInput
        If a scenario is wrong.
    """
    if not scenarios:
        raise ValueError("there is no scenario")
    if len({scenario.name for scenario in scenarios}) < len(scenarios):
        raise ValueError("two scenarios have the same name")
    if workers < 1:
        raise ValueError("workers must be at least 1")
    chosen = settings or BenchmarkSettings()
    pairs = [
        _Pair(fixed, text, policy)
        for fixed in map(_fixed, scenarios)
        for text in [fixed.model_dump_json(by_alias=True)]
        for policy in _with_references(fixed, policies)
    ]
    with pool_of(workers, executor) as pool:
        schedule = Schedule(Store(None if out is None else out / UNITS), pool, progress or _silent)
        plans = schedule.records([pair.unit() for pair in pairs], Planned)
        entries = _live(schedule, pairs, plans, chosen)
        adapted = _adapted(schedule, scenarios, pairs, plans)
    return compare(entries, asdict(chosen), adapted)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A policy on a scenario."""

    scenario: Scenario
    text: str
    """The scenario written out, for digests."""
    policy: Policy

    @property
    def label(self) -> str:
        return f"{self.scenario.name}: {self.policy.title}"

    def unit(self) -> Unit[Planned]:
        key = digest(unit="plan", scenario=self.text, policy=self.policy.name)
        return Unit(key, MakePlan(self.scenario, self.policy), self.label)

    def chunks(self, planned: Planned, settings: BenchmarkSettings) -> list[Unit[Simulated]]:
        """The units that simulate the plan; chunks of one number meet the same shocks whatever the policy."""
        if planned.plan is None:
            return []
        text = planned.plan.model_dump_json(by_alias=True)
        units = []
        for number, first in enumerate(range(0, settings.replications, CHUNK)):
            size = min(CHUNK, settings.replications - first)
            seed = int(np.random.SeedSequence([settings.seed, number]).generate_state(1)[0])
            inputs = {"scenario": self.text, "plan": text, "size": size, "seed": seed, "shocks": settings.shocks}
            inputs |= {"volatility": settings.volatility, "response_error": settings.response_error}
            shaken = _shaken(self.scenario, settings)
            task = RunChunk(shaken, planned.plan, size, seed, settings.shocks, settings.response_error)
            units.append(Unit(digest(unit="lives", **inputs), task, self.label))
        return units


def _fixed(scenario: Scenario) -> Scenario:
    """The scenario with one plan for all shocks."""
    return scenario.model_copy(update={"risk": scenario.risk.with_one_plan()})


def _shaken(scenario: Scenario, settings: BenchmarkSettings) -> Scenario:
    """The scenario as it is lived through: with shocks of the settings where it states none."""
    if scenario.risk.present or settings.shocks != "fresh" or settings.volatility == 0.0:
        return scenario
    generate = Generate(scenarios=1, volatility=settings.volatility)
    return scenario.model_copy(update={"risk": scenario.risk.model_copy(update={"generate": generate})})


def _with_references(scenario: Scenario, policies: Sequence[Policy]) -> list[Policy]:
    """The policies, after those of the references that are not among them."""
    needed = ["no_effort"] if scenario.current_plan is None else ["no_effort", "current"]
    absent = [name for name in needed if name not in {policy.name for policy in policies}]
    return [*(choose(absent) if absent else ()), *policies]


def _live(
    schedule: Schedule, pairs: Sequence[_Pair], plans: Sequence[Planned], settings: BenchmarkSettings
) -> list[Entry]:
    units = [pair.chunks(planned, settings) for pair, planned in zip(pairs, plans, strict=True)]
    records = iter(schedule.records([unit for group in units for unit in group], Simulated))
    return [
        Entry(pair.scenario, pair.policy.name, pair.policy.title, planned, tuple(next(records) for _ in group))
        for pair, planned, group in zip(pairs, plans, units, strict=True)
    ]


def _adapted(
    schedule: Schedule, scenarios: Sequence[Scenario], pairs: Sequence[_Pair], plans: Sequence[Planned]
) -> list[tuple[str, Adapted]]:
    """What letting treatments adapt would add to the optimum of each scenario that asks for recourse."""
    asked = {scenario.name: scenario for scenario in scenarios if scenario.risk.recourse}
    units: dict[str, Unit[Adapted]] = {}
    for pair, planned in zip(pairs, plans, strict=True):
        scenario = asked.get(pair.scenario.name)
        if scenario is not None and isinstance(pair.policy, Optimum) and planned.plan is not None:
            texts = (part.model_dump_json(by_alias=True) for part in (scenario, planned.plan))
            key = digest(unit="adaptation", inputs=list(texts))
            units[scenario.name] = Unit(key, LetAdapt(scenario, planned.plan, pair.policy), f"{pair.label}, adapting")
    found = schedule.records(list(units.values()), Adapted) if units else []
    return list(zip(units, found, strict=True))


def _silent(done: int, total: int, label: str) -> None:
    """Tell nobody."""
