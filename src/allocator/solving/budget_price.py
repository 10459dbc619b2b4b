"""Start and bound of programs in which channels share one budget: branch and bound on the budget's price."""

from __future__ import annotations

import numpy as np

from allocator.solving.allocation import BranchAndBound
from allocator.solving.answers import Outcome
from allocator.solving.deadline import Deadline
from allocator.solving.multiplier import Allocation, Bools, Choice, Multiplier, OneBudget
from allocator.solving.one_budget import one_budget
from allocator.solving.search import Incumbent, Search

_WELL = 0.1
"""Part of the gap within which a plan is looked for: it takes little, and most of what a plan lacks is there."""
_MOST_NODES = 200
"""Nodes after which the program itself is solved."""
_PART = 0.3
"""Part of the time that is spent on this."""


def by_budget_price(search: Search, deadline: Deadline, *, gap: float) -> float:
    """Look for a plan and for a bound (scaled); the bound is infinite where the program is of another kind, or there
    seems to be no plan."""
    master = search.master
    if not search.refiner.complete or search.uniform.cells or master.program.first_lazy < master.own_rows:
        return np.inf
    found = one_budget(master, search.lines)
    if found is None:
        return np.inf
    problem, constant = found
    multiplier = Multiplier(problem)
    nodes = BranchAndBound(multiplier)
    bound = nodes.run(_WELL * gap, deadline.part(_PART), constant=constant, most_nodes=_MOST_NODES)
    if nodes.best is None:
        return np.inf
    _take_up(search, multiplier, nodes.best, deadline)
    return bound + constant - master.program.constant


def _take_up(search: Search, multiplier: Multiplier, plan: Allocation, deadline: Deadline) -> None:
    """Make a plan the best if the program takes it, with its answers on their curves.

    Its prices are those of the program in which all is held but what the price of the budget, or of the count, keeps
    where it is: spends at an end of their range, where a limit of their own has a price; one in between, so that the
    budget has one; and the best channel that is left out and the worst that is not, so that the count has one.
    """
    lines, master, problem = search.lines, search.master, multiplier.problem
    choice = multiplier.choose(multiplier.whole(), plan.price, plan.spend)
    switches = _between_counted(problem, plan, choice)
    free = _free(search, problem, plan) | switches
    value = np.zeros(master.solver.columns)
    value[lines.spend] = plan.spend / lines.spend_unit
    switched = problem.switched
    value[lines.use[switched]] = plan.on[switched]
    columns, at = lines.exact(value)
    columns, at = np.concatenate([columns, lines.use[switched]]), np.concatenate([at, value[lines.use[switched]]])
    freed = np.concatenate([free, free, switches[switched]])
    stock = np.where(plan.on, plan.spend, choice.peak)
    rows = lines.tangents(np.flatnonzero(free), stock[free])
    master.solver.bound_columns(columns[~freed], at[~freed], at[~freed])
    local = master.solve_lp(deadline)
    master.solver.delete_rows(rows)
    master.solver.bound_columns(columns[freed], at[freed], at[freed])
    final = master.solve_lp(deadline)
    master.solver.bound_columns(columns, *master.bounds(columns))
    master.solver.forget_basis()
    better = search.best is None or final.objective > search.best.objective
    if local.outcome is final.outcome is Outcome.OPTIMAL and better:
        search.best = Incumbent(final.objective, final.value, local)


def _free(search: Search, problem: OneBudget, plan: Allocation) -> Bools:
    """[N] Channels that would stay where they are at the price of a plan."""
    rate = (problem.cost + plan.price * problem.take) / problem.worth
    slope = search.lines.envelopes.tangents(np.arange(len(rate)), plan.spend)[1]
    low, high = plan.spend <= problem.low, plan.spend >= problem.high
    free = plan.on & np.where(low, slope < rate, high & (slope > rate))
    between = plan.on & ~low & ~high & (problem.take > 0.0)
    if between.any():
        free[np.argmin(np.where(between, np.abs(slope - rate) / rate, np.inf))] = True
    return np.asarray(free)


def _between_counted(problem: OneBudget, plan: Allocation, choice: Choice) -> Bools:
    """[N] The best channel that only the count leaves out, and the worst that it lets in, where there are both."""
    found = np.zeros(len(plan.on), dtype=bool)
    out = ~plan.on & problem.counted & (choice.gain > 0.0)
    if out.any() and (plan.on & problem.counted).any():
        best, worst = np.where(out, choice.gain, -np.inf), np.where(plan.on & problem.counted, choice.gain, np.inf)
        found[[np.argmax(best), np.argmin(worst)]] = best.max() < worst.min()
    return found
