"""A plan: who gets which treatment, what channels spend, how many heads, which programmes start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Annotated

from pydantic import Field

from allocator.domain.base import Frozen, NonNegative, Period, Share


class Treatment(Frozen):
    """A share of a segment's customers in one period and the efforts they get."""

    segment: str
    period: Period
    share: Annotated[float, Field(ge=0.0)]
    """Share of the segment's customers in the period; what shares leave short of 1 gets no effort."""
    efforts: tuple[tuple[str, NonNegative], ...] = ()
    """(lever, effort per customer); levers not listed get 0."""
    programmes: tuple[str, ...] | None = None
    """Boosting or saving programmes that the treatment uses; None: every one that is working."""


class ChannelSpend(Frozen):
    """Spend on a channel in a period, in money or in the hours or units of its input pool."""

    channel: str
    period: Period
    spend: NonNegative


class Heads(Frozen):
    """Heads employed in a labour resource in a period."""

    resource: str
    period: Period
    headcount: NonNegative


class ProgrammeStart(Frozen):
    """A programme and the period it starts in."""

    programme: str
    start: Period


class Adapted(Frozen):
    """The treatments that customers get in one shock scenario."""

    scenario: str
    """Name of the shock scenario."""
    treatments: tuple[Treatment, ...] = ()


class Plan(Frozen):
    """A whole plan. Heads not given stay as they were in the period before; all else not given is zero.

    Overtime and partner hours are not part of a plan: within a period the cheaper one is used first.
    """

    treatments: tuple[Treatment, ...] = ()
    spend: tuple[ChannelSpend, ...] = ()
    heads: tuple[Heads, ...] = ()
    programmes: tuple[ProgrammeStart, ...] = ()
    adapted: tuple[Adapted, ...] = ()
    """Treatments by shock scenario, where they adapt (recourse); ``treatments`` is then their mean, which a
    shock scenario that is not listed gets."""

    def within(self, scenario: str) -> Plan:
        """The plan as one shock scenario carries it out."""
        chosen = next((entry.treatments for entry in self.adapted if entry.scenario == scenario), self.treatments)
        return self.model_copy(update={"treatments": chosen, "adapted": ()})


class EffortRow(Frozen):
    """Effort of one lever for a share of a segment's customers: an `effort` row of the tidy table."""

    lever: str
    segment: str
    period: Period
    effort: NonNegative
    share: Share = 1.0


def combine_levers(rows: Iterable[EffortRow]) -> tuple[Treatment, ...]:
    """Treatments from efforts given lever by lever; the levers of a segment combine independently.

    A lever at effort 2 for half of a segment and another at effort 3 for all of it make two
    treatments of half each, (2, 3) and (0, 3). Several rows of one lever, segment and period are
    parts of the segment that do not overlap.

    Raises
    ------
    ValueError
        If the shares of one lever in one segment and period add up to more than 1.
    """
    cells: dict[tuple[str, int], dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        cells[row.segment, row.period][row.lever].append((row.effort, row.share))
    treatments: list[Treatment] = []
    for (segment, period), levers in sorted(cells.items(), key=lambda cell: (cell[0][0], cell[0][1])):
        treatments.extend(_cell(segment, period, levers))
    return tuple(treatments)


def _cell(segment: str, period: int, levers: Mapping[str, list[tuple[float, float]]]) -> list[Treatment]:
    options: list[list[tuple[str, float, float]]] = []
    for lever, parts in levers.items():
        rest = 1.0 - sum(share for _, share in parts)
        if rest < -1e-9:
            raise ValueError(f"shares of `{lever}` in `{segment}`, period {period}, add up to {1.0 - rest:g}")
        options.append([(lever, effort, share) for effort, share in parts if share > 0.0])
        if rest > 1e-12:
            options[-1].append((lever, 0.0, rest))
    treatments = []
    for combination in product(*options):
        share = 1.0
        for _, _, part in combination:
            share *= part
        efforts = tuple((lever, effort) for lever, effort, _ in combination if effort > 0.0)
        if efforts:
            treatments.append(Treatment(segment=segment, period=period, share=share, efforts=efforts))
    return treatments
