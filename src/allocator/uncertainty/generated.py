"""Shock sets drawn as a scenario asks: for the plan, reduced where that is asked for, or fresh ones.

Apart from ``sources``, for the statistics it needs are slow to import and most scenarios draw no shocks.
"""

from __future__ import annotations

from allocator.domain.risk import Generate
from allocator.domain.scenario import Scenario
from allocator.uncertainty.likeness import stake
from allocator.uncertainty.lognormal import (
    assemble,
    even_points,
    group_factors,
    group_odds,
    independent_points,
    terms_of,
)
from allocator.uncertainty.reduction import reduce
from allocator.uncertainty.shocks import ShockSet, equally_likely


def drawn(scenario: Scenario, generate: Generate) -> ShockSet:
    """Shocks to plan with; see :func:`allocator.uncertainty.sources.shock_set`."""
    terms = terms_of(scenario, generate)
    points = even_points(generate.scenarios, terms.dimensions, generate.seed)
    factors, struck = group_factors(terms, points)
    odds = group_odds(terms, points)
    shocks = assemble(terms, factors / factors.mean(axis=0), struck, equally_likely(generate.scenarios), odds)
    if generate.reduce_to is None or generate.reduce_to >= generate.scenarios:
        return shocks
    return reduce(shocks, stake(scenario), generate.reduce_to)


def drawn_anew(scenario: Scenario, generate: Generate, seed: int, count: int) -> ShockSet:
    """Shocks that the plan was not made on; see :func:`allocator.uncertainty.sources.fresh`."""
    terms = terms_of(scenario, generate)
    points = independent_points(count, terms.dimensions, seed)
    return assemble(terms, *group_factors(terms, points), equally_likely(count), group_odds(terms, points))
