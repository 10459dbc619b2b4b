"""Where time ran out before anything was solved: the plan at hand, with no proof."""

from __future__ import annotations

import math

from allocator.domain.plan import Plan
from allocator.domain.result import Size
from allocator.domain.scenario import Scenario
from allocator.solving.prices import no_prices
from allocator.solving.solved import Solved


def at_hand(scenario: Scenario, plan: Plan, objective: float, seconds: float) -> Solved:
    """A plan that keeps every limit, as the answer to a scenario: nothing is known of better ones, so the bound is
    infinite. ``objective`` is its own (money), ``seconds`` the time that was spent in vain.
    """
    return Solved(
        plan=plan,
        objective=objective,
        bound=-math.inf if scenario.objective.kind == "spend" else math.inf,
        gap=math.inf,
        status="stopped",
        prices=no_prices(),
        size=Size(columns=0, rows=0, integers=0, treatments=0, rounds=0),
        seconds={"build": 0.0, "solve": seconds, "refine": 0.0},
    )
