"""From the risk section of a scenario to its shock set, and to fresh ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allocator.domain.scenario import Scenario
from allocator.uncertainty.shocks import ShockSet
from allocator.uncertainty.table import from_table


def shock_set(scenario: Scenario) -> ShockSet | None:
    """Shocks that the scenario plans with: its table, or drawn as `generate` asks; None without either.

    Drawn scenarios are equally likely before reduction. Their lognormal part is divided by its mean over
    the sample, so that expected margins are exactly those without shocks; a rare event then lowers (or
    raises) the mean by what it is expected to do.
    """
    risk = scenario.risk
    if risk.shocks is not None:
        return from_table(scenario, risk.shocks)
    if risk.generate is not None:
        from allocator.uncertainty.generated import drawn

        return drawn(scenario, risk.generate)
    return None


def fresh(scenario: Scenario, seed: int, count: int) -> ShockSet | None:
    """``count`` equally likely shocks that the plan was not made on; None where the scenario has no risk.

    Generated shocks are drawn anew from the same distribution, each independently of the others, so that
    standard errors over them hold. A table says all there is to say about its distribution: its scenarios
    are drawn again with replacement, by their probabilities, which shows the spread of a finite sample and
    nothing beyond the table.
    """
    risk = scenario.risk
    if risk.shocks is not None:
        table = from_table(scenario, risk.shocks)
        return table.take(np.random.default_rng(seed).choice(len(table.names), size=count, p=table.probability))
    if risk.generate is None:
        return None
    from allocator.uncertainty.generated import drawn_anew

    return drawn_anew(scenario, risk.generate, seed, count)


def nearest(known: ShockSet, others: ShockSet, scenario: Scenario) -> NDArray[np.int64]:
    """Position of the known shock scenario that is nearest to each of the others; see ``likeness``."""
    from allocator.uncertainty import likeness

    return likeness.nearest(known, others, scenario)
