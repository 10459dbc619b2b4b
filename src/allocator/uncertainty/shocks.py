"""The shock set: what may happen to margins, as arrays over scenarios, segments and periods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShockSet:
    """Scenarios of what our customers earn, W of them, over S segments and T periods.

    In scenario w the margin that segment s earns us in period t is multiplied by ``factor[w, s, t-1]``,
    and the value of its customers after the horizon by ``factor[w, s, T]``. Costs and other owners'
    margins do not vary.
    """

    names: tuple[str, ...]
    """Scenario names, [W]."""
    probability: Array
    """[W], each >= 0, sums to 1."""
    factor: Array
    """[W, S, T+1], no unit, >= 0; 1 is no shock."""
    keep_factor: Array | None
    """[W, S, T]: multiplies the odds of staying with us; None where no shock touches them."""
    persistent: bool
    """Whether neither factor varies over the periods, the terminal value included."""
    segments: tuple[str, ...]
    """Segment names in the order of the model, [S]."""
    groups: tuple[str, ...]
    """[S]: segments with one label share one factor; the segment's own name where the shocks are a table."""

    @property
    def mean(self) -> Array:
        """Expected factor, [S, T+1]."""
        return np.asarray(np.einsum("w,wst->st", self.probability, self.factor))

    @property
    def odds(self) -> Array:
        """``keep_factor`` [W, S, T], 1 where no shock touches the odds of staying."""
        return np.ones_like(self.factor[:, :, :-1]) if self.keep_factor is None else self.keep_factor

    def alone(self, number: int) -> ShockSet:
        """One scenario, for certain."""
        return self._certain(self.names[number], self.factor[number], self.odds[number])

    def average(self, staying: Array) -> ShockSet:
        """The mean scenario, for certain: the mean factor, and the odds at which the chance of staying with us is
        the mean of what it is in the scenarios. ``staying`` [S, T] is that chance without shocks."""
        kept = self.odds * staying / (self.odds * staying + 1.0 - staying)
        mean = np.einsum("w,wst->st", self.probability, kept)
        undecided = (staying > 0.0) & (staying < 1.0)
        before = np.where(undecided, staying * (1.0 - mean), 1.0)
        return self._certain("mean", self.mean, np.where(undecided, mean * (1.0 - staying), 1.0) / before)

    def calm(self) -> ShockSet:
        """No shock, for certain."""
        return self._certain("calm", np.ones_like(self.factor[0]), np.ones_like(self.odds[0]))

    def take(self, chosen: NDArray[np.int64]) -> ShockSet:
        """The scenarios at some positions, one of which may come again, all equally likely."""
        factor = self.factor[chosen]
        keep_factor = None if self.keep_factor is None else self.keep_factor[chosen]
        return replace(
            self,
            names=tuple(f"{number}: {self.names[index]}" for number, index in enumerate(chosen, start=1)),
            probability=equally_likely(len(chosen)),
            factor=factor,
            keep_factor=keep_factor,
            persistent=is_persistent(factor, keep_factor),
        )

    @staticmethod
    def different(parts: Iterable[ShockSet]) -> tuple[ShockSet, NDArray[np.int64]]:
        """The scenarios of sets over the same segments and periods that differ, each with its share of the
        probability of all, and for each scenario of the sets, one after another, which of them it is."""
        numbers: dict[bytes, int] = {}
        places, rows, chances, first = [], [], [], None
        for part in parts:
            first = part if first is None else first
            for name, chance, factor, odds in zip(part.names, part.probability, part.factor, part.odds, strict=True):
                label = factor.tobytes() + odds.tobytes()
                if label not in numbers:
                    numbers[label] = len(numbers)
                    rows.append((name, factor, odds))
                places.append(numbers[label])
                chances.append(chance * len(part.names))
        assert first is not None, "there are shocks"
        factor, odds = (np.array([row[place] for row in rows]) for place in (1, 2))
        keep_factor = None if first.keep_factor is None else odds
        weight = np.bincount(places, chances, len(rows))
        found = replace(
            first,
            names=tuple(f"{number}: {row[0]}" for number, row in enumerate(rows, start=1)),
            probability=weight / weight.sum(),
            factor=factor,
            keep_factor=keep_factor,
            persistent=is_persistent(factor, keep_factor),
        )
        return found, np.array(places, dtype=np.int64)

    def _certain(self, name: str, factor: Array, odds: Array) -> ShockSet:
        keep = None if self.keep_factor is None else odds[None]
        return replace(self, names=(name,), probability=np.ones(1), factor=factor[None], keep_factor=keep)

    def total(self, earned: Array) -> Array:
        """[W]: what ``earned`` [S, T+1] adds up to in each scenario, every amount times its factor."""
        if self.persistent:
            return np.asarray(self.factor[:, :, 0] @ earned.sum(axis=1))
        return np.asarray(np.tensordot(self.factor, earned, axes=2))


def is_persistent(factor: Array, keep_factor: Array | None) -> bool:
    """Whether the arrays [W, S, periods] hold one value over all periods."""
    arrays = [factor] if keep_factor is None else [factor, keep_factor]
    return all(bool(np.all(array == array[:, :, :1])) for array in arrays)


def equally_likely(count: int) -> Array:
    """[count] probabilities, all the same."""
    return np.full(count, 1.0 / count)
