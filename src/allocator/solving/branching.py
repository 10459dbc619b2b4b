"""Branch and price: the bound over all treatments where integers leave the priced root too far off.

A node holds some integers between bounds. Its linear program is priced like the root's; a node is cut off
once its bound is proven to be no better than the plan at hand. Proofs cost more than solves, so they are
made where a node is about to be cut off, and only as sharp as that needs. Where an S-curve is off its
envelope, its range is cut, which is one more binary to branch on.

The first branches are followed to where it is settled which programmes start, and the other whole numbers are
rounded to them: that gives the plan which the other branches are measured by. Only where rounding is not good
enough is a MIP over the columns at hand solved, and its whole numbers are branched on one by one.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field

import numpy as np

from allocator.formulation.instance import Floats
from allocator.solving.answers import Outcome
from allocator.solving.deadline import Deadline
from allocator.solving.elastic import FEASIBLE, Elastic
from allocator.solving.refine import Converged
from allocator.solving.search import Search
from allocator.solving.sides import Held, Sides

_FINEST = 0.1
"""Part of the gap within which a node is proven at the finest."""


@dataclass(order=True)
class _Node:
    """Nodes with the least ``key`` come first; ``bound`` is proven, ``estimate`` is the parent's LP."""

    key: float
    order: int
    bound: float = field(compare=False)
    held: Held = field(compare=False)


class Branching:
    """Branch and price from a priced root."""

    def __init__(self, sides: Sides, search: Search, elastic: Elastic) -> None:
        self.search = search
        self.master = search.master
        self.refiner = search.refiner
        self.elastic = elastic
        self.nodes = 0
        self._sides = sides
        self._order = itertools.count()
        self._rounded: set[tuple[int, ...]] = set()
        """Choices of programmes that the other whole numbers were rounded to."""
        self._settled = False
        """Whether a branch was followed to where it is settled which programmes start."""
        self._solved: Converged | None = None
        """The solution of the node that is explored next, where it is known."""
        self._ruled_out = -np.inf
        """A bound on the plans without a programme that every node has started since."""
        self._searched = False
        """Whether a MIP over the columns at hand was solved."""

    def run(self, root: Converged, bound: float, deadline: Deadline, *, gap: float) -> float:
        """Improve the search's plan and prove a bound on all plans, ``bound`` from the ``root`` at most; returns it."""
        # Where columns were added since, cuts of channels may be among them: it is solved again.
        self._solved = root if len(root.answer.value) == self.master.solver.columns else None
        open_nodes = [_Node(-bound, next(self._order), bound, Held())]
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
            closed = max(closed, proven, self._ruled_out)
            for child in children:
                heapq.heappush(open_nodes, child)
        self._apply(Held())
        best = self.search.best.objective if self.search.best is not None else -np.inf
        return max([closed, best, *(node.bound for node in open_nodes)])

    def _enough(self, gap: float) -> float:
        """A bound at which a node is not worth another look."""
        best = self.search.best
        return -np.inf if best is None else best.objective + gap * self.search.size_of(best.objective)

    def _near(self, gap: float) -> float:
        """The objective of a linear program up to which a proof, fine as it is made at most, can close its node."""
        enough = self._enough(gap)
        return enough - _FINEST * gap * self.search.size_of(enough) if enough > -np.inf else enough

    def _explore(self, node: _Node, deadline: Deadline, gap: float) -> tuple[float, list[_Node]]:
        """(proven bound of a node that is closed, its children)."""
        self.nodes += 1
        while True:
            self._apply(node.held)
            solved, self._solved = self._solved or self._solve(deadline, gap), None
            if solved is None:
                return -np.inf, []
            if solved.answer.outcome is not Outcome.OPTIMAL:
                return node.bound, []
            lp, value = solved.answer.objective, solved.answer.value
            if lp > self._near(gap) and node.held == Held() and self._start_what_must(node, solved, deadline, gap):
                continue
            if lp > self._near(gap):
                sides = self._sides.of_programmes(value)
                cut = self._find_plan(value, node.bound, deadline, gap, among_all=not sides)
                sides = sides or self._sides.of_columns(node.held, value)
                if sides and lp > self._near(gap):
                    return -np.inf, self._children(node, lp, sides)
                if not sides and (cut or self.search.lines.cut(value)):
                    continue
                if not sides:
                    self.search.hold_and_polish(value, deadline)
                self._apply(node.held)
            allowed = max(self._enough(gap) - lp, _FINEST * gap * self.search.size_of(lp))
            added, excess = self.refiner.prove(solved.answer, allowed, deadline)
            proven = min(node.bound, lp + excess)
            if not added or deadline.passed:
                return proven, []

    def _start_what_must(self, node: _Node, solved: Converged, deadline: Deadline, gap: float) -> bool:
        """Hold those programmes started without which no plan is good enough; whether there are any."""
        enough, must = self._enough(gap), node.held
        bounds: dict[bytes, float] = {}
        for start, followers in self._sides.in_part(solved.answer.value):
            without = followers & self.refiner.chosen
            if enough == -np.inf or not without.any():
                continue
            if without.tobytes() not in bounds:
                bounds[without.tobytes()] = self.refiner.without(solved.answer, without, enough, deadline)
            if bounds[without.tobytes()] <= enough:
                must = must.and_also(start.columns, start.rows)
                self._ruled_out = max(self._ruled_out, bounds[without.tobytes()])
        found = must != node.held
        node.held = must
        return found

    def _find_plan(self, value: Floats, bound: float, deadline: Deadline, gap: float, *, among_all: bool) -> bool:
        """Round to a choice of programmes that was not tried before: one that is settled or, with a plan at hand, a
        likely one; with ``among_all`` also look for plans among all columns at hand, once. Returns whether ranges of
        channels were cut on the way: the solution says nothing of their parts."""
        integers = len(self.master.integer_columns)
        choice = self._sides.settled(value)
        likely = self._sides.likely(value)
        if choice is not None:
            self._settled = True
        if likely not in self._rounded and (choice is not None or self.search.best is not None):
            self._rounded.add(likely)
            self.search.round(value, deadline)
        if among_all and not self._searched and not self.search.close_enough(bound, gap):
            self._searched = True
            self._apply(Held())
            self.search.run(bound, deadline, gap=gap)
        return len(self.master.integer_columns) > integers

    def _solve(self, deadline: Deadline, gap: float) -> Converged | None:
        """The node's linear program with what pricing quickly finds; None where it is proven to have no solution."""
        enough = self._enough(gap)
        solved = self.refiner.converge(deadline, gap=0.3 * gap, prove=False, enough=enough)
        if solved.answer.outcome is not Outcome.INFEASIBLE or self.refiner.complete:
            return None if solved.answer.outcome is Outcome.INFEASIBLE else solved
        self.elastic.open()
        try:
            relaxed = self.refiner.converge(deadline, gap=0.1)
        finally:
            self.elastic.close()
        if relaxed.answer.outcome is Outcome.INFEASIBLE or relaxed.bound < -FEASIBLE:
            return None
        # There is next to no slack, so no proof: where the solver loses its way again, the node stays open.
        return self.refiner.converge(deadline, gap=0.3 * gap, prove=False, enough=enough)

    def _children(self, node: _Node, lp: float, sides: list[Held]) -> list[_Node]:
        """One child a side, the likelier first: at once as long as no branch was followed to its end."""
        keys = [-lp if self._settled else -np.inf, -lp + 1e-9 * abs(lp)]
        return [
            _Node(key, next(self._order), node.bound, node.held.and_also(side.columns, side.rows))
            for key, side in zip(keys, sides, strict=True)
        ]

    def _apply(self, held: Held) -> None:
        """Hold this and nothing else."""
        columns, program = self.master.integer_columns, self.master.program
        lower, upper = self.master.bounds(columns)
        for place, column in enumerate(columns.tolist()):
            if column in held.columns:
                lower[place], upper[place] = held.columns[column]
        self.master.solver.bound_columns(columns, lower, upper)
        low, high = program.row_lower[self._sides.rows], program.row_upper[self._sides.rows]
        for place, row in enumerate(self._sides.rows.tolist()):
            if row in held.rows:
                low[place], high[place] = held.rows[row]
        self.master.solver.bound_rows(self._sides.rows, low, high)
