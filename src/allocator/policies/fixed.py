"""Plans that are there already: the current one, and doing nothing."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.policies.base import NotApplicable


@dataclass(frozen=True, slots=True)
class CurrentPlan:
    """What is done today, as the scenario's `current_plan` states it."""

    name: str = "current"
    title: str = "Current plan"

    def plan(self, scenario: Scenario) -> Plan:
        """The current plan; NotApplicable where the scenario states none."""
        if scenario.current_plan is None:
            raise NotApplicable("the scenario states no current_plan")
        return scenario.current_plan


@dataclass(frozen=True, slots=True)
class NoEffort:
    """No lever, no channel, no programme; heads stay as they are."""

    name: str = "no_effort"
    title: str = "No effort"

    def plan(self, scenario: Scenario) -> Plan:
        """The empty plan."""
        return Plan()
