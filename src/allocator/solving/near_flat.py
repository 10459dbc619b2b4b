"""How far each budget and headcount can be moved at next to no loss: optimum plateaus are flat.

low, high  least and most cash (heads) over all plans with customer equity >= best - share x |best|
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from allocator.domain.evaluation import Evaluation
from allocator.domain.scenario import Objective, Scenario
from allocator.formulation.ledger import Ledger
from allocator.formulation.terms import Variable
from allocator.solving.deadline import Deadline
from allocator.solving.diagnosis.relaxation import OutOfTimeError, Relaxation
from allocator.solving.solved import Solved

SHARE = 0.005
"""Loss of customer equity that counts as next to none, relative."""
COLUMNS = ["what", "name", "period", "value", "low", "high"]
_GAP = 1e-3


def near_flat(
    scenario: Scenario,
    solved: Solved,
    evaluation: Evaluation,
    *,
    current: Evaluation | None = None,
    no_effort: Evaluation | None = None,
    deadline: Deadline,
) -> pd.DataFrame:
    """Range of the cash of each budget and of each headcount within 0.5 percent of the best customer equity.

    One row per budget (and period, with `per: period`) and per resource and period with hiring or release:
    ``value`` in the plan, ``low`` and ``high`` each over all plans that keep every requirement, one at a time.
    Missing where time ran out. Only for scenarios that maximise customer equity: for others the target says it.
    """
    if scenario.objective.kind != "equity":
        return pd.DataFrame(columns=COLUMNS)
    best = evaluation.customer_equity
    target = Objective(kind="spend", target=best - SHARE * abs(best))
    asked = scenario.model_copy(update={"objective": target, "current_plan": solved.plan})
    relaxation = Relaxation(asked, current, no_effort, deadline, gap=_GAP, prove=False)
    rows = []
    for what, name, period, variable in _subjects(relaxation.engine.ledger):
        low, high = (_extreme(relaxation, variable, sign) for sign in (-1.0, 1.0))
        rows.append((what, name, period, _planned(evaluation, what, name, period), low, high))
    return pd.DataFrame(rows, columns=COLUMNS)


def _subjects(ledger: Ledger) -> Iterator[tuple[str, str, int | None, Variable]]:
    gauges = [] if ledger.gives is None else ledger.gives.gauges
    for name, period, total in gauges:
        yield "budget", name, period, total
    for name, heads in ledger.heads.items():
        for period, variable in heads.items():
            yield "headcount", name, period, variable


def _extreme(relaxation: Relaxation, variable: Variable, sign: float) -> float:
    column = relaxation.engine.program.column(variable)
    if column is None or relaxation.deadline.passed:
        return math.nan
    try:
        return relaxation.extreme(column, sign) + 0.0
    except OutOfTimeError:
        return math.nan


def _planned(evaluation: Evaluation, what: str, name: str, period: int | None) -> float:
    """What the plan uses, from its evaluation."""
    tables = evaluation.tables
    table, key, column = (
        (tables.budgets, "name", "used") if what == "budget" else (tables.resources, "resource", "headcount")
    )
    rows = table[table[key] == name]
    rows = rows[rows["period"].isna()] if period is None else rows[rows["period"] == period]
    return float(rows[column].iloc[0])
