"""One planning question put to a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from allocator.domain.base import Frozen, NonNegative, Positive
from allocator.domain.calendar import Calendar
from allocator.domain.model import Model
from allocator.domain.plan import Plan
from allocator.domain.risk import Risk
from allocator.domain.rules import Periods, Rule
from allocator.domain.selection import Names, Where


class Budget(Frozen):
    """A limit on cash spent, narrowed by the keys that are given."""

    name: str = Field(min_length=1)
    amount: NonNegative | None = None
    """Most money, over the selected periods together or, with `per: period`, in each of them."""
    at_least: NonNegative | None = None
    """Least money."""
    per: Literal["period"] | None = None
    periods: Periods | None = None
    function: Names | None = None
    where: Where = Field(default_factory=dict)
    levers: Names | None = None
    channels: Names | None = None
    resources: Names | None = None
    programmes: Names | None = None
    """Naming levers, channels, resources or programmes leaves out all that is not named."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.amount is None and self.at_least is None:
            raise ValueError("needs `amount` or `at_least`")
        if self.amount is not None and self.at_least is not None and self.at_least > self.amount:
            raise ValueError(f"`at_least` {self.at_least:g} is above `amount` {self.amount:g}")
        return self


class Objective(Frozen):
    """What the plan is best at."""

    kind: Literal["equity", "spend", "return"] = "equity"
    """`equity`: most customer equity. `spend`: least discounted cash for `target` equity. `return`: most
    customer equity such that equity gained over no effort is at least `target` times the discounted cash
    spent beyond that of no effort."""
    target: float | None = None
    """Money for `spend`, a ratio for `return`; not with `equity`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.kind == "equity") != (self.target is None):
            raise ValueError("`target` goes with `spend` or `return`, and is needed there")
        return self


class SolverSettings(Frozen):
    """How long and how exactly to solve."""

    gap: Annotated[float, Field(ge=0.0)] = 1e-4
    """Proven relative distance from the best plan at which to stop."""
    time_limit: Positive | None = None
    """Seconds; None for no limit."""
    threads: Annotated[int, Field(ge=1)] | None = None
    """Processor threads; None for what the machine has."""
    worth: bool = False
    """Solve again around the plan: what moving each limit would be worth, and how far budgets and headcounts
    can move at next to no loss (tables `relaxation` and `ranges`)."""


def _folder_name(name: str) -> str:
    """The name, if it can be that of a folder below another one; `/` makes folders of its parts."""
    parts = name.split("/")
    if any(not part.strip() or part in (".", "..") for part in parts) or any(ord(sign) < ord(" ") for sign in name):
        raise ValueError("no folder of results can have this name")
    return name


class Scenario(Frozen):
    """A planning question: model, horizon, budgets, rules, risk."""

    name: Annotated[str, AfterValidator(_folder_name)] = Field(alias="scenario")
    """Also that of its folder of results."""
    model: Model
    horizon: Annotated[int, Field(ge=1)]
    """Number of periods."""
    terminal: Literal["baseline", "none"] | Mapping[str, float] = "baseline"
    """Value of a customer left at the end: `baseline`, `none`, or money by segment (0 where not given)."""
    budgets: tuple[Budget, ...] = ()
    rules: tuple[Rule, ...] = ()
    risk: Risk = Field(default_factory=Risk)
    objective: Objective = Field(default_factory=Objective)
    current_plan: Plan | None = None
    solver: SolverSettings = Field(default_factory=SolverSettings)

    @property
    def calendar(self) -> Calendar:
        """Periods and discount weights."""
        return Calendar(self.model.period, self.model.discount_rate, self.model.cash_flow, self.horizon)
