"""Treatments: what some customers get in one segment and period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.formulation.instance import Floats, Instance, Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Treatments:
    """K treatments: ``segment`` [K], ``period`` [K] from 1, ``efforts`` [K, L] per customer, ``variant`` [K]
    the set of boosting and saving programmes each uses, as numbered by :class:`TreatmentSpace`.
    """

    segment: Ints
    period: Ints
    efforts: Floats
    variant: Ints

    def __len__(self) -> int:
        return len(self.segment)

    def take(self, rows: Ints | Bools | slice) -> Treatments:
        """Only the given rows."""
        return Treatments(self.segment[rows], self.period[rows], self.efforts[rows], self.variant[rows])

    def and_then(self, *others: Treatments) -> Treatments:
        """These followed by others."""
        parts = (self, *others)
        return Treatments(
            np.concatenate([part.segment for part in parts]),
            np.concatenate([part.period for part in parts]),
            np.concatenate([part.efforts for part in parts]),
            np.concatenate([part.variant for part in parts]),
        )

    def moved(self, segments: int) -> Treatments:
        """The same with so much added to the numbers of the segments."""
        return Treatments(self.segment + segments, self.period, self.efforts, self.variant)

    def different(self) -> Treatments:
        """The same, each treatment once."""
        first: dict[bytes, int] = {}
        for place, label in enumerate(self.labels()):
            first.setdefault(label, place)
        return self.take(np.array(list(first.values()), dtype=np.int64))

    def labels(self) -> list[bytes]:
        """One key per treatment; efforts alike to nine digits are one treatment."""
        rounded = np.round(self.efforts, 9) + 0.0
        whole = np.column_stack([self.segment, self.period, self.variant, rounded]).astype(np.float64)
        return list(whole.view(f"V{whole.itemsize * whole.shape[1]}").ravel().tolist())


@dataclass(frozen=True, slots=True)
class Listed:
    """All treatments where all efforts are levels: ``of`` each segment the efforts [K, L] and variants [K], the same
    in each of so many ``periods``. No two of them are the same; they come by segment, then by period."""

    of: tuple[tuple[Floats, Ints], ...]
    periods: int

    def __len__(self) -> int:
        return int(self.counts.sum()) * self.periods

    @property
    def counts(self) -> Ints:
        """[S] treatments of a segment in a period."""
        return np.array([len(variants) for _, variants in self.of], dtype=np.int64)

    def in_periods(self, periods: int) -> Treatments:
        """Those of the first periods."""
        each, segments = self.counts, len(self.of)
        segment, sizes = np.repeat(np.arange(segments), periods), np.repeat(each, periods)
        place = np.arange(sizes.sum())
        place -= np.repeat(np.cumsum(sizes) - sizes - (np.cumsum(each) - each)[segment], sizes)
        """Of a treatment among those of all segments, whatever the period."""
        return Treatments(
            segment=np.repeat(segment, sizes),
            period=np.repeat(np.tile(np.arange(1, periods + 1), segments), sizes),
            efforts=np.concatenate([efforts for efforts, _ in self.of])[place],
            variant=np.concatenate([variants for _, variants in self.of])[place],
        )


def nothing(instance: Instance) -> Treatments:
    """The treatment without effort for every segment and period."""
    segments, periods = len(instance.segments), instance.horizon
    count = segments * periods
    return Treatments(
        np.repeat(np.arange(segments), periods),
        np.tile(np.arange(1, periods + 1), segments),
        np.zeros((count, len(instance.levers))),
        np.zeros(count, dtype=np.int64),
    )
