"""pymc-marketing's BudgetOptimizer on a model whose curves are known; money a channel and objective about one."""

from __future__ import annotations

import warnings

import arviz
import numpy as np
import pymc
from cells import Cells, Problem, main
from pymc import dims
from pymc_marketing.mmm.budget_optimizer import BudgetOptimizer, CustomModelWrapper, MinimizeException
from pytensor.xtensor import as_xtensor

LEAST = 1e-9
"""Of the money that a cell gets on average."""


def wrapped(cells: Cells, money: float) -> CustomModelWrapper:
    """A marketing-mix model of one period with these curves, money counted in ``money``, one posterior draw."""
    names = [f"cell {number}" for number in range(len(cells.low))]
    size = float((cells.high - cells.low).sum())
    coords = {"date": [0], "channel": names}
    with pymc.Model(coords=coords) as model:
        data = dims.Data("channel_data", np.zeros((1, len(names))), dims=("date", "channel"))
        trust = dims.Normal("trust", 1.0, 1.0)
        shape, middle, rise = (
            as_xtensor(values, dims=("channel",))
            for values in (cells.shape, (cells.half / money) ** cells.shape, (cells.high - cells.low) / size)
        )
        # At nothing spent the slope of a concave curve is infinite, which its solver does not survive.
        power = (data + LEAST) ** shape
        dims.Deterministic("total_contribution", trust * (rise * power / (middle + power)).sum())
    posterior = arviz.from_dict(posterior={"trust": np.ones((1, 1))})
    return CustomModelWrapper(base_model=model, idata=posterior, channels=names)


def allocate(cells: Cells, problem: Problem) -> np.ndarray:
    if len(problem.limits) > 1:
        raise SystemExit("one budget is all it can say without constraints of one's own making")
    warnings.simplefilter("ignore")
    if problem.upper.sum() <= problem.limits[0]:
        return problem.upper
    money = float(problem.limits[0]) / len(problem.upper)
    optimiser = BudgetOptimizer(num_periods=1, model=wrapped(cells, money))
    names = optimiser._budget_coords["channel"]
    low, high = problem.lower / money, problem.upper / money
    bounds = {name: (low[cell], high[cell]) for cell, name in enumerate(names)}
    try:
        found, _ = optimiser.allocate_budget(
            total_budget=float(len(problem.upper)), budget_bounds=bounds, x0=problem.uniform() / money
        )
    except MinimizeException as reason:
        raise SystemExit(str(reason)) from None
    return np.asarray(found.values, dtype=float) * money


if __name__ == "__main__":
    main(allocate, package="pymc-marketing")
