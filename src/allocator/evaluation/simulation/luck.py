"""What befalls replications: shocks, and how far responses are from what was judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from allocator.evaluation.arrays import Floats, Ints
from allocator.evaluation.instance import Instance
from allocator.uncertainty import ShockSet, fresh

Shocks = Literal["fresh", "given"]


def require_known(shocks: Shocks | None) -> None:
    """Raise ValueError for shocks that are neither fresh nor given nor none."""
    if shocks is not None and shocks not in get_args(Shocks):
        raise ValueError(f"shocks are `fresh`, `given` or None, not `{shocks}`")


@dataclass(frozen=True, slots=True)
class Luck:
    """What befalls B replications."""

    factor: Floats | None
    """[B,S,T+1] of the shocks; None for none."""
    keep: Floats | None
    """[B,S,T] factors on the odds of staying with us; None where no shock touches them."""
    lever: Floats | None
    """[B,L] factors on the levers' curves; None where responses are as judged."""
    channel: Floats | None
    """[B,C] factors on the channels' curves, likewise."""

    def of(self, rows: Ints) -> Luck:
        """That of some replications."""
        return Luck(
            *(None if part is None else part[rows] for part in (self.factor, self.keep, self.lever, self.channel))
        )


def draw(
    instance: Instance,
    shocks: Shocks | None,
    response_error: float,
    size: int,
    seeds: tuple[np.random.SeedSequence, np.random.SeedSequence],
) -> tuple[Luck, ShockSet | None]:
    """Luck of ``size`` replications, and the shock scenario that each meets, or the one that all meet; None where
    there is no risk. ``seeds`` are those of the shocks and of the errors of responses."""
    met = _met(instance, shocks, size, seeds[0])
    errors = np.random.default_rng(seeds[1])
    some = None if shocks is None else met
    luck = Luck(
        factor=None if some is None else some.factor,
        keep=None if some is None else some.keep_factor,
        lever=_errors(errors, response_error, (size, len(instance.levers.names))),
        channel=_errors(errors, response_error, (size, len(instance.channels.names))),
    )
    return luck, met


def _met(instance: Instance, shocks: Shocks | None, size: int, seed: np.random.SeedSequence) -> ShockSet | None:
    known = instance.shocks
    if known is None:
        return None
    if shocks is None:
        return known.calm()
    if shocks == "fresh":
        return fresh(instance.scenario, int(seed.generate_state(1)[0]), size)
    probability = known.probability
    return known.take(np.random.default_rng(seed).choice(probability.size, size, p=probability / probability.sum()))


def _errors(random: np.random.Generator, spread: float, shape: tuple[int, int]) -> Floats | None:
    """Lognormal factors with mean one."""
    if spread == 0.0:
        return None
    return np.asarray(np.exp(spread * random.standard_normal(shape) - 0.5 * spread**2), dtype=float)
