"""scipy's SLSQP from the uniform start and then from random ones, as many as there is time for, at most twenty."""

from __future__ import annotations

import numpy as np
from cells import Cells, Problem, fit, main
from scipy_slsqp import descend

STARTS = 20


def allocate(cells: Cells, problem: Problem) -> np.ndarray:
    random = np.random.default_rng(1)
    best, start = None, problem.uniform()
    for _ in range(STARTS):
        found = fit(problem, descend(cells, problem, start))
        if best is None or cells.gain(found).sum() > cells.gain(best).sum():
            best = found
        if problem.left <= 0:
            break
        share = random.dirichlet(np.full(len(start), 0.5))
        start = fit(problem, problem.lower + share * (problem.limits[0] - problem.rows[0] @ problem.lower))
    assert best is not None
    return best


if __name__ == "__main__":
    main(allocate, package="scipy")
