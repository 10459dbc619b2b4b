"""A limit of a scenario by the name that a planner gives it on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from allocator.domain.errors import InvalidInput, Mistake, MistakeList, Path
from allocator.domain.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Subject:
    """A limit that is moved. ``scenario`` has it at some value, and no risk aversion."""

    against: str
    scenario: Scenario
    path: Path
    name: str
    """The limit in words, such as "budget `all money`"."""
    unit: str
    """`money`, or what the number counts; empty where the planner knows."""

    @property
    def stated(self) -> float:
        """The value that the scenario has it at."""
        _, section, *rest = self.path
        if section == "risk":
            return float(self.scenario.risk.cvar_floor or 0.0)
        return float(getattr(getattr(self.scenario, str(section))[int(rest[0])], str(rest[1])))

    @property
    def direction(self) -> Literal[-1, 1]:
        """Whether the limit gives way as it rises, or as it falls."""
        return 1 if str(self.path[-1]) in ("amount", "max", "max_share") else -1

    @property
    def share(self) -> bool:
        """Whether the limit is a part of something that plans decide on, too: customers, spending, equity."""
        _, section, *rest = self.path
        if section != "rules":
            return False
        kind = self.scenario.rules[int(rest[0])].rule
        return kind in ("effort", "concentration", "equity_share") or str(rest[1]).endswith("_share")

    def at(self, limit: float | None) -> Scenario:
        """The scenario with the limit at a value, or without it."""
        _, section, *rest = self.path
        scenario = self.scenario
        if section == "risk":
            return scenario.model_copy(update={"risk": scenario.risk.model_copy(update={"cvar_floor": limit})})
        number, key = int(rest[0]), str(rest[1])
        entries = list(getattr(scenario, str(section)))
        if limit is None:
            del entries[number]
        else:
            entries[number] = entries[number].model_copy(update={key: limit})
        return scenario.model_copy(update={str(section): tuple(entries)})


def subject_of(scenario: Scenario, against: str) -> Subject:
    """The limit called ``cvar``, ``budget:NAME`` or ``rule:NAME``.

    Raises
    ------
    InvalidInput
        If there is none, spend is to be least, or CVaR is asked for without shocks.
    """
    if scenario.objective.kind == "spend":
        path = ("scenario", "objective", "kind")
        raise InvalidInput([Mistake(path, "least spend has no frontier of equity", "`equity` or `return`")])
    neutral = scenario.model_copy(update={"risk": scenario.risk.model_copy(update={"aversion": 0.0})})
    kind, _, name = against.partition(":")
    if kind == "cvar" and not name:
        return _cvar(neutral)
    if kind == "budget":
        return _budget(neutral, against, name)
    if kind == "rule":
        return _rule(neutral, against, name)
    raise InvalidInput([Mistake((), f"unknown limit `{against}`", "`cvar`, `budget:NAME` or `rule:NAME`")])


def _cvar(scenario: Scenario) -> Subject:
    if not scenario.risk.present:
        raise InvalidInput([Mistake(("scenario", "risk"), "CVaR needs shocks", "`shocks` or `generate` under `risk`")])
    floor = scenario.risk.cvar_floor if scenario.risk.cvar_floor is not None else 0.0
    floored = scenario.model_copy(update={"risk": scenario.risk.model_copy(update={"cvar_floor": floor})})
    return Subject("cvar", floored, ("scenario", "risk", "cvar_floor"), "CVaR", "money")


def _budget(scenario: Scenario, against: str, name: str) -> Subject:
    for number, budget in enumerate(scenario.budgets):
        if budget.name == name:
            key = "amount" if budget.amount is not None else "at_least"
            return Subject(against, scenario, ("scenario", "budgets", number, key), f"budget `{name}`", "money")
    found = MistakeList()
    found.unknown((), "budget", name, [budget.name for budget in scenario.budgets])
    raise InvalidInput(found.found)


def _rule(scenario: Scenario, against: str, name: str) -> Subject:
    for number, rule in enumerate(scenario.rules):
        if name in (rule.name, rule.rule):
            keys = [key for key in rule.bounds if getattr(rule, key) is not None]
            if keys:
                words = f"rule `{name}`, {keys[0]}"
                return Subject(against, scenario, ("scenario", "rules", number, keys[0]), words, "")
    found = MistakeList()
    found.unknown((), "rule with a limit", name, [rule.name or rule.rule for rule in scenario.rules])
    raise InvalidInput(found.found)
