"""Branching on programmes: started at some time or never, then before when; what no good plan does without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from infeasible_scenario import scenario, small

from allocator.solving import Engine
from allocator.solving.branching import Branching
from allocator.solving.deadline import Deadline

BOOSTS = {
    "base": {"function": "it", "cost": 1.0, "boosts": {"calls": 1.1}},
    "top": {"function": "it", "cost": 1.0, "boosts": {"calls": 1.2}, "requires": ["base"]},
}


def engine() -> Engine:
    return Engine(scenario(small(model={"programmes": BOOSTS})), most_columns=0)


def starting(built: Engine, **starts: dict[int, float]) -> np.ndarray:
    """A solution with the starts given, all else 0."""
    value = np.zeros(len(built.program.lower))
    for name, parts in starts.items():
        for period, part in parts.items():
            value[built.program.column(built.ledger.starts[name][period])] = part
    return value


def columns(built: Engine, name: str, *periods: int) -> set[int]:
    return {built.program.column(built.ledger.starts[name][period]) for period in periods}


def test_a_programme_started_in_part_is_started_or_never():
    built = engine()
    started, never = built.sides.of_programmes(starting(built, base={1: 1.0}, top={1: 0.2, 2: 0.3}))
    assert list(started.rows) == [built.program.rows["once", ("top",)]]
    assert set(never.columns) == columns(built, "top", *built.ledger.starts["top"])
    assert set(never.columns.values()) == {(0.0, 0.0)}


def test_a_programme_started_at_several_times_is_started_before_or_after_their_mean():
    """0.7 in period 1 and 0.3 in period 2: the mean is 1.3, and the earlier side is the likelier."""
    built = engine()
    periods = list(built.ledger.starts["base"])
    early, late = built.sides.of_programmes(starting(built, base={1: 0.7, 2: 0.3}))
    assert set(early.columns) == columns(built, "base", *periods[1:])
    assert set(late.columns) == columns(built, "base", 1)


def test_where_all_is_settled_there_are_no_sides():
    built = engine()
    value = starting(built, base={2: 1.0})
    assert built.sides.of_programmes(value) == []
    assert built.sides.settled(value) == (*columns(built, "base", 2), -1)


def test_what_cannot_do_without_a_programme():
    built = engine()
    (_, followers), *rest = built.sides.in_part(starting(built, base={1: 0.5}))
    assert not rest
    assert followers.tolist() == [True, True]


@pytest.mark.parametrize("barred", [(True, False), (False, True), (True, True)])
def test_a_bound_without_programmes_lies_above_the_best_plan_without_them(barred: tuple[bool, bool]):
    built = engine()
    root = built.root(Deadline(), gap=1e-7).answer
    bound = built.refiner.without(root, np.array(barred), np.inf)
    kept = {name: dict(terms) for (name, terms), out in zip(BOOSTS.items(), barred, strict=True) if not out}
    kept.get("top", {}).pop("requires", None)
    alone = Engine(scenario(small(model={"programmes": kept})))
    best, _ = alone.solve(Deadline(), gap=1e-7)
    assert built.natural(bound) >= alone.natural(best.objective) - 1e-6 * abs(alone.natural(best.objective))
    assert bound <= root.objective + 1e-9


def test_plans_that_are_ruled_out_count_in_the_bound(monkeypatch: pytest.MonkeyPatch):
    """A programme is started without which a plan may be good within the gap; the bound covers such plans still."""
    built, gap = engine(), 0.5
    root = built.root(Deadline(), gap=1e-7)
    built.search.hold_and_polish(np.zeros(built.master.solver.columns), Deadline())
    best = built.search.best.objective
    ruled_out = best + 0.9 * gap * built.search.size_of(best)
    parts = built.sides.in_part(starting(built, base={1: 0.5}))
    monkeypatch.setattr(type(built.sides), "in_part", lambda *_: parts)
    monkeypatch.setattr(type(built.refiner), "without", lambda *_: ruled_out)
    branching = Branching(built.sides, built.search, built.elastic)
    monkeypatch.setattr(branching, "_find_plan", lambda *_, **__: None)
    high = root.answer.objective + 10.0 * built.search.size_of(best)
    raised = replace(root, answer=replace(root.answer, objective=high))
    assert branching.run(raised, np.inf, Deadline(), gap=gap) >= ruled_out
