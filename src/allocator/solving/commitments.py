"""The program of the commitments: what is decided before shocks are known, under the cuts of the shock scenarios."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.domain.errors import Infeasible
from allocator.domain.result import Size
from allocator.formulation.build import build_commitments
from allocator.formulation.compile import compile_program
from allocator.formulation.instance import Floats, Instance
from allocator.formulation.limit import Moved
from allocator.solving.answers import LpAnswer, Outcome
from allocator.solving.built import Frame
from allocator.solving.deadline import Deadline
from allocator.solving.solve import Engine
from allocator.solving.subproblem import Commitments, Cut

MOVED = "moved[0]"
"""The number that is moved, among the commitments."""


class CommitmentProgram:
    """The equity reached in each shock scenario, below its cuts, and what earns it.

    ``wanted`` is the instance with its limits on risk, ``reached`` [W] a bound on the equity in each shock scenario
    (unit of the program).
    """

    def __init__(self, wanted: Instance, reached: Sequence[float], moves: Moved | None = None) -> None:
        self.engine, self._reached = _built(wanted, reached, moves)
        program = self.engine.program
        known = ((v.name, program.column(v)) for v in self.engine.ledger.stages.commitments)
        self._columns = {name: column for name, column in known if column is not None}
        self._moves = moves
        self.moved_by: float | None = None
        """How far the number that is moved is held from the stated one; infinite where it limits nothing."""

    def move(self, by: float, until: float | None = None) -> None:
        """Move the number that is moved; with ``until`` it may be anything between the two, as tight as can be."""
        column, program, solver = self._columns[MOVED], self.engine.program, self.engine.master.solver
        assert self._moves is not None, "a number is moved"
        self.moved_by = by if until is None else None
        ends = np.sort([by, by if until is None else until]) / float(program.column_unit[column])
        solver.bound_columns(np.array([column]), np.where(np.isinf(ends[:1]), -np.inf, ends[:1]), ends[1:])
        costs = program.objective
        if until is not None:
            costs = np.zeros(len(costs))
            costs[column] = -self._moves.direction
        solver.cost_columns(np.arange(len(costs)), costs)

    def value_of(self, point: Commitments) -> Floats:
        """[columns] the commitments in their columns; 0 elsewhere."""
        value = np.zeros(self.engine.master.solver.columns)
        for name, column in self._columns.items():
            value[column] = point[name] / self.engine.program.column_unit[column]
        return value

    def ask_for(self, floor: float | None) -> None:
        """Move the CVaR floor (money); None for none."""
        program = self.engine.program
        row = program.rows["cvar", ()]
        right = -np.inf if floor is None else floor * float(program.row_factor[row])
        self.engine.master.solver.bound_rows(np.array([row]), np.array([right]), np.array([np.inf]))

    def whole(
        self, known: Floats | None, deadline: Deadline, *, gap: float, tolerance: float
    ) -> tuple[Floats, float] | None:
        """Whole commitments with the best bound, every channel within ``tolerance`` of its curve, and that bound; None
        where time is up. ``known`` is a solution to begin with.

        Spends are not held while answers are brought onto their curves: on the edge of what limits on risk allow,
        there would be no solution then.

        Raises
        ------
        Infeasible
        """
        engine, bound = self.engine, np.inf
        solver, lines = engine.master.solver, engine.lines
        lines.begin()
        while True:
            solver.integers(engine.master.integer_columns, True)
            answer = solver.solve_mip(deadline, gap=gap, start=self._start(known))
            solver.integers(engine.master.integer_columns, False)
            if answer.outcome in (Outcome.INFEASIBLE, Outcome.UNBOUNDED_OR_INFEASIBLE):
                raise Infeasible("no plan with whole numbers meets all requirements")
            if answer.value is None:
                return None
            bound = min(bound, answer.bound + engine.program.constant)
            changed = lines.refine(answer.value, tolerance) + lines.cut(answer.value, tolerance)
            if not changed or deadline.passed:
                return answer.value, bound

    def _start(self, known: Floats | None) -> Floats | None:
        """The whole numbers of a solution, to begin with; None where there is none."""
        if known is None:
            return None
        master = self.engine.master
        start = np.full(master.solver.columns, np.nan)
        columns = master.integer_columns[master.integer_columns < len(known)]
        start[columns] = np.round(known[columns])
        return start

    def point(self, value: Floats, *, exact: bool = False) -> Commitments:
        """The commitments of a solution, whole numbers whole up to rounding; channels on their curves if ``exact``."""
        program, found = self.engine.program, {}
        if exact:
            value = value.copy()
            columns, at = self.engine.lines.exact(value)
            value[columns] = at
        for name, column in self._columns.items():
            amount = float(value[column])
            if program.integer[column] and abs(amount - round(amount)) < 1e-6:
                amount = float(round(amount))
            found[name] = amount * float(program.column_unit[column])
        if self.moved_by is not None:
            found[MOVED] = self.moved_by
        return found

    def take_in(self, cuts: list[Cut]) -> None:
        """Write the cuts into the program of the commitments."""
        program = self.engine.program
        rows = []
        for number, cut in enumerate(cuts):
            sloping = [(self._columns[name], slope) for name, slope in cut.slopes.items() if slope]
            places = [column for column, _ in sloping]
            values = [-slope * float(program.column_unit[column]) for column, slope in sloping]
            right = cut.most - sum(slope * cut.at[name] for name, slope in cut.slopes.items() if slope)
            if cut.feasible:
                places, values = [*places, self._reached[number]], [*values, 1.0]
            if places:
                size = max(1.0, *(abs(value) for value in values))
                rows.append((places, [value / size for value in values], -np.inf, right / size))
        self.engine.master.add_rows(rows)

    def held(self, value: Floats, deadline: Deadline) -> LpAnswer:
        """The program of the commitments with the whole numbers of a solution held."""
        master = self.engine.master
        columns = master.integer_columns[master.integer_columns < len(value)]
        whole = np.round(value[columns])
        master.solver.bound_columns(columns, whole, whole)
        answer = master.solve_lp(deadline)
        master.solver.bound_columns(columns, *master.bounds(columns))
        return answer

    def size(self, rounds: int) -> Size:
        """Size of the program of the commitments, with its cuts."""
        solver = self.engine.master.solver
        integers = len(self.engine.master.integer_columns)
        return Size(columns=solver.columns, rows=solver.rows, integers=integers, treatments=0, rounds=rounds)


def _built(wanted: Instance, reached: Sequence[float], moves: Moved | None) -> tuple[Engine, list[int]]:
    """The engine of the commitments, and the column of the equity reached in each shock scenario."""
    instance = wanted.standing()
    most = np.zeros((len(instance.segments), instance.horizon + 1))
    ledger, variables = build_commitments(instance, lambda: most, moves)
    program = compile_program(ledger)
    engine = Engine(wanted.scenario, instance=instance, frame=Frame(ledger, program, treated=False))
    columns = [program.columns[id(variables[number])] for number in range(len(reached))]
    program.upper[columns] = reached
    engine.master.solver.bound_columns(np.array(columns), program.lower[columns], program.upper[columns])
    return engine, columns
