"""The problem as a peer gets it, and what all peers share: one row of limits, choosing cells, whole heads.

    maximise   sum of g_i(x_i),   g_i(x) = low + (high - low) x^shape / (half^shape + x^shape)
    subject to rows @ x <= limits,  lower <= x <= upper

A peer brings ``allocate(cells, problem)``. What it cannot say itself is done around it in the usual way: cells
with a least spend, a fixed cost or a limit on how many are first solved as if free, the best are kept, and
the rest is solved again; whole heads are rounded down from the fractional answer, and solved again. Each of these
rounds has an equal part of the time left.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

ENDED = 2.0
"""A peer that does not stop by itself is ended at so many times its seconds of processor time."""


@dataclass(frozen=True)
class Cells:
    """Curves and limits of all cells; ``pool`` is -1 for money, else the number of a pool of hours."""

    low: np.ndarray
    high: np.ndarray
    half: np.ndarray
    shape: np.ndarray
    lower: np.ndarray
    least: np.ndarray
    most: np.ndarray
    fixed: np.ndarray
    pool: np.ndarray
    marketing: np.ndarray
    money: float
    marketing_money: float
    active: int
    hours: np.ndarray
    wage: np.ndarray
    heads: np.ndarray

    @classmethod
    def read(cls, path: str) -> Cells:
        given = json.loads(Path(path).read_text())
        return cls(**{key: np.array(value) if isinstance(value, list) else value for key, value in given.items()})

    def gain(self, x: np.ndarray) -> np.ndarray:
        power = np.maximum(x, 0.0) ** self.shape
        return self.low + (self.high - self.low) * power / (self.half**self.shape + power)

    def slope(self, x: np.ndarray) -> np.ndarray:
        safe = np.maximum(x, 1e-9 * self.most)
        power, middle = safe**self.shape, self.half**self.shape
        return (self.high - self.low) * middle * self.shape * power / safe / (middle + power) ** 2


@dataclass(frozen=True)
class Problem:
    """Linear limits on the efforts of all cells, and the processor time at which to stop."""

    rows: np.ndarray
    limits: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    until: float

    @property
    def left(self) -> float:
        return max(0.0, self.until - time.process_time())

    def uniform(self) -> np.ndarray:
        """Everybody at the same share of the way from least to most, as far as the limits allow."""
        span = self.upper - self.lower
        room = (self.limits - self.rows @ self.lower) / np.maximum(self.rows @ span, 1e-300)
        return self.lower + max(0.0, min(1.0, float(room.min()))) * span


Allocate = Callable[[Cells, Problem], np.ndarray]


def whole_problem(cells: Cells, until: float) -> Problem:
    """All limits, hours priced at the wage of a fraction of a head."""
    price = np.where(cells.pool < 0, 1.0, np.append(cells.wage / np.maximum(cells.hours, 1e-300), 0.0)[cells.pool])
    rows, limits = [price], [cells.money]
    if np.isfinite(cells.marketing_money):
        rows.append(cells.marketing.astype(float))
        limits.append(cells.marketing_money)
    for number, (hours, heads) in enumerate(zip(cells.hours, cells.heads, strict=True)):
        rows.append((cells.pool == number).astype(float))
        limits.append(hours * heads)
    return Problem(np.array(rows), np.array(limits), cells.lower, cells.most, until)


def plan(cells: Cells, allocate: Allocate, seconds: float) -> np.ndarray:
    """Efforts that keep every limit, as the peer finds them with the usual detours."""
    rounds: list[Callable[[Problem, np.ndarray], Problem]] = []
    if len(cells.hours):
        rounds.append(lambda problem, x: with_whole_heads(cells, problem, x))
    if cells.active or cells.least.any() or cells.fixed.any():
        rounds.append(lambda problem, x: with_chosen(cells, problem, x))
    end = time.process_time() + seconds
    problem = whole_problem(cells, until=_part_of(end, 1 + len(rounds)))
    x = fit(problem, allocate(cells, problem))
    for done, narrowed in enumerate(rounds):
        problem = replace(narrowed(problem, x), until=_part_of(end, len(rounds) - done))
        x = fit(problem, allocate(cells, problem))
    return x


def _part_of(end: float, rounds: int) -> float:
    """Processor time at which the first of so many rounds ends, where all end at ``end``."""
    now = time.process_time()
    return now + max(0.0, end - now) / rounds


def with_chosen(cells: Cells, problem: Problem, x: np.ndarray) -> Problem:
    """The problem with the best cells on, at least at their least spend, and all others off."""
    worth = cells.gain(x) - cells.gain(np.zeros_like(x))
    order = [cell for cell in np.argsort(-worth) if x[cell] >= 0.5 * cells.least[cell] and x[cell] > 0]
    chosen: list[int] = []
    free = problem.limits[0]
    for cell in order[: cells.active or len(order)]:
        if cells.least[cell] + cells.fixed[cell] <= free:
            chosen.append(cell)
            free -= cells.least[cell] + cells.fixed[cell]
    on = np.zeros(len(x), dtype=bool)
    on[chosen] = True
    limits = problem.limits.copy()
    limits[0] -= cells.fixed[on].sum()
    lower = np.where(on, np.maximum(cells.least, cells.lower), 0.0)
    return replace(problem, limits=limits, lower=lower, upper=np.where(on, cells.most, 0.0))


def with_whole_heads(cells: Cells, problem: Problem, x: np.ndarray) -> Problem:
    """The problem with as many whole heads as the fractional answer has, rounded down."""
    heads = np.array([np.floor(x[cells.pool == n].sum() / hours + 1e-9) for n, hours in enumerate(cells.hours)])
    rows, limits = problem.rows.copy(), problem.limits.copy()
    rows[0] = cells.pool < 0
    limits[0] -= float(heads @ cells.wage)
    limits[-len(heads) :] = heads * cells.hours
    return replace(problem, rows=rows, limits=limits)


def fit(problem: Problem, x: np.ndarray) -> np.ndarray:
    """``x`` inside its bounds, shrunk towards the least efforts where a limit is broken by a hair."""
    x = np.clip(x, problem.lower, problem.upper)
    for row, limit in zip(problem.rows, problem.limits, strict=True):
        over = row @ x - limit
        room = row @ (x - problem.lower)
        if over > 0 and room > 0:
            x = np.where(row > 0, problem.lower + (x - problem.lower) * max(0.0, 1 - over / room), x)
    return x


def main(allocate: Allocate, *, package: str) -> None:
    """Read the problem, let the peer solve it, write its efforts and time."""
    cells, seconds = Cells.read(sys.argv[1]), float(sys.argv[3])
    answer(lambda: plan(cells, allocate, seconds), package)


def answer(solve: Callable[[], np.ndarray], package: str) -> None:
    """Write what ``solve`` finds, and the seconds it took by the clock and of the processor."""
    started, idle = time.perf_counter(), time.process_time()
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(idle + ENDED * float(sys.argv[3])), most))
    efforts = solve().tolist()
    told = {
        "efforts": efforts,
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - idle,
        "version": importlib.metadata.version(package),
    }
    Path(sys.argv[2]).write_text(json.dumps(told))
