"""Next to the highest CVaR that any plan reaches: a plan to begin with where the floor itself shows none.

With next to no room left below the floor, holding what a relaxation spends leaves no plan, and a solver may take for
infeasible what is feasible by a hair. The plan with the highest CVaR is looked for instead: it keeps the floor, or
it proves that none does.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from allocator.domain.errors import AllocatorError, Infeasible
from allocator.domain.scenario import Scenario
from allocator.formulation.instance import Floats
from allocator.solving.built import Built
from allocator.solving.deadline import Deadline
from allocator.solving.extract import given
from allocator.solving.nothing_done import no_effort
from allocator.solving.search import Incumbent
from allocator.solving.wholes import columns_of, commitments, wholes

_GAPS = (1e-5, 1e-7, 1e-9)
"""Gaps to which the highest CVaR is found, one after the other, until it is known whether it reaches the floor."""
_SHORT = 5e-7
"""Relative shortfall from the floor that counts as none; the evaluation allows twice as much."""


class Solvable(Built):
    """What is built for a scenario, and can be solved."""

    held = False
    """Whether some of what is decided is held: what is true of the scenario is then not true of the engine."""

    @abstractmethod
    def answer(self, deadline: Deadline, *, gap: float) -> tuple[Incumbent, float]:
        """The best plan found and the bound (both scaled)."""


def begin(engine: Solvable, deadline: Deadline) -> bool:
    """Make a plan that keeps the CVaR floor the incumbent, if one is found; returns whether it is.

    Raises
    ------
    Infeasible
        If it is proven that no plan keeps the floor.
    """
    scenario = engine.scenario
    floor = scenario.risk.cvar_floor
    apart = engine.held or engine.ledger.gives is not None or bool(engine.uniform.cells)
    if floor is None or scenario.objective.kind == "spend" or apart:
        return False
    cautious = _cautious(scenario)
    other = type(engine)(cautious, engine.instance.current, no_effort(scenario))
    enough = (floor - _SHORT * abs(floor)) / other.program.money
    for gap in _GAPS:
        try:
            best, bound = other.answer(deadline, gap=gap)
        except Infeasible:
            raise
        except AllocatorError:
            return False
        constant = other.program.constant
        if best.objective + constant >= enough:
            return _begin_with(engine, other, best.value, deadline)
        if bound + constant < enough:
            raise Infeasible("no plan reaches the CVaR floor")
    return False


def _cautious(scenario: Scenario) -> Scenario:
    """The scenario in which CVaR is all that counts."""
    risk = scenario.risk.model_copy(update={"cvar_floor": None, "aversion": 1.0})
    return scenario.model_copy(update={"risk": risk})


def _begin_with(engine: Solvable, other: Solvable, value: Floats, deadline: Deadline) -> bool:
    """Hold what a solution of another engine of the same scenario commits to."""
    engine.master.add(given(other.master, value)[0])
    known = columns_of(engine.ledger, engine.master, wholes(other.ledger, other.master, value))
    spends = commitments(other.ledger, other.master, value)
    for channel in engine.ledger.channels.values():
        column = engine.program.column(channel.spend)
        if column is not None:
            known[column] = spends[channel.spend.name] / engine.program.column_unit[column]
    return engine.search.try_out(np.asarray(known), deadline)
