"""Replications in chunks, alone or in parallel."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from typing import Literal

import numpy as np
import pandas as pd

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Floats
from allocator.evaluation.evaluator import Evaluator
from allocator.evaluation.instance import Instance
from allocator.evaluation.simulation.lives import Lives, Luck, Tally
from allocator.evaluation.simulation.result import Simulation
from allocator.evaluation.simulation.stages import Journey, journey
from allocator.uncertainty import fresh

CHUNK = 500
"""Replications that share one stream of random numbers; fixed, so that results do not depend on workers."""

Shocks = Literal["fresh", "given"]


@dataclass(frozen=True, slots=True)
class _Task:
    """One chunk of replications."""

    size: int
    seed: np.random.SeedSequence


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
        probability from those that the scenario plans with; None: margins as they are in the model.
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
        If ``replications``, ``workers`` or ``response_error`` is out of range.
    """
    if replications < 1 or workers < 1 or response_error < 0.0:
        raise ValueError("replications and workers are at least 1, response_error at least 0")
    evaluator = Evaluator(scenario)
    way = journey(evaluator, evaluator.arrays(plan))
    sizes = [min(CHUNK, replications - first) for first in range(0, replications, CHUNK)]
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))
    tasks = [_Task(size, child) for size, child in zip(sizes, seeds, strict=True)]
    chunk = partial(_chunk, way, shocks, response_error)
    if workers == 1 or len(tasks) == 1:
        tallies = [chunk(task) for task in tasks]
    else:
        with ProcessPoolExecutor(min(workers, len(tasks))) as pool:
            tallies = list(pool.map(chunk, tasks))
    return _result(way.instance, reduce(add, tallies), replications)


def _chunk(way: Journey, shocks: Shocks | None, response_error: float, task: _Task) -> Tally:
    shock_seed, error_seed, life_seed = task.seed.spawn(3)
    instance = way.instance
    errors = np.random.default_rng(error_seed)
    luck = Luck(
        factor=_factors(instance, shocks, task.size, shock_seed),
        lever=_errors(errors, response_error, (task.size, len(instance.levers.names))),
        channel=_errors(errors, response_error, (task.size, len(instance.channels.names))),
    )
    return Lives(way, luck, task.size, np.random.default_rng(life_seed)).live()


def _factors(instance: Instance, shocks: Shocks | None, size: int, seed: np.random.SeedSequence) -> Floats | None:
    if shocks is None or instance.shocks is None:
        return None
    if shocks == "fresh":
        drawn = fresh(instance.scenario, int(seed.generate_state(1)[0]), size)
        return None if drawn is None else drawn.factor
    probability = instance.shocks.probability
    chosen = np.random.default_rng(seed).choice(probability.size, size, p=probability / probability.sum())
    return np.asarray(instance.shocks.factor[chosen], dtype=float)


def _errors(random: np.random.Generator, spread: float, shape: tuple[int, int]) -> Floats | None:
    """Lognormal factors with mean one."""
    if spread == 0.0:
        return None
    return np.asarray(np.exp(spread * random.standard_normal(shape) - 0.5 * spread**2), dtype=float)


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
