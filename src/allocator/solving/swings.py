"""Which inputs the plan hangs on: what the plan gives, and what the best plan gives, where an input is wrong.

Each input is changed downwards and upwards. What the plan at hand then gives is worked out exactly: that is
the change at its price, which is all there is to say as long as the same plan stays the best. The inputs
that matter most are then put to the solver again, from the plan at hand, and the difference is what knowing
the input better would be worth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from allocator.domain.errors import Infeasible
from allocator.domain.evaluation import Evaluation
from allocator.domain.plan import Plan
from allocator.domain.progress import Progress, silent
from allocator.domain.rules import Change
from allocator.domain.scenario import Scenario
from allocator.evaluation import Judge, Verdict, evaluate
from allocator.solving.inputs import Input, inputs
from allocator.solving.limits import subject_of
from allocator.solving.recourse import best_plan
from allocator.solving.sweep import Sweep

BOXES = (0.2, 0.5, 1.0)
"""Widths of the boxes around the current plan, as shares of its efforts."""

_TOO_MUCH, _TOO_LITTLE = "the plan no longer fits", "the plan misses the target"
"""What a note says of a plan that breaks limits, or nothing but the target of the objective."""


@dataclass(frozen=True, slots=True)
class Swings:
    """The objective (customer equity, with the risk terms of the scenario) where inputs are wrong.

    table: kind, input, kept_low, kept_high (of the plan, input changed downwards and upwards), swing (their
    distance), solved_low, solved_high (of the best plan then), adapting (the most that changing the plan
    would gain), note. What was not solved again is missing.
    boxes: width (missing: no box), objective, share_of_free, note; empty without a current plan.

    Where spend is least, kept_low and kept_high are the customer equity that the plan then comes to, solved_low and
    solved_high the least spend, and adapting the most spend saved where the plan still reaches its target.
    """

    scenario: Scenario
    change: float
    plan: Plan
    objective: float
    kept: float
    """What kept_low and kept_high are of where no input is wrong."""
    table: pd.DataFrame
    boxes: pd.DataFrame
    solved: int
    """Inputs that the best plan was found again for."""


def swings(
    scenario: Scenario,
    *,
    change: float = 0.2,
    solved: int = 10,
    progress: Progress = silent,
) -> Swings:
    """Change every input by the share ``change``; solve again for the ``solved`` inputs that matter most.

    Raises
    ------
    Infeasible, Unbounded, StoppedWithoutPlan, InternalError
        As :func:`allocator.solving.solve`.
    """
    progress("solve", "")
    current = evaluate(scenario, scenario.current_plan) if scenario.current_plan is not None else None
    best = best_plan(scenario, current=current)
    rows = [_kept(entry, best.plan, change, progress) for entry in inputs(scenario)]
    rows.sort(key=lambda row: -row.swing)
    for row in rows[:solved]:
        for side in (0, 1):
            progress("solve", f"{row.input.kind} {row.input.name}")
            row.solve(side, change, best.plan)
    return Swings(
        scenario=scenario,
        change=change,
        plan=best.plan,
        objective=best.objective,
        kept=_measured(scenario, Judge(scenario).verdict(scenario, best.plan)) if _spends(scenario) else best.objective,
        table=_table(rows),
        boxes=_boxes(scenario, current, best.objective, progress),
        solved=len(rows[:solved]),
    )


@dataclass(slots=True)
class _Row:
    """One input and the objective where it is lower and higher."""

    input: Input
    spends: bool
    """Whether spend is least."""
    kept: list[float]
    objectives: list[float]
    """Of the plan at hand; what is kept, unless spend is least."""
    solved: list[float]
    notes: list[str]

    @property
    def swing(self) -> float:
        return abs(self.kept[1] - self.kept[0])

    def solve(self, side: int, change: float, plan: Plan) -> None:
        """Find the best plan with the input changed, beginning with the plan at hand."""
        scenario = self.input.at(_factor(side, change)).model_copy(update={"current_plan": plan})
        before = self.input.at(_factor(side, change))
        current = evaluate(before, before.current_plan) if before.current_plan is not None else None
        try:
            found = best_plan(scenario, current=current).objective
        except Infeasible:
            self.notes.append(f"{_side(side)}: no plan")
            return
        # Where the plan at hand still keeps all limits, the answer within the gap can be a little worse than it.
        better = min if self.spends else max
        self.solved[side] = better(found, self.objectives[side]) if self._fits(side) else found

    def gains(self) -> Iterator[float]:
        """What changing the plan would gain on each side that was solved again; of spend, where the plan still reaches
        its target."""
        for side, (solved, own) in enumerate(zip(self.solved, self.objectives, strict=True)):
            if not math.isnan(solved) and (self._fits(side) or not self.spends):
                yield own - solved if self.spends else solved - own

    def _fits(self, side: int) -> bool:
        return not any(f"{_side(side)}: {why}" in self.notes for why in (_TOO_MUCH, _TOO_LITTLE))


def _spends(scenario: Scenario) -> bool:
    return scenario.objective.kind == "spend"


def _measured(scenario: Scenario, verdict: Verdict) -> float:
    """What a plan is kept for: the objective, or the equity that spend is for."""
    return verdict.equity if _spends(scenario) else verdict.objective


def _factor(side: int, change: float) -> float:
    return 1.0 + change if side else 1.0 - change


def _side(side: int) -> str:
    return "higher" if side else "lower"


def _kept(entry: Input, plan: Plan, change: float, progress: Progress) -> _Row:
    progress("evaluate", f"{entry.kind} {entry.name}")
    row = _Row(entry, _spends(entry.at(1.0)), [], [], [math.nan, math.nan], [])
    for side in (0, 1):
        changed = entry.at(_factor(side, change))
        verdict = Judge(changed).verdict(changed, plan)
        row.kept.append(_measured(changed, verdict))
        row.objectives.append(verdict.objective)
        if verdict.broken:
            only_target = all(breach.startswith("target ") for breach in verdict.broken)
            row.notes.append(f"{_side(side)}: {_TOO_LITTLE if only_target else _TOO_MUCH}")
    return row


def _table(rows: Sequence[_Row]) -> pd.DataFrame:
    columns = ["kind", "input", "kept_low", "kept_high", "swing", "solved_low", "solved_high", "adapting", "note"]
    found = []
    for row in rows:
        adapting = max(row.gains(), default=math.nan)
        name = (row.input.kind, row.input.name)
        found.append((*name, *row.kept, row.swing, *row.solved, adapting, "; ".join(row.notes)))
    return pd.DataFrame(found, columns=columns)


def _boxes(scenario: Scenario, current: Evaluation | None, free: float, progress: Progress) -> pd.DataFrame:
    """What the best plan gives within boxes around the efforts of the current plan."""
    columns = ["width", "objective", "share_of_free", "note"]
    if current is None or scenario.risk.aversion > 0.0:
        return pd.DataFrame(columns=columns)
    within = _boxed(scenario, current)
    rows: list[tuple[float, float, float, str]] = []
    for width in BOXES:
        progress("solve", f"within {100 * width:.0f} percent of the current plan")
        try:
            equity = within(width)
            rows.append((width, equity, equity / free if free > 0.0 else math.nan, ""))
        except Infeasible:
            rows.append((width, math.nan, math.nan, "no plan"))
    rows.append((math.nan, free, 1.0, "no box"))
    return pd.DataFrame(rows, columns=columns)


def _boxed(scenario: Scenario, current: Evaluation) -> Callable[[float], float]:
    """The objective by the width of the box; each width is solved anew where treatments adapt or the objective has a
    target, else the sweep of the first goes on."""
    box = Change(rule="change", name="box", max=0.0)
    boxed = scenario.model_copy(update={"rules": (box, *scenario.rules)})
    if scenario.risk.recourse or scenario.objective.target is not None:

        def alone(width: float) -> float:
            rules = (box.model_copy(update={"max": width}), *scenario.rules)
            return best_plan(scenario.model_copy(update={"rules": rules}), current=current).objective

        return alone
    sweep = Sweep(subject_of(boxed, "rule:box"))
    return lambda width: sweep.at(width).equity
