"""OR-Tools (its SCIP) on chords within 1e-3 of each curve's rise; choices and whole heads are said directly."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

import numpy as np
from cells import Cells, answer
from ortools.linear_solver import pywraplp

ERROR = 1e-3


def gain(cells: Cells, cell: int, x: np.ndarray) -> np.ndarray:
    """g of one cell at many efforts."""
    power, rise = x ** cells.shape[cell], cells.high[cell] - cells.low[cell]
    return np.asarray(cells.low[cell] + rise * power / (cells.half[cell] ** cells.shape[cell] + power))


def breakpoints(cells: Cells, cell: int, low: float, high: float) -> np.ndarray:
    """Efforts between which the chord is off by at most ``ERROR`` times the rise of the curve."""
    grid = np.linspace(low, high, 2001)
    curve = gain(cells, cell, grid)
    allowed = ERROR * max(float(cells.high[cell] - cells.low[cell]), 1e-300)
    kept = [0]
    while kept[-1] < len(grid) - 1:
        first, near, far = kept[-1], kept[-1] + 1, len(grid) - 1
        while near < far:
            middle = (near + far + 1) // 2
            chord = np.interp(grid[first : middle + 1], grid[[first, middle]], curve[[first, middle]])
            good = np.abs(chord - curve[first : middle + 1]).max() <= allowed
            near, far = (middle, far) if good else (near, middle - 1)
        kept.append(near)
    return grid[kept]


class Chords:
    """The mixed-integer program; efforts are shares of what the cell may take at most, money a share of all."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.solver = pywraplp.Solver.CreateSolver("SCIP")
        self.used: list[Any] = []
        self.efforts: list[Any] = []
        self.worth: list[Any] = []
        for cell in range(len(cells.low)):
            self._cell(cell)
        self._limits()

    def _cell(self, cell: int) -> None:
        """One piece at most is on; where it is, the effort lies on it."""
        cells, solver = self.cells, self.solver
        most, size = float(cells.most[cell]), float((cells.high - cells.low).sum())
        edges = breakpoints(cells, cell, float(max(cells.lower[cell], cells.least[cell])), most)
        values = (gain(cells, cell, edges) - float(gain(cells, cell, np.zeros(1))[0])) / size * 1e3
        on = [solver.BoolVar("") for _ in edges[1:]]
        at = [solver.NumVar(0.0, float(edge) / most, "") for edge in edges[1:]]
        for piece, (low, high) in enumerate(pairwise(edges)):
            solver.Add(at[piece] >= float(low) / most * on[piece])
            solver.Add(at[piece] <= float(high) / most * on[piece])
            slope = float((values[piece + 1] - values[piece]) / (high - low))
            self.worth.append(slope * most * at[piece] + (float(values[piece]) - slope * float(low)) * on[piece])
        used = solver.Sum(on)
        solver.Add(used == 1 if cells.lower[cell] > 0 else used <= 1)
        self.used.append(used)
        self.efforts.append(solver.Sum(at))

    def _limits(self) -> None:
        cells, solver = self.cells, self.solver
        money, marketing = [], []
        hours: list[list[Any]] = [[] for _ in cells.hours]
        for cell, effort in enumerate(self.efforts):
            amount = float(cells.most[cell]) * effort
            (money if cells.pool[cell] < 0 else hours[cells.pool[cell]]).append(amount)
            if cells.fixed[cell]:
                money.append(float(cells.fixed[cell]) * self.used[cell])
            if cells.pool[cell] < 0 and cells.marketing[cell]:
                marketing.append(amount)
        for pool, asked in enumerate(hours):
            heads = solver.IntVar(0, int(cells.heads[pool]), "")
            solver.Add(solver.Sum(asked) * (1 / float(cells.hours[pool])) <= heads)
            money.append(float(cells.wage[pool]) * heads)
        solver.Add(solver.Sum(money) * (1 / cells.money) <= 1.0)
        if np.isfinite(cells.marketing_money):
            solver.Add(solver.Sum(marketing) * (1 / cells.marketing_money) <= 1.0)
        if cells.active:
            solver.Add(solver.Sum(self.used) <= cells.active)

    def solve(self, seconds: float) -> np.ndarray:
        """Efforts of the best plan found in so many seconds."""
        self.solver.Maximize(self.solver.Sum(self.worth))
        self.solver.SetTimeLimit(int(1000 * seconds))
        settings = pywraplp.MPSolverParameters()
        settings.SetDoubleParam(settings.RELATIVE_MIP_GAP, 1e-5)
        status = self.solver.Solve(settings)
        if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
            raise SystemExit(f"no plan in {seconds:.0f} s")
        shares = np.array([effort.solution_value() for effort in self.efforts])
        # Solvers keep limits to a tolerance of theirs; the evaluation does not.
        return np.where(shares > 1e-9, np.maximum(shares * self.cells.most * (1 - 2e-6), self.cells.least), 0.0)


if __name__ == "__main__":
    given = Cells.read(sys.argv[1])
    answer(lambda: np.maximum(Chords(given).solve(float(sys.argv[3])), given.lower), "ortools")
