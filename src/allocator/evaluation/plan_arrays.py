"""A plan as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from allocator.domain.errors import MistakeList, Path
from allocator.domain.plan import Plan
from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.evaluation.instance import Instance


@dataclass(frozen=True, slots=True)
class PlanArrays:
    """A plan of K treatments, sorted by period and, within it, by segment.

    This is the form that a search over plans changes directly.
    """

    segment: Ints
    """[K]"""
    period: Ints
    """[K], counted from 0."""
    share: Floats
    """[K] of the segment's customers in the period."""
    efforts: Floats
    """[K,L] effort per customer."""
    uses: Bools
    """[K,G] programmes listed by the treatment."""
    automatic: Bools
    """[K] whether the treatment lists nothing and takes every working programme that helps it."""
    spend: Floats
    """[C,T] money, or hours or units of the input pool."""
    heads: Floats
    """[R,T]; 0 for fixed resources."""
    start: Ints
    """[G] period in which a programme starts, counted from 0; -1 for never."""

    @classmethod
    def read(cls, instance: Instance, plan: Plan) -> PlanArrays:
        """Arrays of ``plan`` on the scenario of ``instance``.

        Raises
        ------
        InvalidInput
            If the plan names things or periods that the scenario does not have, or states one
            spend, headcount or programme twice.
        """
        mistakes = MistakeList()
        reader = _Reader(instance, mistakes)
        spend, heads, start = reader.spend(plan), reader.heads(plan), reader.start(plan)
        segment, period, share, efforts, uses, automatic = reader.treatments(plan)
        mistakes.raise_if_any()
        order = np.lexsort((segment, period))
        return cls(
            segment=segment[order],
            period=period[order],
            share=share[order],
            efforts=efforts[order],
            uses=uses[order],
            automatic=automatic[order],
            spend=spend,
            heads=heads,
            start=start,
        )


class _Reader:
    """Looks names up and collects what is wrong with them."""

    def __init__(self, instance: Instance, mistakes: MistakeList) -> None:
        self._instance = instance
        self._mistakes = mistakes

    def _index(self, path: Path, kind: str, name: str, known: dict[str, int]) -> int:
        if name not in known:
            self._mistakes.unknown(path, kind, name, known)
        return known.get(name, 0)

    def _period(self, path: Path, period: int) -> int:
        if period > self._instance.horizon:
            self._mistakes.add(
                path, f"period {period} is beyond the horizon", expected=f"1 to {self._instance.horizon}"
            )
            return 0
        return period - 1

    def _once(self, path: Path, key: tuple[int, int], seen: set[tuple[int, int]], what: str) -> None:
        if key in seen:
            self._mistakes.add(path, f"states {what} twice")
        seen.add(key)

    def treatments(self, plan: Plan) -> tuple[Ints, Ints, Floats, Floats, Bools, Bools]:
        size = len(plan.treatments)
        levers, programmes = _positions(self._instance.levers.names), _positions(self._instance.programmes.names)
        segment, period = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        efforts = np.zeros((size, len(levers)))
        uses = np.zeros((size, len(programmes)), dtype=bool)
        for k, treatment in enumerate(plan.treatments):
            path: Path = ("plan", "treatments", k)
            known = self._instance.segment_index
            segment[k] = self._index((*path, "segment"), "segment", treatment.segment, known)
            period[k] = self._period((*path, "period"), treatment.period)
            for lever, effort in treatment.efforts:
                position = self._index((*path, "efforts", lever), "lever", lever, levers)
                if position < len(levers):
                    efforts[k, position] += effort
            for programme in treatment.programmes or ():
                position = self._index((*path, "programmes", programme), "programme", programme, programmes)
                if position < len(programmes):
                    uses[k, position] = True
        share = np.array([treatment.share for treatment in plan.treatments], dtype=float)
        automatic = np.array([treatment.programmes is None for treatment in plan.treatments], dtype=bool)
        return segment, period, share, efforts, uses, automatic

    def spend(self, plan: Plan) -> Floats:
        known = _positions(self._instance.channels.names)
        spend = np.zeros((len(known), self._instance.horizon))
        seen: set[tuple[int, int]] = set()
        for index, row in enumerate(plan.spend):
            path: Path = ("plan", "spend", index)
            channel = self._index((*path, "channel"), "channel", row.channel, known)
            period = self._period((*path, "period"), row.period)
            self._once(path, (channel, period), seen, f"the spend of `{row.channel}` in period {row.period}")
            if channel < len(known):
                spend[channel, period] = row.spend
        return spend

    def heads(self, plan: Plan) -> Floats:
        resources = self._instance.resources
        known = {name: r for r, name in enumerate(resources.names) if resources.labour[r]}
        given = np.full((len(resources.names), self._instance.horizon), np.nan)
        seen: set[tuple[int, int]] = set()
        for index, row in enumerate(plan.heads):
            path: Path = ("plan", "heads", index)
            resource = self._index((*path, "resource"), "labour resource", row.resource, known)
            period = self._period((*path, "period"), row.period)
            self._once(path, (resource, period), seen, f"the heads of `{row.resource}` in period {row.period}")
            if row.resource in known:
                given[resource, period] = row.headcount
        heads = np.empty_like(given)
        before = resources.headcount
        for period in range(self._instance.horizon):
            before = np.where(np.isnan(given[:, period]), before, given[:, period])
            heads[:, period] = before
        return heads

    def start(self, plan: Plan) -> Ints:
        known = _positions(self._instance.programmes.names)
        start = np.full(len(known), -1, dtype=np.int64)
        seen: set[tuple[int, int]] = set()
        for index, row in enumerate(plan.programmes):
            path: Path = ("plan", "programmes", index)
            programme = self._index((*path, "programme"), "programme", row.programme, known)
            period = self._period((*path, "start"), row.start)
            self._once(path, (programme, 0), seen, f"the start of `{row.programme}`")
            if programme < len(known):
                start[programme] = period
        return start


def _positions(names: Iterable[str]) -> dict[str, int]:
    return {name: index for index, name in enumerate(names)}
