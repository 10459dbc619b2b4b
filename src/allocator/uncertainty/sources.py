"""From the risk section of a scenario to its shock set, and to fresh ones."""

from __future__ import annotations

import numpy as np

from allocator.domain.errors import InvalidInput, Mistake
from allocator.domain.risk import Generate
from allocator.domain.scenario import Scenario
from allocator.uncertainty.lognormal import assemble, even_points, group_factors, independent_points, terms_of
from allocator.uncertainty.reduction import reduce
from allocator.uncertainty.shocks import Array, ShockSet, is_persistent
from allocator.uncertainty.table import from_table

REDUCIBLE = 5_000
"""Most scenarios that reduction starts from; it compares each with each."""


def shock_set(scenario: Scenario) -> ShockSet | None:
    """Shocks that the scenario plans with: its table, or drawn as `generate` asks; None without either.

    Drawn scenarios are equally likely before reduction. Their lognormal part is divided by its mean over
    the sample, so that expected margins are exactly those without shocks; a rare event then lowers (or
    raises) the mean by what it is expected to do.

    Raises
    ------
    InvalidInput
        If the table or the terms of generation cannot be right.
    """
    risk = scenario.risk
    if risk.shocks is not None:
        return from_table(scenario, risk.shocks)
    if risk.generate is not None:
        return _drawn(scenario, risk.generate)
    return None


def fresh(scenario: Scenario, seed: int, count: int) -> ShockSet | None:
    """``count`` equally likely shocks that the plan was not made on; None where the scenario has no risk.

    Generated shocks are drawn anew from the same distribution, each independently of the others, so that
    standard errors over them hold. A table says all there is to say about its distribution: its scenarios
    are drawn again with replacement, by their probabilities, which shows the spread of a finite sample and
    nothing beyond the table.

    Raises
    ------
    InvalidInput
        As :func:`shock_set`.
    """
    risk = scenario.risk
    if risk.shocks is not None:
        return _resampled(from_table(scenario, risk.shocks), seed, count)
    if risk.generate is None:
        return None
    terms = terms_of(scenario, risk.generate)
    factors, struck = group_factors(terms, independent_points(count, terms.dimensions, seed))
    return assemble(terms, factors, struck, _equal(count))


def _drawn(scenario: Scenario, generate: Generate) -> ShockSet:
    terms = terms_of(scenario, generate)
    factors, struck = group_factors(terms, even_points(generate.scenarios, terms.dimensions, generate.seed))
    shocks = assemble(terms, factors / factors.mean(axis=0), struck, _equal(generate.scenarios))
    if generate.reduce_to is None or generate.reduce_to >= generate.scenarios:
        return shocks
    if generate.scenarios > REDUCIBLE:
        message = f"reduction compares each scenario with each, and {generate.scenarios:,} are too many"
        mistake = Mistake(("scenario", "risk", "generate", "scenarios"), message, f"at most {REDUCIBLE:,}")
        raise InvalidInput([mistake])
    return reduce(shocks, _stake(scenario), generate.reduce_to)


def _stake(scenario: Scenario) -> Array:
    """Money a period at stake in each segment, [S]: what our customers there earn today."""
    return np.array([abs(s.customers * s.margin) if s.ours else 0.0 for s in scenario.model.segments])


def _resampled(table: ShockSet, seed: int, count: int) -> ShockSet:
    chosen = np.random.default_rng(seed).choice(len(table.names), size=count, p=table.probability)
    factor = table.factor[chosen]
    keep_factor = None if table.keep_factor is None else table.keep_factor[chosen]
    return ShockSet(
        names=tuple(f"{number}: {table.names[index]}" for number, index in enumerate(chosen, start=1)),
        probability=_equal(count),
        factor=factor,
        keep_factor=keep_factor,
        persistent=is_persistent(factor, keep_factor),
        segments=table.segments,
        groups=table.groups,
    )


def _equal(count: int) -> Array:
    return np.full(count, 1.0 / count)
