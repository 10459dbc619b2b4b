"""Wiring: which features there are. Each declares and posts; then, all being posted, each writes its rows."""

from __future__ import annotations

from allocator.domain.evaluation import Evaluation
from allocator.formulation import (
    budgets,
    capacity,
    channels,
    earnings,
    flows,
    levers,
    objective,
    programmes,
    risk,
    rules,
)
from allocator.formulation.branch import Branch, Commitments
from allocator.formulation.instance import Floats, Instance
from allocator.formulation.ledger import Ledger


def build(
    instance: Instance, reachable: Floats, no_effort: Evaluation | None = None, *, relaxable: bool = False
) -> Ledger:
    """Return the ledger of a scenario, closed: its Pyomo model holds accounts, features and integers.

    ``reachable`` [S, T+1] bounds the customers in a segment and period; ``no_effort`` is needed for a
    target return on spend. ``relaxable`` lets the planner's numbers give way (see ``giving``).
    """
    ledger = Ledger(instance, reachable, relaxable=relaxable)
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
    for rows in (flows, capacity, channels, programmes, budgets, rules):
        rows.constrain(ledger)


def _fan(ledger: Ledger) -> None:
    """Write the shock scenarios side by side, on shared commitments."""
    committed = Commitments()
    for number in range(len(ledger.instance.branches)):
        branch = Branch(ledger, number, committed)
        write(branch)
        branch.close_into_whole()
    committed.write_expected(ledger)
