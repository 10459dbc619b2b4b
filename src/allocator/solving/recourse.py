"""Plans whose treatments adapt to shocks, and what that is worth.

Two questions are asked beside the plan (Birge and Louveaux). Had one planned for the mean of all shocks, what
would its commitments have given, treatments adapting (the value of the stochastic solution)? And had one known
the shock scenario before deciding anything, how much more would there be (perfect information)?
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from allocator.domain.errors import Infeasible, StoppedWithoutPlan
from allocator.domain.evaluation import Evaluation
from allocator.domain.result import Figure, RecourseValue
from allocator.domain.scenario import Scenario
from allocator.evaluation import cvar
from allocator.formulation.branch import EXPECTED
from allocator.formulation.instance import Floats, Instance
from allocator.solving.highs import Deadline
from allocator.solving.search import Incumbent
from allocator.solving.solve import Engine, Progress, Solved

Commitments = Mapping[str, float]
"""What is decided now, by the name of its variable, in natural units."""
_TIME = "the time limit was reached"
_DERIVED = ("stock_", "answer_")
"""Variables that follow from spends."""


def solve_recourse(
    scenario: Scenario,
    *,
    current: Evaluation | None = None,
    no_effort: Evaluation | None = None,
    progress: Progress = lambda stage, detail: None,
) -> tuple[Solved, RecourseValue]:
    """Solve a scenario with recourse to its proven gap, and value its plan.

    Raises
    ------
    Infeasible, Unbounded, StoppedWithoutPlan, Intractable
    """
    deadline = Deadline.after(scenario.solver.time_limit)
    started = time.perf_counter()
    progress("build", "")
    engine = Engine(scenario, current, no_effort)
    built = time.perf_counter()
    progress("solve", "")
    best, bound = engine.answer(deadline, gap=scenario.solver.gap)
    ended = time.perf_counter()
    pricing = engine.refiner.seconds_pricing
    seconds = {"build": built - started, "solve": ended - built - pricing, "refine": pricing}
    solved = engine.solved(best, bound, seconds)
    progress("value", "")
    neighbours = Neighbours(scenario, current, no_effort, deadline)
    value = neighbours.value(solved, lambda values: _held(engine, values, deadline), "extensive form")
    return solved, value


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The problems beside one with recourse: that of the mean, and those of each shock scenario alone."""

    scenario: Scenario
    current: Evaluation | None
    no_effort: Evaluation | None
    deadline: Deadline

    @property
    def neutral(self) -> Scenario:
        """The scenario without limits on risk, for one shock scenario alone."""
        free = {"cvar_floor": None, "aversion": 0.0, "chance": None, "recourse": False}
        return self.scenario.model_copy(update={"risk": self.scenario.risk.model_copy(update=free)})

    def value(
        self, solved: Solved, carried: Callable[[Commitments], tuple[float, float]], method: str
    ) -> RecourseValue:
        """Value a plan; ``carried`` gives objective and bound (money) of commitments with treatments adapting."""
        base = Instance(self.neutral, self.current)
        assert base.shocks is not None, "checked with the input"
        notes: list[str] = []
        mean = seen = None
        if self.scenario.objective.kind != "equity":
            notes.append(f"objective `{self.scenario.objective.kind}`: not valued")
        else:
            mean = self._mean_value(base, carried, notes)
            seen = self._wait_and_see(base, notes)
        return RecourseValue(
            method="extensive form" if method == "extensive form" else "decomposition",
            scenarios=len(base.shocks.names),
            mean_value=mean,
            stochastic_solution=_less(_of(solved), mean),
            wait_and_see=seen,
            perfect_information=_less(seen, _of(solved)),
            notes=tuple(notes),
        )

    def _mean_value(
        self, base: Instance, carried: Callable[[Commitments], tuple[float, float]], notes: list[str]
    ) -> Figure | None:
        assert base.shocks is not None, "checked with the input"
        try:
            engine, best, _ = self._alone(base.certain(base.shocks.average()))
        except (Infeasible, StoppedWithoutPlan) as error:
            notes.append(f"mean-value problem: {error}")
            return None
        try:
            objective, bound = carried(commitments(engine, best.value))
        except Infeasible:
            notes.append("commitments of the mean-value problem: they cannot keep all limits in every shock scenario")
            return None
        except StoppedWithoutPlan as error:
            notes.append(f"commitments of the mean-value problem: {error}")
            return None
        return Figure(objective, objective, bound)

    def _wait_and_see(self, base: Instance, notes: list[str]) -> Figure | None:
        """Each shock scenario on its own; a limit on the mean over them then says nothing."""
        assert base.shocks is not None, "checked with the input"
        coupled = [rule.rule for rule in self.scenario.rules if rule.rule in EXPECTED]
        if coupled:
            notes.append(f"perfect information: rule `{coupled[0]}` is about the mean over the shock scenarios")
            return None
        least, most = [], []
        for number, name in enumerate(base.shocks.names):
            try:
                engine, best, bound = self._alone(base.alone(number))
            except Infeasible:
                notes.append(f"perfect information: shock scenario {name} alone has no plan")
                return None
            except StoppedWithoutPlan:
                notes.append(f"perfect information: {_TIME}")
                return None
            least.append(engine.natural(best.objective))
            most.append(max(engine.natural(bound), least[-1]))
        low, high = (self._risk_adjusted(values, base.shocks.probability) for values in (least, most))
        return Figure(low, low, high)

    def _alone(self, instance: Instance) -> tuple[Engine, Incumbent, float]:
        if self.deadline.passed:
            raise StoppedWithoutPlan(_TIME)
        engine = Engine(instance.scenario, self.current, self.no_effort, instance=instance)
        return (engine, *engine.answer(self.deadline, gap=self.scenario.solver.gap))

    def _risk_adjusted(self, values: list[float], probability: Floats) -> float:
        risk = self.scenario.risk
        mean = float(probability @ np.array(values))
        return (1.0 - risk.aversion) * mean + risk.aversion * cvar(values, probability, risk.confidence)


def commitments(engine: Engine, value: Floats) -> dict[str, float]:
    """What a solution commits to."""
    found = {}
    for variable in engine.ledger.stages.commitments:
        column = engine.program.column(variable)
        if column is not None and not variable.name.startswith(_DERIVED):
            found[variable.name] = engine.master.natural(column, value)
    return found


def _held(engine: Engine, values: Commitments, deadline: Deadline) -> tuple[float, float]:
    """Objective and bound (money) with the commitments held; the engine is of no other use afterwards."""
    program = engine.program
    for variable in engine.ledger.stages.commitments:
        column = program.column(variable)
        if column is not None and variable.name in values:
            at = values[variable.name] / program.column_unit[column]
            at = round(at) if program.integer[column] else at
            program.lower[column] = program.upper[column] = np.clip(at, program.lower[column], program.upper[column])
    every = np.arange(len(program.lower))
    engine.master.solver.bound_columns(every, program.lower, program.upper)
    engine.search.best = None
    engine.refiner.frozen[:] = False
    best, bound = engine.answer(deadline, gap=engine.scenario.solver.gap)
    return engine.natural(best.objective), engine.natural(max(bound, best.objective))


def _of(solved: Solved) -> Figure:
    return Figure(solved.objective, solved.objective, max(solved.bound, solved.objective))


def _less(first: Figure | None, second: Figure | None) -> Figure | None:
    if first is None or second is None:
        return None
    return Figure(first.value - second.value, max(0.0, first.low - second.high), first.high - second.low)
