"""Drawn shocks: correlated lognormal factors with mean one, and a rare event on top.

With one standard normal z0 common to all groups and one z_g of each group's own, the logarithm of
group g's factor is ``volatility * x_g - volatility**2 / 2`` with ``x_g = sqrt(rho) z0 + sqrt(1 - rho) z_g``,
so that logarithms of two groups correlate by rho and every factor has mean one. Where the factors vary
over the periods, x_g follows the stationary first-order autoregression
``x_g[t] = phi x_g[t-1] + sqrt(1 - phi**2) e_g[t]`` with ``e_g`` drawn like x_g above; the mean stays one
in every period, the last being that of the terminal value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from allocator.domain.risk import Generate
from allocator.domain.scenario import Scenario
from allocator.domain.selection import matches
from allocator.uncertainty.shocks import Array, ShockSet

SOBOL_DIMENSIONS = 32
"""Beyond these, pairs of Sobol coordinates correlate more than chance does at the sizes planners ask for."""
DECIMALS = 10
"""Factors are rounded to these, so that the last bits of one machine's logarithm do not show."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is drawn for whom: the terms of generation put to a scenario's segments."""

    generate: Generate
    segments: tuple[str, ...]
    groups: tuple[str, ...]
    """Values of the tag, each with a factor of its own."""
    group_of: tuple[int, ...]
    """[S]: position of each segment's group."""
    ours: tuple[bool, ...]
    """[S]: whether a segment's customers are ours."""
    hit: Array
    """[S]: factor of the rare event where it strikes, 1 elsewhere."""
    draws: int
    """Periods with a draw of their own: 1 where factors are persistent, T+1 otherwise."""
    columns: int
    """T+1."""

    @property
    def dimensions(self) -> int:
        """Uniform numbers that one scenario takes: the rare event's, then z0 and every z_g of each period."""
        kinds = 1 if self.generate.keep_volatility is None else 2
        return 1 + kinds * self.draws * (1 + len(self.groups))

    def segment_factors(self, factors: Array, struck: Array) -> Array:
        """Factors [n, S, T+1] of groups' factors [n, G, draws] and of who is struck [n]."""
        by_segment = factors[:, list(self.group_of), :]
        event = np.where(struck[:, None] > 0.0, self.hit[None, :], 1.0)
        spread = np.broadcast_to(by_segment * event[:, :, None], (len(factors), len(self.segments), self.columns))
        return np.round(spread, DECIMALS)

    def segment_odds(self, odds: Array | None) -> Array | None:
        """Factors on the odds of staying [n, S, T] of groups' factors [n, G, draws]; 1 where the owner is not us."""
        if odds is None:
            return None
        by_segment = odds[:, list(self.group_of), :]
        spread = np.broadcast_to(by_segment, (len(odds), len(self.segments), max(self.draws, self.columns)))
        kept: Array = np.where(np.array(self.ours)[:, None], spread, 1.0)[:, :, : self.columns - 1]
        return np.round(kept, DECIMALS)


def terms_of(scenario: Scenario, generate: Generate) -> Terms:
    """Terms of generation put to the segments of ``scenario``.

    Segments of every owner take part; those without a value of the tag form a group of their own.
    """
    segments = scenario.model.segments
    hit = np.ones(len(segments))
    if generate.rare is not None:
        hit[[matches(generate.rare.where, segment.tags) for segment in segments]] = generate.rare.factor
    tags = [segment.tags.get(generate.by, "") for segment in segments]
    groups = tuple(dict.fromkeys(tags))
    varies = generate.autocorrelation is not None
    return Terms(
        generate=generate,
        segments=tuple(segment.name for segment in segments),
        groups=groups,
        group_of=tuple(groups.index(tag) for tag in tags),
        ours=tuple(segment.ours for segment in segments),
        hit=hit,
        draws=scenario.horizon + 1 if varies else 1,
        columns=scenario.horizon + 1,
    )


def even_points(count: int, dimensions: int, seed: int) -> Array:
    """Points [count, dimensions] that fill the unit cube evenly: scrambled Sobol, or a Latin hypercube
    where there are many dimensions. The same seed gives the same points."""
    generator = np.random.default_rng(seed)
    if dimensions <= SOBOL_DIMENSIONS:
        power = math.ceil(math.log2(count)) if count > 1 else 0
        points = qmc.Sobol(dimensions, scramble=True, seed=generator).random_base2(power)[:count]
    else:
        points = qmc.LatinHypercube(dimensions, seed=generator).random(count)
    return np.asarray(points, dtype=np.float64)


def independent_points(count: int, dimensions: int, seed: int) -> Array:
    """Independent uniform points [count, dimensions], for sampling whose standard errors must hold."""
    return np.random.default_rng(seed).random((count, dimensions))


def group_factors(terms: Terms, points: Array) -> tuple[Array, Array]:
    """Lognormal factors [n, G, draws] without the rare event, and whether it strikes [n] (1 or 0)."""
    generate = terms.generate
    path = _paths(terms, points, 0)
    factors = np.exp(generate.volatility * path - generate.volatility**2 / 2.0).transpose(0, 2, 1)
    probability = 0.0 if generate.rare is None else generate.rare.probability
    return factors, (points[:, 0] < probability).astype(np.float64)


def group_odds(terms: Terms, points: Array) -> Array | None:
    """Lognormal factors [n, G, draws] with median one on the odds of staying; None where these do not vary."""
    volatility = terms.generate.keep_volatility
    if volatility is None:
        return None
    return np.asarray(np.exp(volatility * _paths(terms, points, 1)).transpose(0, 2, 1), dtype=np.float64)


def _paths(terms: Terms, points: Array, kind: int) -> Array:
    """[n, draws, G] standard normals that correlate as asked; ``kind`` says which of the points' parts they use."""
    generate, width = terms.generate, terms.draws * (1 + len(terms.groups))
    part = points[:, 1 + kind * width : 1 + (kind + 1) * width]
    tiny = np.finfo(np.float64).tiny
    normal = ndtri(np.clip(part, tiny, 1.0 - 1e-16)).reshape(len(points), terms.draws, 1 + len(terms.groups))
    shared, own = normal[:, :, :1], normal[:, :, 1:]
    innovation = math.sqrt(generate.correlation) * shared + math.sqrt(1.0 - generate.correlation) * own
    path = innovation.copy()
    phi = generate.autocorrelation or 0.0
    for draw in range(1, terms.draws):
        path[:, draw] = phi * path[:, draw - 1] + math.sqrt(1.0 - phi * phi) * innovation[:, draw]
    return np.asarray(path)


def assemble(terms: Terms, factors: Array, struck: Array, probability: Array, odds: Array | None) -> ShockSet:
    """Shock set of groups' factors [n, G, draws], the rare event [n], probabilities [n], and factors on the odds."""
    return ShockSet(
        names=tuple(str(number) for number in range(1, len(probability) + 1)),
        probability=probability,
        factor=terms.segment_factors(factors, struck),
        keep_factor=terms.segment_odds(odds),
        persistent=terms.draws == 1,
        segments=terms.segments,
        groups=tuple(terms.groups[group] for group in terms.group_of),
    )
