"""What a plan gives, recomputed from the scenario: totals and the tables that are written."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

ADAPTED = "treatments_scenarios"
"""Name of the table of treatments by shock scenario."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A requirement that a plan breaks, in the planner's words, with the size of the breach.

    ``kind`` is the family (``budget``, ``coverage``, ``capacity``, ``headcount``, ``spend``, ...),
    ``excess`` the distance beyond the limit in the limit's own unit (>= 0).
    """

    kind: str
    name: str
    period: int | None
    limit: float
    value: float
    excess: float

    def __str__(self) -> str:
        when = f" in period {self.period}" if self.period is not None else ""
        return f"{self.kind} `{self.name}`{when}: {self.value:,.6g} against a limit of {self.limit:,.6g}"


@dataclass(frozen=True, slots=True)
class Tables:
    """The output tables, in the columns of the file format (prices are added by the solver).

    treatments: segment, period, treatment, customers, effort:<lever> ..., programmes
    allocation: segment, period, lever, effort_total, effort_per_customer, share_treated, hours, cost
    customers: segment, period (1..T+1), customers, acquired
    resources: resource, period, headcount, hires, releases, hours_available, hours_used, overtime,
        partner, cost
    channels: channel, period, spend, stock, new_customers
    programmes: programme, start (missing: never)
    budgets: name, period (missing: all selected periods together), amount, at_least, used
    rules: rule, period (missing: whole horizon), segment (missing: all selected), sense (min or max),
        limit, value, slack (distance to the limit; < 0 breaks it), binding
    equity: segment, customers_now, clv, equity, share
    risk: scenario, probability, equity (empty without shocks)
    cash: period, kind (lever, setup, channel, wages, hiring, release, overtime, partner, fixed,
        programme), name, function, segment, amount (undiscounted money, > 0 for spending)
    margin: segment, period, owner, margin (undiscounted money earned there, at the owner's margins)
    """

    treatments: pd.DataFrame
    allocation: pd.DataFrame
    customers: pd.DataFrame
    resources: pd.DataFrame
    channels: pd.DataFrame
    programmes: pd.DataFrame
    budgets: pd.DataFrame
    rules: pd.DataFrame
    equity: pd.DataFrame
    risk: pd.DataFrame
    cash: pd.DataFrame
    margin: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Exact consequences of a plan. All money is discounted to today unless a table says otherwise."""

    customer_equity: float
    """Expected equity: margin + terminal_value - cost, over the mean of the shocks where there are any."""
    margin: float
    cost: float
    terminal_value: float
    equity_current_customers: float
    """Earned by those who are our customers at the start, before costs that no segment bears."""
    equity_new_customers: float
    """Earned by those won later (levers on others' customers, channels), likewise."""
    cvar: float | None
    objective: float
    """What was maximised: equity with the risk terms of the scenario."""
    tables: Tables
    violations: tuple[Violation, ...] = ()
    scaled: tuple[str, ...] = field(default=())
    """One sentence per capacity that the plan broke and that its efforts were scaled down to."""
    adapted: pd.DataFrame | None = None
    """Where treatments adapt to shocks: scenario, then the columns of the table `treatments`. All other tables are
    then means over the shock scenarios; budgets and rules stand where they are tightest."""

    @property
    def feasible(self) -> bool:
        """Whether the plan as given breaks nothing and nothing had to be scaled."""
        return not self.violations and not self.scaled
