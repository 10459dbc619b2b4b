"""What stands beside a scenario with recourse: the problem of the mean, and each shock scenario alone.

Two questions are asked beside the plan (Birge and Louveaux). Had one planned for the mean of all shocks, what
would its commitments have given, treatments adapting (the value of the stochastic solution)? And had one known
the shock scenario before deciding anything, how much more would there be (perfect information)?
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from allocator.domain.errors import Infeasible, StoppedWithoutPlan
from allocator.domain.evaluation import Evaluation
from allocator.domain.result import Figure, RecourseValue
from allocator.domain.rules import Active
from allocator.domain.scenario import Scenario
from allocator.evaluation import cvar
from allocator.formulation.branch import EXPECTED
from allocator.formulation.idle import buys_hours
from allocator.formulation.instance import Floats, Instance
from allocator.solving.deadline import Deadline
from allocator.solving.decomposition import Decomposition
from allocator.solving.extract import given
from allocator.solving.search import Incumbent
from allocator.solving.solve import Engine
from allocator.solving.solved import Solved
from allocator.solving.subproblem import Commitments
from allocator.solving.treatments import Treatments
from allocator.solving.wholes import commitments

Method = Literal["extensive form", "decomposition"]
Carried = Callable[[Commitments], tuple[float, float]]
"""Objective and bound (money) of commitments with treatments adapting to every shock scenario."""
MOST_CELLS = 10_000
"""Up to so many cells of segments, periods and shock scenarios are written side by side in one program."""
_ROUNDING = 1e-12
"""A difference of objectives this small (relative) is none."""
_TIME = "the time limit was reached before any plan was found"


def shared(scenario: Scenario) -> bool:
    """Whether a rule on customer equity holds over all shock scenarios together."""
    return any(rule.rule in EXPECTED for rule in scenario.rules)


def counted(scenario: Scenario) -> bool:
    """Whether there are whole numbers in each shock scenario, beside those that are commitments."""
    by_rule = (
        rule.rule == "uniform" or (isinstance(rule, Active) and rule.lever is not None) for rule in scenario.rules
    )
    paid = any(lever.setup for lever in scenario.model.levers.values())
    return paid or any(by_rule) or buys_hours(scenario) is not None


def inseparable(scenario: Scenario) -> bool:
    """Whether shock scenarios cannot be solved apart: they share more than commitments, or more is whole."""
    return scenario.objective.kind != "equity" or shared(scenario) or counted(scenario)


def without_shared_rules(scenario: Scenario) -> Scenario:
    """The scenario without rules on customer equity."""
    return scenario.model_copy(update={"rules": tuple(rule for rule in scenario.rules if rule.rule not in EXPECTED)})


@dataclass(frozen=True, slots=True)
class _Alone:
    """A shock scenario known beforehand: its objective and bound (unit of the program), the treatments in use."""

    objective: float
    bound: float
    treatments: Treatments


@dataclass
class Neighbours:
    """The problems beside one with recourse: that of the mean, and those of each shock scenario alone."""

    scenario: Scenario
    current: Evaluation | None
    no_effort: Evaluation | None
    deadline: Deadline
    notes: list[str] = field(default_factory=list)

    @cached_property
    def wanted(self) -> Instance:
        """The instance with its limits on risk."""
        return Instance(self.scenario, self.current)

    @cached_property
    def base(self) -> Instance:
        """The instance without limits on risk, for one shock scenario alone."""
        free = {"cvar_floor": None, "aversion": 0.0, "chance": None, "recourse": False}
        neutral = self.scenario.model_copy(update={"risk": self.scenario.risk.model_copy(update=free)})
        return Instance(neutral, self.current)

    @property
    def probability(self) -> Floats:
        """[W] of the shock scenarios."""
        return self.base.probabilities

    @property
    def cells(self) -> int:
        """Cells of segments, periods and shock scenarios."""
        return len(self.base.segments) * self.base.horizon * len(self.probability)

    @property
    def method(self) -> Method:
        """How to solve a scenario of this kind and size."""
        return "decomposition" if self.cells > MOST_CELLS and not inseparable(self.scenario) else "extensive form"

    @cached_property
    def mean_commitments(self) -> dict[str, float]:
        """What the mean-value problem commits to.

        Raises
        ------
        Infeasible, StoppedWithoutPlan
        """
        engine, best, _ = self._solve(self.base.average())
        return commitments(engine.ledger, engine.master, best.value)

    def try_out_mean(self, found: Decomposition) -> tuple[float, float] | None:
        """Begin with the commitments of the mean-value problem: their objective and bound (unit of the program), None
        where there are none or they break a limit."""
        try:
            return found.try_out(self.mean_commitments, self.deadline, gap=self.scenario.solver.gap)
        except Infeasible:
            return None

    @cached_property
    def alone(self) -> list[_Alone]:
        """Each shock scenario known beforehand.

        Raises
        ------
        Infeasible, StoppedWithoutPlan
        """
        found = []
        for number in range(len(self.probability)):
            engine, best, bound = self._solve(self.base.alone(number))
            constant = engine.program.constant
            treatments = given(engine.master, best.value)[0]
            found.append(_Alone(best.objective + constant, max(bound, best.objective) + constant, treatments))
        return found

    def _solve(self, instance: Instance) -> tuple[Engine, Incumbent, float]:
        if self.deadline.passed:
            raise StoppedWithoutPlan(_TIME)
        engine = Engine(instance.scenario, self.current, self.no_effort, instance=instance)
        return (engine, *engine.answer(self.deadline, gap=self.scenario.solver.gap))

    def value(self, solved: Solved, method: Method, carried: Carried) -> RecourseValue:
        """Value a plan; ``carried`` gives objective and bound (money) of commitments with treatments adapting."""
        mean = seen = None
        if self.scenario.objective.kind != "equity":
            self.notes.append(f"objective `{self.scenario.objective.kind}`: not valued")
        else:
            mean, seen = self._mean_value(carried), self._wait_and_see()
        plan = Figure(solved.objective, solved.objective, max(solved.bound, solved.objective))
        return RecourseValue(
            method=method,
            scenarios=len(self.probability),
            mean_value=mean,
            stochastic_solution=_less(plan, mean),
            wait_and_see=seen,
            perfect_information=_less(seen, plan),
            notes=tuple(self.notes),
        )

    def _mean_value(self, carried: Carried) -> Figure | None:
        try:
            objective, bound = carried(self.mean_commitments)
        except Infeasible:
            self.notes.append("mean-value problem: what it commits to cannot keep all limits in every shock scenario")
            return None
        except StoppedWithoutPlan as error:
            self.notes.append(f"mean-value problem: {error}")
            return None
        return Figure(objective, objective, max(objective, bound))

    def _wait_and_see(self) -> Figure | None:
        """Each shock scenario on its own; a limit on the mean over them then says nothing."""
        coupled = [rule.rule for rule in self.scenario.rules if rule.rule in EXPECTED]
        if coupled:
            self.notes.append(f"perfect information: rule `{coupled[0]}` is about the mean over the shock scenarios")
            return None
        try:
            low, high = ([getattr(each, name) for each in self.alone] for name in ("objective", "bound"))
        except (Infeasible, StoppedWithoutPlan) as error:
            self.notes.append(f"perfect information: {error}")
            return None
        money = self.base.units.money
        least, most = self._adjusted(low) * money, self._adjusted(high) * money
        return Figure(least, least, most)

    def _adjusted(self, values: list[float]) -> float:
        """Mean and CVaR as the objective weighs them."""
        risk = self.scenario.risk
        mean = float(self.probability @ np.array(values))
        return (1.0 - risk.aversion) * mean + risk.aversion * cvar(values, self.probability, risk.confidence)


def _less(first: Figure | None, second: Figure | None) -> Figure | None:
    if first is None or second is None:
        return None
    rounding = _ROUNDING * abs(second.value)
    ends = (first.low - second.high, first.high - second.low)
    low, high = (end if end > rounding else 0.0 for end in ends)
    return Figure(min(max(first.value - second.value, low), high), low, high)
