"""Replications in chunks, alone or in parallel."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial, reduce
from operator import add

import numpy as np
import pandas as pd

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Floats, Ints
from allocator.evaluation.evaluator import Evaluator
from allocator.evaluation.instance import Instance
from allocator.evaluation.plan_arrays import PlanArrays
from allocator.evaluation.simulation.lives import Lives, Tally
from allocator.evaluation.simulation.luck import Shocks, draw, require_known
from allocator.evaluation.simulation.result import Simulation
from allocator.evaluation.simulation.stages import journey
from allocator.uncertainty import ShockSet, nearest

CHUNK = 500
"""Replications that share one stream of random numbers; fixed, so that results do not depend on workers."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One chunk of replications."""

    size: int
    seed: np.random.SeedSequence


@dataclass(frozen=True, slots=True)
class _Ways:
    """A plan: as all replications carry it out, or, where treatments adapt, as each shock scenario does."""

    evaluator: Evaluator
    plans: tuple[PlanArrays, ...]

    @classmethod
    def of(cls, scenario: Scenario, plan: Plan) -> _Ways:
        evaluator = Evaluator(Instance.of_all_shocks(scenario))
        shocks = evaluator.instance.shocks
        if shocks is None or not (scenario.risk.recourse and plan.adapted):
            return cls(evaluator, (evaluator.arrays(plan),))
        return cls(evaluator, tuple(evaluator.arrays(plan.within(name)) for name in shocks.names))

    def chosen(self, met: ShockSet | None, size: int) -> Ints:
        """Which plan each of ``size`` replications carries out: that of the shock scenario most like what it meets."""
        known = self.evaluator.instance.shocks
        if met is None or known is None or len(self.plans) == 1:
            return np.zeros(size, dtype=np.int64)
        return np.resize(nearest(known, met, self.evaluator.instance.scenario), size)


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
    """Simulate a plan with whole customers.

    Where treatments adapt to shocks, each replication carries out those of the plan's own shock scenario that its
    shocks are most like (see ``uncertainty.likeness``); heads, programmes and spends are the same in all.

    In each period, whole customers are assigned to treatments by the plan's shares. Where they ask for more
    hours than there are (overtime and partner included), treatments and channels that use the resource are
    cut alike, and the shortfall is noted. Then every customer moves, or leaves, by chance; a channel's new
    customers are Poisson numbers about its curve. Fractional customers of today are rounded at random.

    Parameters
    ----------
    scenario, plan
        What ``evaluate`` takes.
    replications
        Number of replications, at least 1.
    seed
        Same seed, same numbers, whatever the number of ``workers``. Two plans with the same seed meet the
        same shocks and response errors.
    shocks
        ``fresh``: new ones, one a replication, from the scenario's risk section; ``given``: drawn by
        probability from those that the scenario plans with; None: margins and moves as they are in the model.
    response_error
        Standard deviation of the logarithm of the factor, with mean one, that each replication puts on all
        curves of each lever, and on each channel's curve, over the whole horizon.
    workers
        Processes to use.

    Raises
    ------
    InvalidInput
        As ``evaluate``.
    ValueError
        If ``replications``, ``workers``, ``response_error`` or ``shocks`` is none of what it may be.
    """
    if replications < 1 or workers < 1 or not 0.0 <= response_error < np.inf:
        raise ValueError("replications and workers are at least 1, response_error at least 0")
    require_known(shocks)
    ways = _Ways.of(scenario, plan)
    sizes = [min(CHUNK, replications - first) for first in range(0, replications, CHUNK)]
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))
    tasks = [_Task(size, child) for size, child in zip(sizes, seeds, strict=True)]
    chunk = partial(_chunk, ways, shocks, response_error)
    if workers == 1 or len(tasks) == 1:
        tallies = [chunk(task) for task in tasks]
    else:
        with ProcessPoolExecutor(min(workers, len(tasks))) as pool:
            tallies = list(pool.map(chunk, tasks))
    return _result(ways.evaluator.instance, reduce(add, tallies), replications)


def _chunk(ways: _Ways, shocks: Shocks | None, response_error: float, task: _Task) -> Tally:
    shock_seed, error_seed, life_seed = task.seed.spawn(3)
    luck, met = draw(ways.evaluator.instance, shocks, response_error, task.size, (shock_seed, error_seed))
    random, chosen = np.random.default_rng(life_seed), ways.chosen(met, task.size)
    groups = [np.flatnonzero(chosen == number) for number in np.unique(chosen)]
    tallies = [
        Lives(journey(ways.evaluator, ways.plans[chosen[rows[0]]]), luck.of(rows), rows.size, random).live()
        for rows in groups
    ]
    return reduce(add, tallies).sorted_by(np.concatenate(groups))


def _result(instance: Instance, tally: Tally, replications: int) -> Simulation:
    customers, spread = _moments(tally.customers, tally.customers_squared, replications)
    hours, hours_spread = _moments(tally.hours, tally.hours_squared, replications)
    return Simulation(
        equity=tally.margin + tally.terminal - tally.cost,
        margin=tally.margin,
        cost=tally.cost,
        terminal=tally.terminal,
        customers=_table("segment", instance.segments, {"mean": customers, "standard_deviation": spread}),
        resources=_table(
            "resource",
            instance.resources.names,
            {
                "hours_mean": hours,
                "hours_standard_deviation": hours_spread,
                "shortfall_mean": tally.shortfall / replications,
                "shortfall_probability": tally.short / replications,
            },
        ),
        service=_table(
            "segment",
            instance.segments,
            {"planned": tally.planned / replications, "given": tally.given / replications},
        ),
    )


def _moments(total: Floats, squares: Floats, count: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation from sums."""
    mean = total / count
    variance = np.maximum(squares - count * mean**2, 0.0) / max(count - 1, 1)
    return mean, np.sqrt(variance)


def _table(what: str, names: tuple[str, ...], columns: dict[str, Floats]) -> pd.DataFrame:
    """A table over names and periods of arrays [names, periods]."""
    periods = next(iter(columns.values())).shape[1]
    keys = {
        what: np.repeat(np.array(names, dtype=object), periods),
        "period": np.tile(np.arange(1, periods + 1), len(names)),
    }
    return pd.DataFrame({**keys, **{name: values.ravel() for name, values in columns.items()}})
