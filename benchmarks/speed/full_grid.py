"""The same planning problem as one linear program over a full grid of treatments: numpy and HiGHS, nothing else.

Written from the file format alone, without the engine's formulation, curves or pricing, for scenarios with
what `benchmarks.instances` uses: levers with adbudg and exponential responses, labour of fixed headcount,
cash budgets on levers in each period, terminal value.

Columns are customers y[s, k, t] who get treatment k. Rows are the flow of each segment and period, hours of
each resource and period, and each budget in each period.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from allocator.domain.model import Model, Response, Segment
from allocator.domain.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """A program to maximise, ready for HiGHS; ``constant`` is what no plan changes (wages)."""

    matrix: sparse.csc_array
    objective: Floats
    lower: Floats
    upper: Floats
    constant: float


def curve(response: Response, effort: Floats) -> Floats:
    """g(e) of the two curves the instances use."""
    c = response.curve
    if c.curve == "adbudg":
        power = effort**c.shape
        return np.asarray(c.low + (c.high - c.low) * power / (c.half**c.shape + power))
    if c.curve == "exponential":
        return np.asarray(c.high * (1.0 - np.exp(-c.rate * effort)))
    raise ValueError(f"the full grid does not know the curve {c.curve}")


def treatments(model: Model, points: int) -> Floats:
    """[K, levers] every combination of ``points`` evenly spaced efforts, or of a lever's own levels."""
    axes = []
    for lever in model.levers.values():
        levels = getattr(lever.effort, "levels", None)
        axes.append(np.array(levels) if levels else np.linspace(0.0, lever.effort.max, points))
    return np.array(list(product(*axes))).reshape(-1, len(model.levers))


def baseline(model: Model) -> Floats:
    """[S, S] chance per period with no lever applied."""
    index = {segment.name: number for number, segment in enumerate(model.segments)}
    matrix = np.zeros((len(index), len(index)))
    for row in model.transitions:
        matrix[index[row.origin], index[row.destination]] = row.probability
    return matrix


def matched(model: Model, segment: Segment) -> list[Response]:
    """For each lever, effect and destination, the row of most selectors; `segment` beats all."""
    best: dict[tuple[str, str, str], tuple[int, Response]] = {}
    for response in model.responses:
        if any(segment.tags.get(column) != value for column, value in response.selectors.items()):
            continue
        weight = 100 if response.segment else len(response.selectors)
        key = (response.lever, response.effect, response.to)
        if key not in best or weight > best[key][0]:
            best[key] = (weight, response)
    return [response for _, response in best.values()]


def moves_and_margin(model: Model, s: int, efforts: Floats, base: Floats) -> tuple[Floats, Floats]:
    """[K, S] treated transition probabilities and [K] margin of segment ``s``."""
    segment = model.segments[s]
    levers = list(model.levers)
    ours = np.array([other.ours for other in model.segments])
    shift = np.zeros((len(efforts), len(model.segments)))
    lift = np.zeros(len(efforts))
    for response in matched(model, segment):
        value = curve(response, efforts[:, levers.index(response.lever)])
        if response.effect == ("retention" if segment.ours else "acquisition"):
            shift[:, ours] += value[:, None]
        elif response.effect == "migration":
            shift[:, [other.name == response.to for other in model.segments]] += value[:, None]
        elif response.effect == "margin":
            lift += value
    weight = base[s] * np.exp(shift)
    moves = weight / (1.0 - base[s].sum() + weight.sum(axis=1, keepdims=True))
    return moves, (segment.margin * (1.0 + lift) if segment.ours else np.zeros(len(efforts)))


def terminal_value(model: Model, base: Floats, beta: float) -> Floats:
    """V = m + beta P V with no lever applied."""
    margin = np.array([segment.margin if segment.ours else 0.0 for segment in model.segments])
    return np.linalg.solve(np.eye(len(margin)) - beta * base, margin)


def build(scenario: Scenario, points: int = 8) -> Grid:
    """The program over all treatments of a grid, period by period from one block."""
    model, periods = scenario.model, scenario.horizon
    count = len(model.segments)
    efforts, base = treatments(model, points), baseline(model)
    cost = efforts @ np.array([lever.cost for lever in model.levers.values()])
    hours = np.array([[lever.uses.get(name, 0.0) for name in model.resources] for lever in model.levers.values()])
    spent = np.array(
        [[not b.levers or name in b.levers for b in scenario.budgets] for name in model.levers], dtype=float
    )
    spent *= np.array([lever.cost for lever in model.levers.values()])[:, None]
    moves, margins = zip(*(moves_and_margin(model, s, efforts, base) for s in range(count)), strict=True)
    arrive = sparse.csr_array(np.vstack(moves).T)
    start = sparse.kron(sparse.eye_array(count), np.ones((1, len(efforts))), format="csr")
    used = sparse.csr_array(np.tile(np.hstack([efforts @ hours, efforts @ spent]).T, (1, count)))
    weights = np.array(scenario.calendar.weights())
    gain = np.concatenate(margins) - np.tile(cost, count)
    value = terminal_value(model, base, scenario.calendar.beta)
    objective = np.concatenate([weight * gain for weight in weights[:-1]])
    objective[-len(gain) :] += weights[-1] * (arrive.T @ value)
    flow = sparse.kron(sparse.eye_array(periods), start) - sparse.kron(sparse.eye_array(periods, k=-1), arrive)
    matrix = sparse.vstack([flow, sparse.kron(sparse.eye_array(periods), used)], format="csc")
    limit = np.concatenate(
        [[r.headcount * r.hours for r in model.resources.values()], [b.amount for b in scenario.budgets]]
    )
    present = np.concatenate([[s.customers for s in model.segments], np.zeros(count * (periods - 1))])
    wages = sum(resource.headcount * resource.wage for resource in model.resources.values())
    return Grid(
        matrix=matrix,
        objective=objective,
        lower=np.concatenate([present, np.full(len(limit) * periods, -np.inf)]),
        upper=np.concatenate([present, np.tile(limit, periods)]),
        constant=-float(wages * weights[:-1].sum()),
    )


def hand_over(grid: Grid, *, method: str, threads: int = 2) -> highspy.Highs:
    """Hand the program to HiGHS, to be maximised by a method of its."""
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = grid.matrix.shape
    program.sense_ = highspy.ObjSense.kMaximize
    program.offset_ = grid.constant
    program.col_cost_ = grid.objective
    program.col_lower_ = np.zeros(program.num_col_)
    program.col_upper_ = np.full(program.num_col_, np.inf)
    program.row_lower_, program.row_upper_ = grid.lower, grid.upper
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = grid.matrix.indptr
    program.a_matrix_.index_ = grid.matrix.indices
    program.a_matrix_.value_ = grid.matrix.data
    highspy.Highs.resetGlobalScheduler(True)
    highs = highspy.Highs()
    for option, setting in (("output_flag", False), ("solver", method), ("threads", threads)):
        _ok(highs.setOptionValue(option, setting))
    _ok(highs.passModel(program))
    return highs


def solve(highs: highspy.Highs) -> float:
    """Maximise the program; returns the equity."""
    _ok(highs.run())
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"HiGHS ended with {highs.modelStatusToString(highs.getModelStatus())}")
    return float(highs.getInfo().objective_function_value)


def _ok(status: highspy.HighsStatus) -> None:
    if status != highspy.HighsStatus.kOk:
        raise RuntimeError(f"HiGHS returned {status}")
