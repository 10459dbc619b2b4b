"""What a plan pays for and does not use is left out of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from infeasible_scenario import scenario, small

from allocator.solving import Engine
from allocator.solving.deadline import Deadline
from allocator.solving.idle import switch_off

ADS = {
    "function": "marketing",
    "spend": {"max": 100, "fixed": 7.0},
    "response": {"curve": "linear", "slope": 0.0},
    "into": {"gold": 1.0},
}
"""A channel that brings nobody."""


def engine(**model: Any) -> Engine:
    """A call costs more than it earns: 100 customers at 10 in two periods, less wages of 200, is the best."""
    return Engine(scenario(small(model=model)))


def columns(built: Engine, *names: str) -> list[int]:
    ledger = built.ledger
    staff = ledger.staff["desk"]
    found = {"hires": staff.hires.get(1), "releases": staff.releases.get(1)}
    found["set-up"] = ledger.usages.get(0, {}).get((0, 1))
    found["use"] = ledger.channels["ads", 1].use if ("ads", 1) in ledger.channels else None
    return [built.program.column(found[name]) for name in names]


@pytest.mark.parametrize(
    ("model", "names", "cost"),
    [
        ({"levers": {"calls": {"setup": 5.0}}}, ["set-up"], 5.0),
        ({"channels": {"ads": ADS}}, ["use"], 7.0),
        ({"resources": {"desk": {"hire": {"cost": 3.0}, "release": {"cost": 4.0}}}}, ["hires", "releases"], 7.0),
    ],
)
def test_nothing_idle_is_paid_for(model, names, cost):
    """The plan as it is held costs so much more than the same plan without what it does not use."""
    built = engine(**model)
    value = np.zeros(built.master.solver.columns)
    heads = built.ledger.heads.get("desk", {})
    for variable in heads.values():
        value[built.program.column(variable)] = 2.0
    value[columns(built, *names)] = 1.0
    search = built.search
    search.hold_and_polish(value, Deadline())
    assert search.best is not None
    assert built.natural(search.best.objective) == pytest.approx(1800.0 - cost)
    switch_off(built.ledger, search, Deadline())
    assert built.natural(search.best.objective) == pytest.approx(1800.0)
