"""A plan under recourse: each shock scenario is followed on its own, with its margins and its transitions.

Heads, spends and programmes are the same in all shock scenarios; treatments are those that the plan has for
the scenario. Money, customers, hours and efforts are given as means over the scenarios. A limit holds in every
one of them and is shown where it is tightest; limits on customer equity hold in the mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from allocator.domain.evaluation import Evaluation, Violation
from allocator.domain.plan import Plan
from allocator.domain.risk import Risk
from allocator.domain.scenario import Objective, Scenario
from allocator.evaluation import risk, tables, targets
from allocator.evaluation.arrays import Floats
from allocator.evaluation.budgets import Budgets, BudgetUse
from allocator.evaluation.budgets import readings as budget_readings
from allocator.evaluation.evaluator import Evaluator
from allocator.evaluation.instance import Instance
from allocator.evaluation.means import MeanTables
from allocator.evaluation.readings import Reading

EXPECTED = ("equity", "concentration", "equity_share")
"""Rules on customer equity, which is a mean over the shock scenarios."""
MEANS = ("customer_equity", "margin", "cost", "terminal_value", "equity_current_customers", "equity_new_customers")


def evaluate(scenario: Scenario, plan: Plan, *, repair: bool) -> Evaluation:
    """Exact consequences of a plan in every shock scenario, and their means.

    Raises
    ------
    InvalidInput
        As :func:`allocator.evaluation.evaluate`.
    """
    whole = Instance.of_all_shocks(scenario)
    found = _Followed(whole)
    for evaluator, name, probability in _branches(scenario, whole):
        found.follow(evaluator, plan.within(name), (name, probability), repair)
    goal = scenario.objective
    no_effort = evaluate(_without_target(scenario), Plan(), repair=repair) if goal.kind == "return" else None
    return found.report(no_effort)


def _branches(scenario: Scenario, whole: Instance) -> Iterator[tuple[Evaluator, str, float]]:
    """An evaluator for each shock scenario, its name and its probability."""
    shocks = whole.shocks
    assert shocks is not None, "checked with the input"
    bare = scenario.model_copy(update={"risk": Risk(), "objective": Objective()})
    current = current_efforts(scenario, whole, bare)
    for number, name in enumerate(shocks.names):
        evaluator = Evaluator(whole.certain(bare, shocks.alone(number)))
        evaluator = evaluator if current is None else evaluator.beside(current)
        yield evaluator, name, float(shocks.probability[number])


def current_efforts(scenario: Scenario, whole: Instance, bare: Scenario) -> Floats | None:
    """[L,S,T] total efforts of the current plan, in the mean; None where no `change` rule asks for them."""
    plan, shocks = scenario.current_plan, whole.shocks
    if plan is None or shocks is None or not any(rule.rule == "change" for rule in scenario.rules):
        return None
    total = np.zeros(1)
    for number, name in enumerate(shocks.names):
        evaluator = Evaluator(whole.certain(bare, shocks.alone(number)))
        total = total + shocks.probability[number] * evaluator.run(plan.within(name)).effort.total
    return total


def _without_target(scenario: Scenario) -> Scenario:
    return scenario.model_copy(update={"objective": Objective(), "rules": ()})


_Place = tuple[str, str, str, int | None, str | None, int]


class Limits:
    """Limits over the shock scenarios: the tightest of each, and the mean of those on customer equity."""

    def __init__(self) -> None:
        self._readings: dict[_Place, Reading] = {}
        self._broken: dict[tuple[str, str, int | None], tuple[str, Violation]] = {}

    def add(self, shock: str, probability: float, readings: Iterable[Reading], broken: Iterable[Violation]) -> None:
        """Take in one shock scenario."""
        met: Counter[tuple[object, ...]] = Counter()
        for reading in readings:
            label = (reading.kind, reading.name, reading.sense, reading.period, reading.segment)
            place = (*label, met[label])
            met[label] += 1
            known = self._readings.get(place)
            if reading.kind in EXPECTED:
                part = replace(reading, amount=probability * reading.amount, base=probability * reading.base)
                total = part if known is None else _sum(known, part)
                self._readings[place] = total
            elif known is None or reading.excess > known.excess:
                self._readings[place] = reading
        for violation in broken:
            key = (violation.kind, violation.name, violation.period)
            if key not in self._broken or violation.excess > self._broken[key][1].excess:
                self._broken[key] = (shock, violation)

    def readings(self) -> list[Reading]:
        """Every limit once."""
        return list(self._readings.values())

    def violations(self) -> Iterator[Violation]:
        """What the plan itself breaks, where it breaks it worst."""
        for shock, violation in self._broken.values():
            yield replace(violation, name=f"{violation.name} in shock scenario {shock}")


def _sum(first: Reading, second: Reading) -> Reading:
    return replace(first, amount=first.amount + second.amount, base=first.base + second.base)


@dataclass
class _Followed:
    """What has been found in the shock scenarios so far."""

    whole: Instance
    money: dict[str, float] = field(default_factory=lambda: dict.fromkeys(MEANS, 0.0))
    means: MeanTables = field(default_factory=MeanTables)
    equity: list[float] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    uses: dict[tuple[int, int | None], BudgetUse] = field(default_factory=dict)
    scaled: list[str] = field(default_factory=list)
    cash: float = 0.0

    def follow(self, evaluator: Evaluator, plan: Plan, shock: tuple[str, float], repair: bool) -> None:
        """Follow a plan through one shock scenario, ``shock`` being its name and probability."""
        name, probability = shock
        trajectory = evaluator.run(plan, repair=repair)
        report = evaluator.report(trajectory)
        for key in MEANS:
            self.money[key] += probability * getattr(report, key)
        self.equity.append(report.customer_equity)
        self.means.add(report.tables, name, probability)
        self.limits.add(name, probability, evaluator.readings(trajectory), trajectory.violations)
        self.scaled += [f"shock scenario {name}: {sentence}" for sentence in report.scaled]
        self.cash = max(self.cash, float(trajectory.cash.total.sum()))
        for number, use in enumerate(Budgets(evaluator.instance).use(trajectory.cash)):
            self._use(number, use)

    def _use(self, number: int, use: BudgetUse) -> None:
        """Keep the use of a budget that is nearest to its limit: the largest, where it has only a floor the least."""
        known = self.uses.get((number, use.period))
        least = use.budget.amount is None
        if known is None or (use.used < known.used if least else use.used > known.used):
            self.uses[number, use.period] = use

    def report(self, no_effort: Evaluation | None) -> Evaluation:
        """All results and tables."""
        shocks, wanted = self.whole.shocks, self.whole.scenario
        assert shocks is not None, "checked with the input"
        equity = np.array(self.equity)
        worst = risk.cvar(equity, shocks.probability, wanted.risk.confidence)
        mean = self.money["customer_equity"]
        objective = mean + wanted.risk.aversion * (worst - mean)
        if wanted.objective.kind == "spend":
            objective = self.money["cost"]
        limits = [*self.limits.readings(), *risk.readings(wanted.risk, equity, shocks.probability, worst)]
        target = _target(wanted, self.money, no_effort)
        limits += [] if target is None else [target]
        budgets = list(budget_readings(self.uses.values(), self.cash))
        broken = (reading.violation() for reading in (*budgets, *limits))
        means = self.means
        return Evaluation(
            **self.money,
            cvar=worst,
            objective=objective,
            tables=means.tables(
                budgets=tables.budgets_table(self.uses.values()),
                rules=tables.rules_table(limits),
                risk=tables.risk_table(self.whole, equity),
            ),
            violations=(*self.limits.violations(), *(breach for breach in broken if breach is not None)),
            scaled=tuple(self.scaled),
            adapted=means.adapted(),
        )


def _target(wanted: Scenario, money: dict[str, float], no_effort: Evaluation | None) -> Reading | None:
    """The target of the objective, which is about the means."""
    gained, paid = money["customer_equity"], money["cost"]
    if no_effort is not None:
        gained, paid = gained - no_effort.customer_equity, paid - no_effort.cost
    return targets.reading(wanted.objective, gained, paid, scale=abs(money["margin"]))
