"""nlopt as Robyn's budget allocator sets it up: augmented Lagrangian over MMA, the budget an equality."""

from __future__ import annotations

import nlopt
import numpy as np
from cells import Cells, Problem, main


def allocate(cells: Cells, problem: Problem) -> np.ndarray:
    if len(problem.limits) > 1:
        raise SystemExit("one budget is all it can say")
    scale, size = np.maximum(problem.upper, 1e-9), float((cells.high - cells.low).sum())
    row, limit = problem.rows[0] * scale / problem.limits[0], 1.0
    full = float(row @ (problem.upper / scale)) <= limit
    if full:
        return problem.upper

    def objective(u: np.ndarray, gradient: np.ndarray) -> float:
        if gradient.size:
            gradient[:] = -cells.slope(u * scale) * scale / size
        return float(-cells.gain(u * scale).sum() / size)

    def spent(u: np.ndarray, gradient: np.ndarray) -> float:
        if gradient.size:
            gradient[:] = row
        return float(row @ u - limit)

    search = nlopt.opt(nlopt.LD_AUGLAG, len(row))
    local = nlopt.opt(nlopt.LD_MMA, len(row))
    local.set_xtol_rel(1e-10)
    search.set_local_optimizer(local)
    search.set_lower_bounds(problem.lower / scale)
    search.set_upper_bounds(np.maximum(problem.upper / scale, problem.lower / scale))
    search.set_min_objective(objective)
    search.add_equality_constraint(spent, 1e-8)
    search.set_xtol_rel(1e-10)
    search.set_maxeval(100_000)
    search.set_maxtime(max(1.0, problem.left))
    return np.asarray(search.optimize(problem.uniform() / scale)) * scale


if __name__ == "__main__":
    main(allocate, package="nlopt")
