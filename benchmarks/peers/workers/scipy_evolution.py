"""scipy's differential evolution over shares of what is left above the least efforts."""

from __future__ import annotations

import numpy as np
from cells import Cells, Problem, fit, main
from scipy.optimize import differential_evolution


def allocate(cells: Cells, problem: Problem) -> np.ndarray:
    span = problem.upper - problem.lower

    def decode(u: np.ndarray) -> np.ndarray:
        wanted = problem.lower + u * span
        return fit(problem, wanted)

    found = differential_evolution(
        lambda u: -cells.gain(decode(u)).sum(),
        [(0.0, 1.0)] * len(span),
        x0=(problem.uniform() - problem.lower) / np.maximum(span, 1e-300),
        rng=1,
        maxiter=10_000,
        popsize=5,
        tol=1e-8,
        polish=False,
        callback=lambda intermediate_result: problem.left <= 0,
    )
    return decode(found.x)


if __name__ == "__main__":
    main(allocate, package="scipy")
