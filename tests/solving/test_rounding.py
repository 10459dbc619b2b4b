"""The nearest whole numbers keep the rows that are about whole numbers alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from infeasible_scenario import scenario, small

from allocator.solving import Engine
from allocator.solving.answers import Outcome
from allocator.solving.deadline import Deadline

TWO = {
    "programmes": {
        "base": {"function": "it", "cost": 1.0, "window": [1, 1], "boosts": {"calls": 1.1}},
        "top": {"function": "it", "cost": 1.0, "window": [1, 1], "boosts": {"calls": 1.2}, "requires": ["base"]},
    },
    "resources": {"desk": {"hire": {"cost": 1.0}, "release": {"cost": 1.0}}},
}


def engine() -> Engine:
    return Engine(scenario(small(model=TWO)))


def point(built: Engine, **values: float) -> np.ndarray:
    """A solution with the whole numbers given, all else 0."""
    value = np.zeros(len(built.program.lower))
    for name, number in values.items():
        value[column(built, name)] = number
    return value


def column(built: Engine, name: str) -> int:
    if name in built.ledger.starts:
        return built.program.column(built.ledger.starts[name][1])
    return built.program.column(built.ledger.heads["desk"][int(name.removeprefix("heads"))])


def found(built: Engine, value: np.ndarray, held: dict[int, float] | None = None) -> dict[int, float]:
    numbers = built.search.nearest.find(value, held or {}, Deadline())
    return dict(zip(built.search.nearest.columns.tolist(), numbers.tolist(), strict=True))


def test_a_programme_and_what_it_requires_are_rounded_together():
    """base 0.45 and top 0.6: one by one that is 0 and 1, which is not allowed. Both: 0.55 + 0.4; neither: 1.05."""
    built = engine()
    numbers = found(built, point(built, base=0.45, top=0.6, heads1=2.0, heads2=2.0))
    assert numbers[column(built, "base")] == numbers[column(built, "top")] == 1.0


def test_what_is_held_stays():
    built = engine()
    held = {column(built, "base"): 0.0}
    numbers = found(built, point(built, base=0.45, top=0.6, heads1=2.0, heads2=2.0), held)
    assert numbers[column(built, "base")] == numbers[column(built, "top")] == 0.0


def test_heads_follow_from_hires_and_releases():
    """Two heads before: 3.4 and then 1.2 are rounded to 3 and 1, with a hire and two releases."""
    built = engine()
    numbers = found(built, point(built, heads1=3.4, heads2=1.2))
    heads = [numbers[column(built, f"heads{period}")] for period in (1, 2)]
    staff = built.ledger.staff["desk"]
    moves = [
        numbers[built.program.column(staff.hires[period])] - numbers[built.program.column(staff.releases[period])]
        for period in (1, 2)
    ]
    assert moves == [heads[0] - 2.0, heads[1] - heads[0]]


def test_a_switch_that_is_on_in_part_may_be_taken_for_on():
    """A relaxation that spends 400 of at most 1,000 pays for 0.4 of a channel's fixed cost: nearest is off."""
    channel = {
        "function": "marketing",
        "spend": {"max": 1000.0, "fixed": 1.0},
        "response": {"curve": "linear", "slope": 1.0},
        "into": {"gold": 1.0},
    }
    budgets = [{"name": "ads", "amount": 401.0, "channels": ["ads"]}]
    built = Engine(scenario(small(model={"channels": {"ads": channel}}, budgets=budgets)))
    root = built.root(Deadline(), gap=1e-6).answer.value
    built.search.round(root, Deadline())
    nearest = built.search.best.objective
    built.search.round_readily(root, Deadline())
    assert built.search.best.objective > nearest


def uniform(min_share: float) -> Engine:
    """Desk hours for 4 calls to half of the customers, a call earning 2 more than it costs; all get the same."""
    rules = [
        {"rule": "uniform"},
        {"rule": "coverage", "lever": "calls", "min_effort": 1, "min_share": min_share},
    ]
    earns = [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 5.0}}]
    resources = {"desk": {"headcount": 1}}
    return Engine(scenario(small(model={"responses": earns, "resources": resources}, rules=rules)))


def test_everyone_gets_what_most_get_or_nothing():
    """100 hours give 200 calls to 100 customers: two for each. Where a relaxation gives most of them four, no calls are
    left to try, and they do where no coverage is asked for."""
    for share, objective in ((0.0, 2 * 1000.0 - 100.0), (0.4, None)):
        built = uniform(share)
        treatments = built.master.treatments
        value = np.zeros(built.master.solver.columns)
        value[built.master.treatment_columns[treatments.efforts[:, 0] == 4.0]] = 1.0
        built.search.round_uniform(value, Deadline())
        best = built.search.best
        assert (None if best is None else round(built.natural(best.objective), 6)) == objective
    value[built.master.treatment_columns[treatments.efforts[:, 0] == 2.0]] = 2.0
    built.search.round_uniform(value, Deadline())
    assert built.search.best is not None
    assert round(built.natural(built.search.best.objective), 6) == 2 * 100 * (10 + 2 * 2) - 100


def test_a_plan_may_lie_a_hair_beside_the_spends_of_a_solution(monkeypatch):
    """One period: 100 customers at 10 less wages of 100, and each left is worth 30. 20 more come for 200. Where these
    very spends are said to be impossible, spends beside them cost no more than a hair of that."""
    ads = {
        "function": "marketing",
        "spend": {"min": 20, "max": 200},
        "response": {"curve": "points", "efforts": [0, 100, 200], "values": [0, 2, 20]},
        "into": {"gold": 1.0},
    }
    built = Engine(scenario(small(terminal={"gold": 30.0}, model={"channels": {"ads": ads}}, horizon=1)))
    hold, asked = built.search._on_curves, []

    def impossible(answer, deadline, more=0.0):
        asked.append(more)
        found = hold(answer, deadline, more)
        return found if more else replace(found, outcome=Outcome.INFEASIBLE)

    monkeypatch.setattr(built.search, "_on_curves", impossible)
    best, _ = built.solve(Deadline.after(60.0), gap=1e-4)
    assert any(asked)
    assert built.natural(best.objective) == pytest.approx(100 * 10 - 2 * 50 + 100 * 30 + 20 * 30 - 200, rel=1e-4)


def test_a_solution_from_before_ranges_were_cut_is_still_rounded():
    """It says nothing of the parts of the S-curve's range; the plan made of it is on the curve all the same."""
    response = {"curve": "adbudg", "high": 60.0, "half": 80.0, "shape": 3.0}
    ads = {"function": "marketing", "spend": {"max": 100.0}, "response": response, "into": {"gold": 1.0}}
    hires = {"desk": {"hire": {"cost": 1.0}, "release": {"cost": 1.0}}}
    built = Engine(scenario(small(model={"channels": {"ads": ads}, "resources": hires})))
    value = built.root(Deadline(), gap=1e-6).answer.value.copy()
    spend = built.lines.spend[0]
    value[spend] = 0.3 * built.program.upper[spend]
    assert built.lines.cut(value)
    built.search.round(value, Deadline())
    assert built.search.best is not None
    assert built.lines.off(built.search.best.value) == pytest.approx(0.0, abs=1e-9)
