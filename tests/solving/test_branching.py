"""Branching on programmes against every choice of their starts, each solved and proven on its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from allocator.domain.errors import Infeasible
from allocator.domain.scenario import Scenario
from allocator.files import read_scenario
from allocator.solving import Engine
from allocator.solving.answers import Outcome
from allocator.solving.branching import Branching
from allocator.solving.deadline import Deadline
from allocator.solving.refine import Converged, Refiner
from benchmarks.instances import Size, instance


def business(seed: int, price: float, folder: Path) -> Scenario:
    """Ten segments over four quarters, and three programmes at a part of their ``price``: the relaxation starts some of
    them in part."""
    scenario = read_scenario(instance(Size(segments=10, levers=2, periods=4, programmes=3, seed=seed)).write(folder))
    cheaper = {
        name: each.model_copy(update={"cost": price * each.cost, "running": price * each.running})
        for name, each in scenario.model.programmes.items()
    }
    return scenario.model_copy(update={"model": scenario.model.model_copy(update={"programmes": cheaper})})


@pytest.mark.parametrize(("seed", "price"), [(3, 0.05), (1, 0.2), (3, 0.1)])
def test_no_choice_of_starts_is_better_than_the_bound(seed: int, price: float, tmp_path: Path):
    scenario = business(seed, price, tmp_path)
    choices = Choices(scenario)
    proven = [each for each in map(choices.proven, choices.all()) if each is not None]
    for gap in (1e-3, 1e-5):
        engine = Engine(scenario)
        best, bound = engine.solve(Deadline(), gap=gap)
        slack = 1e-7 * abs(bound)
        assert max(value for value, _ in proven) <= bound + slack
        assert best.objective <= max(most for _, most in proven) + slack
        assert bound - best.objective <= gap * engine.search.size_of(best.objective) * 1.01


def test_the_relaxation_starts_programmes_in_part(tmp_path: Path):
    """Or nothing above would be branched on."""
    engine = Engine(business(3, 0.05, tmp_path))
    assert len(engine.sides.in_part(engine.root(Deadline(), gap=1e-4).answer.value)) == 2


def test_a_branch_that_is_not_proven_to_be_empty_stays_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """As next to the highest CVaR: no solution is found, but slack can be brought to nothing."""
    engine = Engine(business(3, 0.05, tmp_path))
    root = engine.root(Deadline(), gap=1e-4)
    lost = replace(root, answer=replace(root.answer, outcome=Outcome.INFEASIBLE))
    no_slack = replace(root, bound=0.0)

    def converge(_: Refiner, __: Deadline, *, gap: float, prove: bool = True, **___: object) -> Converged:
        return no_slack if prove else lost

    monkeypatch.setattr(Refiner, "converge", converge)
    assert (
        Branching(engine.sides, engine.search, engine.elastic).run(root, root.bound, Deadline(), gap=1e-5) == root.bound
    )


def test_ranges_that_are_cut_while_a_plan_is_looked_for():
    """Cutting the range of an S-curve brings columns that the solution of the node does not have. The budget ends on
    the first, flat stretch of the curve, far below the envelope."""
    curve = {"curve": "points", "efforts": [0, 600, 1200, 2000], "values": [0, 3.136, 24.235, 32.861]}
    scenario = Scenario.model_validate(
        {
            "scenario": "cut",
            "horizon": 3,
            "model": {
                "model": "shop",
                "period": "month",
                "discount_rate": 0.104,
                "segments": [{"segment": "core", "customers": 90, "margin": 18}],
                "transitions": [{"from": "core", "to": "core", "probability": 0.95}],
                "levers": {"visits": {"function": "service", "effort": {"max": 3}}},
                "channels": {
                    "ads": {"function": "sales", "spend": {"max": 2000}, "response": curve, "into": {"core": 0.3}}
                },
            },
            "budgets": [{"name": "all", "amount": 500}],
        }
    )
    engine = Engine(scenario)
    best, bound = engine.solve(Deadline(), gap=1e-6)
    assert bound - best.objective <= 1e-6 * engine.search.size_of(best.objective)


class Choices:
    """One program in which the starts of all programmes are held."""

    def __init__(self, scenario: Scenario) -> None:
        self.engine = Engine(scenario)

    def all(self) -> list[dict[str, int | None]]:
        """Every programme started in a period of its window, or never."""
        programmes = self.engine.scenario.model.programmes
        times = [[None, *range(each.window[0], each.window[1] + 1)] for each in programmes.values()]
        return [dict(zip(programmes, chosen, strict=True)) for chosen in product(*times)]

    def proven(self, chosen: dict[str, int | None]) -> tuple[float, float] | None:
        """The best plan with these starts and a bound on all of them; None where they break a requirement."""
        engine = self.engine
        held = [
            (engine.program.column(start), float(chosen[name] == period))
            for name, starts in engine.ledger.starts.items()
            for period, start in starts.items()
        ]
        columns, at = np.array([column for column, _ in held]), np.array([value for _, value in held])
        engine.master.solver.bound_columns(columns, at, at)
        try:
            found = engine.root(Deadline(), gap=1e-7)
        except Infeasible:
            return None
        return found.answer.objective, found.bound
