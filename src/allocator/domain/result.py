"""The answer of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from allocator.domain.evaluation import Evaluation, Tables
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario

Status = Literal["optimal", "stopped"]


@dataclass(frozen=True, slots=True)
class Prices:
    """Gain in customer equity per unit more of a limit, at the plan's integers (`local` where there are any).

    resources: resource, period, price (money per hour or unit)
    budgets: name, period, price (money today per unit of budget; <= 0 for a floor that costs)
    rules: rule, period, segment, sense, price
    """

    resources: pd.DataFrame
    budgets: pd.DataFrame
    rules: pd.DataFrame
    local: bool
    """Whether integers were held fixed."""


@dataclass(frozen=True, slots=True)
class Size:
    """Size of the last program solved."""

    columns: int
    rows: int
    integers: int
    treatments: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and what it is proven to lie between."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RecourseValue:
    """What deciding for all shock scenarios together is worth, and what knowing the scenario would be.

    All are in the unit of the objective, with its risk terms. A figure that could not be worked out is None, and
    ``notes`` say why.
    """

    method: Literal["extensive form", "decomposition"]
    scenarios: int
    """Number of shock scenarios."""
    mean_value: Figure | None
    """Objective of the mean-value problem's commitments, treatments adapting in every shock scenario."""
    stochastic_solution: Figure | None
    """Value of the stochastic solution: the plan's objective less ``mean_value``."""
    wait_and_see: Figure | None
    """Objective if the shock scenario were known before anything is decided."""
    perfect_information: Figure | None
    """Expected value of perfect information: ``wait_and_see`` less the plan's objective."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A plan with its proof."""

    scenario: Scenario
    plan: Plan
    evaluation: Evaluation
    prices: Prices
    status: Status
    objective: float
    bound: float
    """No plan has an objective above this (below it, where spend is minimised)."""
    gap: float
    """abs(bound - objective) / abs(objective)."""
    size: Size
    seconds: Mapping[str, float]
    """load, build, solve, refine, report."""
    current_plan: Evaluation | None = None
    no_effort: Evaluation | None = None
    further: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Extra tables by file name, such as `relaxation` or `ranges`."""
    recourse: RecourseValue | None = None
    """None where treatments do not adapt to shocks."""

    @property
    def customer_equity(self) -> float:
        """Expected customer equity of the plan."""
        return self.evaluation.customer_equity

    @property
    def tables(self) -> Tables:
        """The plan's tables, as pandas frames; prices are apart."""
        return self.evaluation.tables
