"""Treatments that are written down, with what one customer posts: looked up by one matrix product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from allocator.response.arrays import BoolArray, FloatArray, IntArray
from allocator.solving.pricing.cells import CellPrices
from allocator.solving.pricing.objective import Incumbents
from allocator.solving.pricing.space import TreatmentSpace

_ALONE = 2**18
"""Multiplications of a matrix product from which on the library shares it out among threads, which takes the processor
longer than it spares."""


@dataclass(slots=True)
class _Page:
    """Treatments of one segment: efforts [K, L], variants [K], and what they post by transition row [K, F]."""

    efforts: FloatArray
    variants: IntArray
    posted: dict[int, FloatArray] = field(default_factory=dict)
    labels: set[bytes] = field(default_factory=set)


class Catalogue:
    """Treatments of each segment, to choose the best from at any prices.

    ``most``: a segment that has more treatments forgets the older half.
    """

    def __init__(self, space: TreatmentSpace, most: int | None = None) -> None:
        self._space = space
        self._most = most
        self._pages: dict[int, _Page] = {}

    def __contains__(self, segment: int) -> bool:
        return segment in self._pages

    def add(self, segment: int, efforts: FloatArray, variants: IntArray) -> None:
        """Write down treatments of a segment, those alike to nine digits once."""
        page = self._pages.setdefault(segment, _Page(efforts[:0], variants[:0]))
        keys = [row.tobytes() for row in np.column_stack([variants, np.round(efforts, 9) + 0.0])]
        fresh = [row for row, key in enumerate(keys) if key not in page.labels]
        page.labels.update(keys)
        page.efforts = np.concatenate([page.efforts, efforts[fresh]])
        page.variants = np.concatenate([page.variants, variants[fresh]])
        if self._most is not None and len(page.variants) > self._most:
            kept = slice(len(page.variants) - self._most // 2, None)
            self._pages[segment] = _Page(page.efforts[kept], page.variants[kept])

    def give(self, best: Incumbents, prices: CellPrices, can_work: BoolArray, cells: IntArray) -> None:
        """Give each of the ``cells``, which have none yet, the best treatment of its segment that needs only
        programmes that can work there (``can_work`` [C, G])."""
        if not len(cells):
            return
        version = self._space.table.transitions.version(prices.segment[cells], prices.period[cells])
        order, groups = _groups(prices.segment[cells], version)
        self._post([key for key, _ in groups])
        cells = cells[order]
        worth, barred = _stack(prices.take(cells)), ~can_work[cells]
        some_barred, programmes = bool(barred.any()), barred.shape[1]
        efforts, variant, value = [], [], []
        for (segment, period), rows in groups:
            page = self._pages[segment]
            posted = page.posted[period]
            for part in _parts(rows, _ALONE // max(posted.size, 1)):
                values = worth[part] @ posted.T
                if some_barred:
                    values[barred[part] @ posted[:, posted.shape[1] - programmes :].T > 0.0] = -np.inf
                place = values.argmax(axis=1)
                efforts.append(page.efforts[place])
                variant.append(page.variants[place])
                value.append(values.max(axis=1))
        best.efforts[cells], best.variant[cells] = np.concatenate(efforts), np.concatenate(variant)
        best.value[cells] = np.concatenate(value) + prices.constant[cells]

    def _post(self, keys: list[tuple[int, int]]) -> None:
        """Work out, all at once, what those treatments post of which it is not known yet."""
        done = [len(self._pages[segment].posted.get(period, ())) for segment, period in keys]
        behind = [
            (self._pages[segment], segment, period, first)
            for (segment, period), first in zip(keys, done, strict=True)
            if first < len(self._pages[segment].variants)
        ]
        if not behind:
            return
        sizes = [len(page.variants) - first for page, _, _, first in behind]
        found = self._postings(
            np.repeat([segment for _, segment, _, _ in behind], sizes),
            np.repeat([period for _, _, period, _ in behind], sizes),
            np.concatenate([page.efforts[first:] for page, _, _, first in behind]),
            np.concatenate([page.variants[first:] for page, _, _, first in behind]),
        )
        for (page, _, period, first), more in zip(behind, np.split(found, np.cumsum(sizes)[:-1]), strict=True):
            page.posted[period] = np.concatenate([page.posted[period], more]) if first else more

    def _postings(self, segment: IntArray, period: IntArray, efforts: FloatArray, variants: IntArray) -> FloatArray:
        """[K, F] efforts, loads, margin, arrivals, thresholds and needs of one customer."""
        space = self._space
        found = space.table.coefficients(segment, period, efforts, space.boosts[variants])
        columns = [
            efforts,
            efforts * space.saves[variants],
            found.margin[:, None],
            found.probability,
            space.reached(efforts),
            space.needs(efforts, variants),
        ]
        return np.concatenate(columns, axis=1)


def _groups(segment: IntArray, version: IntArray) -> tuple[IntArray, list[tuple[tuple[int, int], slice]]]:
    """An order of rows, of which there is one at least, and each (segment, version) with its place in that order."""
    order = np.lexsort((version, segment))
    segment, version = segment[order], version[order]
    change = np.flatnonzero((np.diff(segment) != 0) | (np.diff(version) != 0)) + 1
    ends = [0, *change.tolist(), len(order)]
    return order, [((int(segment[start]), int(version[start])), slice(start, end)) for start, end in pairwise(ends)]


def _parts(rows: slice, most: int) -> Iterator[slice]:
    """Places one after the other, ``most`` at a time, but one at least."""
    step = max(most, 1)
    for start in range(rows.start, rows.stop, step):
        yield slice(start, min(start + step, rows.stop))


def _stack(prices: CellPrices) -> FloatArray:
    """Prices in the order of what a treatment posts."""
    return np.concatenate(
        [prices.effort, prices.load, prices.margin[:, None], prices.arrival, prices.threshold, prices.need], axis=1
    )
