"""What must never be: a policy that keeps every limit and is ahead of the optimum, or a bound that does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from allocator.benchmarking.entries import OPTIMUM, Entry, named

ROUNDING = 1e-9
"""Relative difference of two objectives that counts as none."""


def contradictions(group: Sequence[Entry]) -> Iterator[str]:
    """Of one scenario's entries, in sentences; none without the optimum.

    Policies are held against the optimum by the scenario's objective, which is expected customer equity unless it
    asks for something else. A solver that was stopped early can be overtaken within its gap; its bound cannot.
    """
    best = named(group, OPTIMUM)
    if best is None or best.planned.objective is None:
        return
    goal = best.scenario.objective.kind
    sign = -1.0 if goal == "spend" else 1.0
    slack = ROUNDING * max(abs(best.planned.objective), 1.0)
    for entry in group:
        objective, bound = entry.planned.objective, best.planned.bound
        if objective is None or not entry.keeps_rules:
            continue
        if bound is not None and sign * (objective - bound) > slack:
            yield f"{entry.scenario.name}: {entry.title} keeps every limit and is beyond the proven bound."
        elif sign * (objective - best.planned.objective) > slack:
            yield f"{entry.scenario.name}: {entry.title} keeps every limit and is ahead of the optimum, within its gap."
