"""scipy's SLSQP from a uniform start, with exact gradients, money and objective scaled to about 1."""

from __future__ import annotations

import numpy as np
from cells import Cells, Problem, main
from scipy.optimize import LinearConstraint, minimize


class OutOfTime(Exception):
    """The seconds are over."""


def descend(cells: Cells, problem: Problem, start: np.ndarray) -> np.ndarray:
    """A local optimum near ``start``; the best point so far where time runs out."""
    scale, size = np.maximum(problem.upper, 1e-9), float((cells.high - cells.low).sum())
    rows = problem.rows * scale
    norm = np.maximum(np.abs(rows).max(axis=1), 1e-300)
    latest = [start / scale]

    def watch(u: np.ndarray) -> None:
        latest[0] = u
        if problem.left <= 0:
            raise OutOfTime

    try:
        found = minimize(
            lambda u: -cells.gain(u * scale).sum() / size,
            start / scale,
            jac=lambda u: -cells.slope(u * scale) * scale / size,
            bounds=list(zip(problem.lower / scale, np.minimum(problem.upper / scale, 1.0), strict=True)),
            constraints=[LinearConstraint(rows / norm[:, None], -np.inf, problem.limits / norm)],
            method="SLSQP",
            options={"maxiter": 500, "ftol": 1e-10},
            callback=watch,
        )
    except OutOfTime:
        return np.asarray(latest[0]) * scale
    return np.asarray(found.x) * scale


def allocate(cells: Cells, problem: Problem) -> np.ndarray:
    return descend(cells, problem, problem.uniform())


if __name__ == "__main__":
    main(allocate, package="scipy")
