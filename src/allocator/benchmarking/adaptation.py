"""What letting treatments adapt to shocks would add to the best plan of a scenario that asks for recourse.

Policies plan once, and so does the optimum that they are measured against. Beside it stands the optimum whose
treatments adapt, both on the shocks that the scenario plans with: margins and odds of staying.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from allocator.domain.base import Frozen
from allocator.domain.errors import AllocatorError
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import evaluate
from allocator.policies import Optimum

COLUMNS = ["scenario", "one_plan", "adapting", "bound", "gain", "message"]


class Adapted(Frozen):
    """Objectives of the best plan with the same treatments in all shock scenarios, and with treatments of each."""

    one_plan: float
    adapting: float | None = None
    bound: float | None = None
    """No plan whose treatments adapt has a better objective."""
    message: str = ""
    """Why there is no such plan; or what the plan with the same treatments breaks in some shock scenario."""


@dataclass(frozen=True, slots=True)
class LetAdapt:
    """Solve a scenario with recourse, and work out there what the plan made without it gives."""

    scenario: Scenario
    plan: Plan
    policy: Optimum

    def __call__(self) -> Adapted:
        """Both objectives; or why there is none."""
        once = evaluate(self.scenario, self.plan)
        broken = "; ".join([*map(str, once.violations), *once.scaled])
        try:
            found = self.policy.solve(self.scenario)
        except AllocatorError as error:
            return Adapted(one_plan=once.objective, message=f"{type(error).__name__}: {error}")
        return Adapted(one_plan=once.objective, adapting=found.objective, bound=found.bound, message=broken)


def table(found: Sequence[tuple[str, Adapted]]) -> pd.DataFrame:
    """One row per scenario with recourse, in the columns of ``COLUMNS``; ``gain`` is adapting less one_plan."""
    rows = [_row(name, one) for name, one in found]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(name: str, found: Adapted) -> tuple[object, ...]:
    adapting, bound = (math.nan if value is None else value for value in (found.adapting, found.bound))
    return name, found.one_plan, adapting, bound, adapting - found.one_plan, found.message


def sentences(adaptation: pd.DataFrame, currencies: Mapping[str, str]) -> Iterator[str]:
    """What adapting would add, scenario by scenario."""
    columns = (adaptation[name].tolist() for name in ("scenario", "one_plan", "gain", "message"))
    for name, once, gain, message in zip(*columns, strict=True):
        said = f"{name}: every policy here, the optimum too, plans the same treatments for all shocks."
        share = f" ({gain / abs(once):.2%})" if once else ""
        money = f"{currencies[name]} {gain:,.0f}".lstrip()
        added = f" Treatments that adapt to them would add {money}{share} to the optimum."
        broken = " In some shock scenario the plan made once breaks limits (adaptation.csv)." if message else ""
        yield said if math.isnan(gain) else said + added + broken
