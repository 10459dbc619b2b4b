"""The risk section: shocks.csv and what is to be drawn."""

from __future__ import annotations

from collections import Counter, defaultdict

from allocator.domain.checks.known import Known
from allocator.domain.errors import MistakeList
from allocator.domain.scenario import Scenario

SUM_TOLERANCE = 1.001e-3
"""How far the probabilities of the shock scenarios may be from adding up to 1: three times 0.333 will do."""

MOST_REDUCED = 5_000
"""Most scenarios that reduction starts from; it compares each with each."""


def check_probabilities(scenario: Scenario, known: Known, found: MistakeList) -> None:
    """One probability to a shock scenario, that of most of its rows or else of the first, adding up to 1."""
    stated: dict[str, Counter[float]] = defaultdict(Counter)
    for shock in scenario.risk.shocks or ():
        stated[shock.scenario][shock.probability] += 1
    probabilities = {name: each.most_common(1)[0][0] for name, each in stated.items()}
    for index, shock in enumerate(scenario.risk.shocks or ()):
        usual = probabilities[shock.scenario]
        if shock.probability != usual:
            message = f"the probability of `{shock.scenario}` is {shock.probability:g} here and {usual:g} in other rows"
            found.add(("shocks", index, "probability"), message, expected="the same in all rows of a scenario")
    total = sum(probabilities.values())
    if scenario.risk.shocks and abs(total - 1.0) > SUM_TOLERANCE:
        message = f"the probabilities of the {len(probabilities)} scenarios add up to {total:.10g}"
        found.add(("shocks", 0, "probability"), message, expected="1")


def check_shocks(scenario: Scenario, known: Known, found: MistakeList) -> None:
    """Segments and periods that exist; no row twice; `keep_factor` where it says something."""
    seen: set[tuple[str, str, int | None]] = set()
    for index, shock in enumerate(scenario.risk.shocks or ()):
        path = ("shocks", index)
        known.check_segment(found, (*path, "segment"), shock.segment)
        if shock.period is not None and shock.period > scenario.horizon + 1:
            message = f"period {shock.period} is beyond the horizon"
            found.add((*path, "period"), message, expected=f"1 to {scenario.horizon + 1}")
        row = (shock.scenario, shock.segment, shock.period)
        if row in seen:
            found.add((*path, "segment"), f"the shock of `{shock.scenario}` to `{shock.segment}` is given twice")
        seen.add(row)
        if shock.keep_factor is not None and not scenario.risk.recourse:
            message = "`keep_factor` needs `recourse: true` under `risk`"
            found.add((*path, "keep_factor"), message)
        if shock.keep_factor is not None and shock.period == scenario.horizon + 1:
            message = f"`keep_factor` is about the move to the next period, and nobody moves in period {shock.period}"
            found.add((*path, "keep_factor"), message, expected=f"a period from 1 to {scenario.horizon}")
        segment = known.segments.get(shock.segment)
        if shock.keep_factor is not None and segment is not None and not segment.ours:
            message = f"`keep_factor` is about staying with us, and customers of `{shock.segment}` are not ours"
            found.add((*path, "keep_factor"), message, expected="nothing here, or a segment of ours")


def check_generate(scenario: Scenario, known: Known, found: MistakeList) -> None:
    """Shocks are drawn by a column that exists."""
    generate = scenario.risk.generate
    if generate is None:
        return
    path = ("scenario", "risk", "generate")
    if generate.keep_volatility is not None and not scenario.risk.recourse:
        found.add((*path, "keep_volatility"), "`keep_volatility` needs `recourse: true` under `risk`")
    if generate.by not in known.tags:
        found.unknown((*path, "by"), "column", generate.by, known.tags)
    if generate.rare is not None:
        known.check_where(found, (*path, "rare", "where"), generate.rare.where)
    if generate.reduce_to is not None and generate.reduce_to > generate.scenarios:
        message = f"`reduce_to` {generate.reduce_to} is more than the {generate.scenarios} scenarios drawn"
        found.add((*path, "reduce_to"), message, expected=f"at most {generate.scenarios}")
    elif generate.reduce_to is not None and generate.scenarios > MOST_REDUCED:
        message = f"reduction compares each scenario with each, and {generate.scenarios:,} are too many"
        found.add((*path, "scenarios"), message, expected=f"at most {MOST_REDUCED:,}")
