"""What is given to a verb, checked before any work is begun."""

from __future__ import annotations

from allocator.domain.checks import validate
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario

_NO_EFFORT = Plan()


def require(name: str, value: object, kind: type) -> None:
    """Raise TypeError unless a value is of a kind."""
    if not isinstance(value, kind):
        raise TypeError(f"`{name}` is a {type(value).__name__}; a {kind.__name__} is needed")


def require_within(name: str, value: float, least: float, most: float = float("inf")) -> None:
    """Raise ValueError unless a number lies between two others."""
    if not least <= value <= most:
        limits = f"at least {least:g}" if most == float("inf") else f"between {least:g} and {most:g}"
        raise ValueError(f"`{name}` is {value:g}; it must be {limits}")


def check(scenario: Scenario, plan: Plan = _NO_EFFORT) -> None:
    """Refuse what no verb can work with.

    Raises
    ------
    InvalidInput
        If the scenario, built in code, does not fit together.
    TypeError
        If it is no scenario, or the plan no plan.
    """
    if not isinstance(scenario, Scenario):
        raise TypeError(f"a Scenario is needed, not {type(scenario).__name__}: Scenario.read(path) reads one")
    if not isinstance(plan, Plan):
        raise TypeError(f"a Plan is needed, not {type(plan).__name__}: scenario.plan(table) makes one of a table")
    validate(scenario)
