"""Every policy on the cases with known answers: feasible where it can be, and never above the proven bound."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from allocator.domain.errors import AllocatorError, InvalidInput
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation import Evaluator
from allocator.files import read_scenario
from allocator.policies import NotApplicable, Policy, all_policies, choose, registry

CASES = Path(__file__).parents[1] / "cases"
QUICK = [policy for policy in all_policies() if not policy.name.startswith("local_search")]
UNSTEERED = {"customers"}
"""Rules that rules of thumb do not steer by; the cases have no others."""


@pytest.mark.parametrize("case", ["flows", "heads", "programmes", "channels", "setup", "risk", "rules", "market"])
def test_policies_keep_what_can_be_kept_and_stay_below_the_bound(case: str) -> None:
    scenario = read_scenario(CASES / case / "scenario.yaml")
    bound = json.loads((CASES / case / "expected.json").read_text())["bound"]
    evaluator = Evaluator(scenario)
    for policy in QUICK:
        try:
            plan = policy.plan(scenario)
        except NotApplicable:
            continue
        evaluation = evaluator.report(evaluator.run(plan))
        assert evaluation.scaled == (), policy.name
        assert evaluation.objective <= bound * (1 + 1e-9), policy.name
        if policy.name != "no_effort":
            assert {violation.kind for violation in evaluation.violations} <= UNSTEERED, policy.name


def test_money_floors_of_single_channels_are_kept() -> None:
    scenario = read_scenario(CASES / "cells" / "F1_n20" / "scenario.yaml")
    evaluator = Evaluator(scenario)
    for policy in choose(["uniform", "by_clv", "greedy"]):
        assert evaluator.report(evaluator.run(policy.plan(scenario))).feasible, policy.name


def test_names_are_unique_and_the_optimum_needs_a_solver() -> None:
    names = [policy.name for policy in all_policies()]
    assert len(set(names)) == len(names)
    assert "optimum" not in names
    assert all_policies(lambda scenario: pytest.fail("not solved here"))[-1].name == "optimum"


def test_policies_are_chosen_by_name_in_the_order_asked_for() -> None:
    assert [policy.name for policy in choose(["greedy", "uniform", "greedy"])] == ["greedy", "uniform"]
    with pytest.raises(InvalidInput, match="did you mean `greedy`"):
        choose(["gredy"])


class Lavish:
    """A policy of another package."""

    name = "lavish"
    title = "Lavish"

    def plan(self, scenario: Scenario) -> Plan:
        return Plan()


class Impostor(Lavish):
    name = "greedy"


def offer(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    entry = EntryPoint("extra", what, registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    monkeypatch.setattr(EntryPoint, "load", lambda self: globals()[self.value])


def test_other_packages_add_policies(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "Lavish")
    (policy,) = choose(["lavish"])
    assert isinstance(policy, Policy)


@pytest.mark.parametrize(
    ("what", "message"), [("Impostor", "taken"), ("missing", "cannot be loaded"), ("dict", "no policy")]
)
def test_policies_that_cannot_be_added(monkeypatch: pytest.MonkeyPatch, what: str, message: str) -> None:
    monkeypatch.setitem(globals(), "dict", dict)
    offer(monkeypatch, what)
    with pytest.raises(AllocatorError, match=message):
        all_policies()
