"""Treatments that are far from any use are left out: nothing that a solution or a plan stands on goes with them."""

from __future__ import annotations

import numpy as np
import pytest
from infeasible_scenario import scenario, small

from allocator.solving import Engine
from allocator.solving.deadline import Deadline


@pytest.fixture
def built() -> Engine:
    return Engine(scenario(small()))


def used(built: Engine, value: np.ndarray) -> dict[bytes, float]:
    """Customers by treatment."""
    amounts = built.master.amounts(value).tolist()
    return {label: amount for label, amount in zip(built.master.treatments.labels(), amounts, strict=True) if amount}


def test_a_solution_stays_what_it_was(built: Engine):
    master = built.master
    before = master.solve_lp(Deadline())
    amounts = used(built, before.value)
    stay = master.drop(0.0, np.zeros(len(master.treatments), dtype=bool))
    assert len(stay) == master.solver.columns < len(before.value)
    assert used(built, before.value[stay]) == amounts
    after = master.solve_lp(Deadline())
    assert after.objective == pytest.approx(before.objective, rel=1e-12)
    assert master.solver.highs.getInfo().simplex_iteration_count == 0


def test_what_is_kept_stays_and_what_went_may_come_back(built: Engine):
    master = built.master
    master.solve_lp(Deadline())
    known = master.treatments
    kept = np.zeros(len(known), dtype=bool)
    kept[0] = True
    master.drop(0.0, kept)
    left = set(master.treatments.labels())
    assert known.labels()[0] in left
    gone = [place for place, label in enumerate(known.labels()) if label not in left]
    assert gone
    assert master.add(known.take(np.array(gone))) == len(gone)
    assert master.add(known) == 0


def test_to_do_nothing_stays_open_to_all(built: Engine):
    master = built.master
    master.solve_lp(Deadline())
    cells = len(built.instance.segments) * built.instance.horizon
    master.drop(0.0, np.zeros(len(master.treatments), dtype=bool))
    idle = (master.treatments.variant == 0) & ~master.treatments.efforts.any(axis=1)
    assert idle.sum() == cells
