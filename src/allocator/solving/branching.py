"""Branch and price: the bound over all treatments where integers leave the priced root too far off.

A node holds some integers between bounds. Its linear program is priced like the root's; a node is cut off
once its bound is proven to be no better than the plan at hand. Proofs cost more than solves, so they are
made where a node is about to be cut off, and only as sharp as that needs. Where an S-curve is off its
envelope, its range is cut, which is one more binary to branch on.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field

import numpy as np

from allocator.formulation.instance import Floats
from allocator.formulation.ledger import Ledger
from allocator.solving.elastic import Elastic
from allocator.solving.highs import Deadline, Outcome
from allocator.solving.refine import Converged
from allocator.solving.search import Search

_WHOLE = 1e-7
_PRIORITIES = (("start_", 4.0), ("use_", 3.0), ("usage_", 3.0), ("heads_", 2.0))
"""Programmes first, then switches and cut ranges, then heads; hires and releases follow from heads."""
FEASIBLE = 1e-7
"""Slack over all limits, scaled, that counts as none."""


@dataclass(order=True)
class _Node:
    """Nodes with the best estimate come first; ``bound`` is proven, ``estimate`` is the parent's LP."""

    key: float
    order: int
    bound: float = field(compare=False)
    held: dict[int, tuple[float, float]] = field(compare=False)
    """Integer column -> bounds."""


class Branching:
    """Branch and price from a priced root."""

    def __init__(self, ledger: Ledger, search: Search, elastic: Elastic) -> None:
        self.search = search
        self.master = search.master
        self.refiner = search.refiner
        self.elastic = elastic
        self.nodes = 0
        self._order = itertools.count()
        self._priority = self._priorities(ledger)

    def _priorities(self, ledger: Ledger) -> dict[int, float]:
        found: dict[int, float] = {}
        for variable, _ in ledger.units:
            column = self.master.program.column(variable)
            if column is not None and self.master.program.integer[column]:
                name = variable.parent_component().name
                found[column] = next((weight for start, weight in _PRIORITIES if name.startswith(start)), 1.0)
        return found

    def run(self, bound: float, deadline: Deadline, *, gap: float) -> float:
        """Improve the search's plan and prove a bound on all plans; returns it."""
        open_nodes = [_Node(-bound, next(self._order), bound, {})]
        closed = -np.inf
        while open_nodes:
            node = heapq.heappop(open_nodes)
            if node.bound <= self._enough(gap):
                closed = max(closed, node.bound)
                continue
            if deadline.passed:
                open_nodes.append(node)
                break
            proven, children = self._explore(node, deadline, gap)
            closed = max(closed, proven)
            for child in children:
                heapq.heappush(open_nodes, child)
        self._release()
        best = self.search.best.objective if self.search.best is not None else -np.inf
        return max([closed, best, *(node.bound for node in open_nodes)])

    def _enough(self, gap: float) -> float:
        """A bound at which a node is not worth another look."""
        best = self.search.best
        return -np.inf if best is None else best.objective + gap * self.search.size_of(best.objective)

    def _explore(self, node: _Node, deadline: Deadline, gap: float) -> tuple[float, list[_Node]]:
        """(proven bound of a node that is closed, its children)."""
        self.nodes += 1
        while True:
            self._apply(node)
            solved = self._solve(deadline, gap)
            if solved is None:
                return -np.inf, []
            if solved.answer.outcome is not Outcome.OPTIMAL:
                return node.bound, []
            lp, value = solved.answer.objective, solved.answer.value
            column = self._branch_column(value)
            if column is None and self.search.lines.cut(value):
                continue
            if column is None:
                self.search.hold_and_polish(value, deadline)
                self._apply(node)
            enough = self._enough(gap)
            if column is not None and lp > enough:
                return -np.inf, self._children(node, lp, value, column)
            added, excess = self.refiner.prove(solved.answer, max(enough - lp, 0.1 * gap * self.search.size_of(lp)))
            proven = min(node.bound, lp + excess)
            if not added or deadline.passed:
                return proven, []

    def _solve(self, deadline: Deadline, gap: float) -> Converged | None:
        """The node's linear program with what pricing quickly finds; None where it is proven to have no solution."""
        solved = self.refiner.converge(deadline, gap=0.3 * gap, prove=False)
        if solved.answer.outcome is not Outcome.INFEASIBLE or self.refiner.complete:
            return None if solved.answer.outcome is Outcome.INFEASIBLE else solved
        self.elastic.open()
        relaxed = self.refiner.converge(deadline, gap=0.1)
        self.elastic.close()
        if relaxed.answer.outcome is Outcome.INFEASIBLE or relaxed.bound < -FEASIBLE:
            return None
        solved = self.refiner.converge(deadline, gap=0.3 * gap, prove=False)
        return None if solved.answer.outcome is Outcome.INFEASIBLE else solved

    def _branch_column(self, value: Floats) -> int | None:
        """The fractional integer to branch on: by priority, then the one nearest to a half."""
        columns = self.master.integer_columns[self.master.integer_columns < len(value)]
        distance = np.abs(value[columns] - np.round(value[columns]))
        fractional = np.flatnonzero(distance > _WHOLE)
        if not len(fractional):
            return None
        weight = np.array([self._priority.get(int(columns[place]), 3.0) for place in fractional])
        return int(columns[fractional[np.argmax(weight + distance[fractional])]])

    def _children(self, node: _Node, lp: float, value: Floats, column: int) -> list[_Node]:
        lower, upper = self.master.bounds(np.array([column]))
        low, high = node.held.get(column, (float(lower[0]), float(upper[0])))
        middle = float(np.floor(value[column]))
        sides = [(low, middle), (middle + 1.0, high)]
        near = value[column] - middle
        children = []
        for side, loss in zip(sides, (near, 1.0 - near), strict=True):
            # The nearer side first: equal estimates are told apart by how far rounding moves.
            held = {**node.held, column: side}
            children.append(_Node(-(lp - 1e-9 * abs(lp) * loss), next(self._order), node.bound, held))
        return children

    def _apply(self, node: _Node) -> None:
        columns = self.master.integer_columns
        lower, upper = self.master.bounds(columns)
        for place, column in enumerate(columns.tolist()):
            if column in node.held:
                lower[place], upper[place] = node.held[column]
        self.master.solver.bound_columns(columns, lower, upper)

    def _release(self) -> None:
        columns = self.master.integer_columns
        self.master.solver.bound_columns(columns, *self.master.bounds(columns))
