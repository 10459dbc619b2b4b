"""Meridian's own hill-climbing grid search, on grids of its default step filled with the known curves."""

from __future__ import annotations

import numpy as np
import xarray
from cells import Cells, Problem, main
from meridian.analysis.optimizer import FixedBudgetScenario, OptimizationGrid, get_round_factor

GTOL = 1e-4
"""Meridian's default: the budget is rounded within this share of itself, which sets the step of the grid."""


def allocate(cells: Cells, problem: Problem) -> np.ndarray:
    if len(problem.limits) > 1:
        raise SystemExit("one budget is all it can say")
    money, off = float(problem.limits[0]), problem.upper <= 0
    digits = get_round_factor(money, GTOL)
    step = 10.0**-digits
    # A cell that takes less than a step in all starts, and stays, at its most.
    first = np.where(off, 0.0, np.minimum(np.ceil(problem.lower / step) * step, problem.upper))
    count = np.where(off, 0, np.floor((problem.upper - first) / step)).astype(int)
    spend = first + step * np.arange(count.max() + 1)[:, None]
    spend[np.arange(count.max() + 1)[:, None] > count] = np.nan
    names = {"grid_spend_index": np.arange(len(spend)), "channel": [f"cell {n}" for n in range(len(off))]}
    power = spend**cells.shape
    answer = (cells.high - cells.low) * power / (cells.half**cells.shape + power)
    data = xarray.Dataset(
        {
            "spend_grid": (list(names), spend),
            "incremental_outcome_grid": (list(names), answer),
        },
        coords=names,
        attrs={"spend_step_size": step},
    )
    grid = OptimizationGrid(
        _grid_dataset=data,
        historical_spend=problem.uniform(),
        use_kpi=True,
        use_posterior=True,
        use_optimal_frequency=False,
        start_date=None,
        end_date=None,
        gtol=GTOL,
        round_factor=digits,
        optimal_frequency=None,
        selected_geos=None,
        selected_times=None,
    )
    scenario = FixedBudgetScenario(total_budget=money)
    return grid._grid_search(data["spend_grid"], data["incremental_outcome_grid"], scenario).astype(float)


if __name__ == "__main__":
    main(allocate, package="google-meridian")
