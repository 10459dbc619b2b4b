"""A solution of the program, in the planner's terms."""

from __future__ import annotations

import numpy as np
from infeasible_scenario import scenario, small

from allocator.solving import Engine
from allocator.solving.extract import extract


def test_what_is_rounding_is_nobody_where_nobody_is():
    """A segment without customers, of whom a solution gives 4 calls to next to none: they are no plan for all of it."""
    segments = [*small()["model"]["segments"], {"segment": "empty", "customers": 0, "margin": 10.0}]
    built = Engine(scenario(small(model={"segments": segments})))
    treatments, columns = built.master.treatments, built.master.treatment_columns
    called = (treatments.efforts[:, 0] == 4.0) & (treatments.period == 1)
    value = np.zeros(built.master.solver.columns)
    value[columns[called & (treatments.segment == 0)]] = 0.25
    value[columns[called & (treatments.segment == 1)]] = 1e-14
    plan = extract(built.ledger, built.master, value)
    assert [(row.segment, row.period, row.efforts) for row in plan.treatments] == [("gold", 1, (("calls", 4.0),))]
