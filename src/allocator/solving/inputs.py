"""Inputs that nobody knows exactly, and the scenario with one of them changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from allocator.domain.curves import Adbudg, Curve, Exponential, Linear, Points
from allocator.domain.model import Response, Transition, TreatedTransition
from allocator.domain.scenario import Scenario

Row = TypeVar("Row", Transition, TreatedTransition)


@dataclass(frozen=True, slots=True)
class Input:
    """A response, a margin or a retention. ``at(f)`` is the scenario with it multiplied by f."""

    kind: str
    """`response`, `margin` or `retention`."""
    name: str
    at: Callable[[float], Scenario]


def inputs(scenario: Scenario) -> Iterator[Input]:
    """Every response row, and margin and retention of every segment of ours.

    A response's curve is multiplied. So is a margin, the terminal value that follows from it included. Of
    retention the odds are multiplied: the chance of staying with us against that of not staying.
    """
    model = scenario.model
    for number, response in enumerate(model.responses):
        yield Input("response", _words(response), _bound(scenario, number, _with_response))
    for number, segment in enumerate(model.segments):
        if segment.ours:
            yield Input("margin", segment.name, _bound(scenario, number, _with_margin))
            yield Input("retention", segment.name, _bound(scenario, number, _with_retention))


def scaled(curve: Curve, factor: float) -> Curve:
    """The curve with all its values multiplied."""
    match curve:
        case Adbudg():
            return curve.model_copy(update={"low": factor * curve.low, "high": factor * curve.high})
        case Exponential():
            return curve.model_copy(update={"high": factor * curve.high})
        case Linear():
            return curve.model_copy(update={"slope": factor * curve.slope})
        case Points():
            return curve.model_copy(update={"values": tuple(factor * value for value in curve.values)})


def _words(response: Response) -> str:
    where = ", ".join(response.selectors.values())
    effect = f"{response.effect} to {response.to}" if response.to else response.effect
    return f"{response.lever}: {effect}" + (f" ({where})" if where else "")


def _bound(
    scenario: Scenario, number: int, change: Callable[[Scenario, int, float], Scenario]
) -> Callable[[float], Scenario]:
    return lambda factor: change(scenario, number, factor)


def _with_model(scenario: Scenario, **parts: object) -> Scenario:
    return scenario.model_copy(update={"model": scenario.model.model_copy(update=parts)})


def _with_response(scenario: Scenario, number: int, factor: float) -> Scenario:
    rows = list(scenario.model.responses)
    rows[number] = rows[number].model_copy(update={"curve": scaled(rows[number].curve, factor)})
    return _with_model(scenario, responses=tuple(rows))


def _with_margin(scenario: Scenario, number: int, factor: float) -> Scenario:
    rows = list(scenario.model.segments)
    rows[number] = rows[number].model_copy(update={"margin": factor * rows[number].margin})
    return _with_model(scenario, segments=tuple(rows))


def _with_retention(scenario: Scenario, number: int, factor: float) -> Scenario:
    model = scenario.model
    name = model.segments[number].name
    ours = {segment.name for segment in model.segments if segment.ours}
    leaving = [row for row in model.transitions if row.origin == name]
    measured = [row for row in model.treated if row.origin == name]
    groups: dict[tuple[str, float], list[TreatedTransition]] = defaultdict(list)
    for row in measured:
        groups[row.lever, row.effort].append(row)
    changed = [row for group in groups.values() for row in _with_odds(group, ours, factor)]
    return _with_model(
        scenario,
        transitions=(*(row for row in model.transitions if row.origin != name), *_by_period(leaving, ours, factor)),
        treated=(*(row for row in model.treated if row.origin != name), *changed),
    )


def _by_period(rows: list[Transition], ours: set[str], factor: float) -> Iterator[Transition]:
    """Rows of one origin; a period with rows of its own has the others of every period beside them."""
    always = {row.destination: row for row in rows if row.period is None}
    yield from _with_odds(always.values(), ours, factor)
    for period in sorted({row.period for row in rows if row.period is not None}):
        own = {row.destination: row for row in rows if row.period == period}
        whole = {name: row.model_copy(update={"period": period}) for name, row in always.items()} | own
        yield from _with_odds(whole.values(), ours, factor)


def _with_odds(rows: Iterable[Row], ours: set[str], factor: float) -> list[Row]:
    """One probability row with the odds of its destinations of ours multiplied."""
    rows = list(rows)
    kept = sum(row.probability for row in rows if row.destination in ours)
    total = 1.0 - kept + factor * kept
    return [
        row.model_copy(update={"probability": row.probability * (factor if row.destination in ours else 1.0) / total})
        for row in rows
    ]
