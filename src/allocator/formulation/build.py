"""Wiring: which features there are. Each declares and posts; then, all being posted, each writes its rows."""

from __future__ import annotations

from collections.abc import Callable

from allocator.domain.evaluation import Evaluation
from allocator.formulation import (
    budgets,
    capacity,
    channels,
    earnings,
    flows,
    idle,
    levers,
    objective,
    programmes,
    risk,
    rules,
    savings,
)
from allocator.formulation.branch import Branch, Commitments, Outline
from allocator.formulation.instance import Floats, Instance
from allocator.formulation.ledger import Ledger
from allocator.formulation.limit import Moved
from allocator.formulation.terms import Terms, Variable, single

_FAR = 1e6
"""No number is moved by more than so many usual moves."""


def build(
    instance: Instance,
    reach: Callable[[], Floats],
    no_effort: Evaluation | None = None,
    *,
    relaxable: bool = False,
    moves: Moved | None = None,
) -> Ledger:
    """Return the ledger of a scenario, closed: its Pyomo model holds accounts, features and integers.

    ``reach`` bounds the customers in a segment and period [S, T+1], if that is needed; so is ``no_effort``,
    for a target return on spend. ``relaxable`` lets the planner's numbers give way (see ``giving``), ``moves`` is one
    that is moved.
    """
    ledger = Ledger(instance, reach, relaxable=relaxable)
    ledger.moves = moves
    if instance.branches:
        _fan(ledger)
    else:
        write(ledger)
    risk.constrain(ledger)
    objective.constrain(ledger, no_effort)
    ledger.close(objective.goal(ledger))
    return ledger


def write(ledger: Ledger) -> None:
    """Let every feature post and write its rows; what speaks of all shock scenarios together comes after."""
    for feature in (earnings, capacity, channels, levers, programmes):
        feature.declare(ledger)
    for rows in (savings, flows, capacity, idle, programmes, budgets, rules):
        rows.constrain(ledger)


def _fan(ledger: Ledger) -> None:
    """Write the shock scenarios side by side, on shared commitments."""
    committed = Commitments()
    for number in range(len(ledger.instance.branches)):
        branch = Branch(ledger, number, committed)
        write(branch)
        branch.close_into_whole()
    committed.write_expected(ledger)


def build_commitments(
    instance: Instance, reach: Callable[[], Floats], moves: Moved | None = None
) -> tuple[Ledger, dict[int, Variable]]:
    """The ledger of what is decided before shocks are known, closed, and the equity reached in each shock scenario.

    ``instance`` is that of :meth:`Instance.standing`. Nothing here bounds that equity, variable by number of the
    shock scenario: who solves the scenarios one by one does.
    """
    ledger = Ledger(instance, reach)
    ledger.moves = moves
    outline = Outline(ledger, 0, Commitments())
    write(outline)
    outline.hand_over()
    for number, variable in enumerate(ledger.stages.commitments):
        if variable.ub is not None:
            # So that the program has a column for it, whatever else is written on it.
            ledger.row("committed", (number,), single(variable), "<=", float(variable.ub))
    if moves is not None:
        ledger.row("committed", ("moved",), single(ledger.moved), "<=", _FAR * moves.unit)
    shocks = range(len(instance.probabilities))
    reached = ledger.declare("reached_in", list(shocks), unit=instance.units.money, lower=None)
    ledger.stages.outcomes = [single(reached[number]) for number in shocks]
    ledger.objective["equity"] = Terms(instance.probabilities.tolist(), list(reached.values()))
    risk.constrain(ledger)
    ledger.close(risk.goal(ledger))
    return ledger, reached
