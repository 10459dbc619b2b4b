"""Checks of the input across its parts: does every name exist, does every probability add up.

The types check each value on its own; here is what needs two of them. Every check is a pure function
that records mistakes with their paths and never stops at the first.
"""

from __future__ import annotations

from collections.abc import Callable

from allocator.domain.checks.capacity import check_channels, check_levers, check_resource_units, check_resources
from allocator.domain.checks.horizon import check_capacities, check_terminal
from allocator.domain.checks.known import Known
from allocator.domain.checks.limits import check_budgets, check_rules
from allocator.domain.checks.movement import check_segments, check_transitions, check_treated
from allocator.domain.checks.names import check_sections
from allocator.domain.checks.plan import check_plan_entries
from allocator.domain.checks.programmes import check_programmes
from allocator.domain.checks.responses import check_migrations, check_responses
from allocator.domain.checks.risk import check_generate, check_probabilities, check_shocks
from allocator.domain.errors import InvalidInput, Mistake, MistakeList
from allocator.domain.model import Model
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario

MODEL_PARTS = frozenset(Model.model_fields)
"""Parts of a model that a check may need: its keys."""
PARTS = MODEL_PARTS | frozenset(Scenario.model_fields) | {"shocks"}
"""Parts of a model and a scenario."""
PLAN_PARTS = frozenset({"current_plan", "segments", "levers", "channels", "resources", "programmes"})
"""Parts that must be right for what is checked of a plan."""

_MODEL_CHECKS: tuple[tuple[Callable[[Known, MistakeList], None], str], ...] = (
    (check_sections, ""),
    (check_segments, "segments"),
    (check_transitions, "segments"),
    (check_treated, "segments levers"),
    (check_responses, "segments levers"),
    (check_migrations, "segments transitions treated levers responses"),
    (check_resources, "resources"),
    (check_resource_units, "segments resources"),
    (check_levers, "segments resources levers"),
    (check_channels, "segments resources channels"),
    (check_programmes, "resources levers channels programmes"),
)
_SCENARIO_CHECKS: tuple[tuple[Callable[[Scenario, Known, MistakeList], None], str], ...] = (
    (check_capacities, "horizon resources"),
    (check_terminal, "horizon terminal segments transitions period discount_rate"),
    (check_budgets, "budgets segments resources levers channels programmes"),
    (check_rules, "rules segments resources levers channels"),
    (check_shocks, "risk segments"),
    (check_probabilities, "risk shocks"),
    (check_generate, "risk segments"),
)
"""Each check and the parts that must be right for what it says to be so; a horizon that is wrong stands for an endless
one, within which are all periods."""


def check_model(model: Model, sound: frozenset[str] = PARTS) -> list[Mistake]:
    """Mistakes across the parts of a model.

    ``sound`` limits the checks to those that read only parts named in it, for input of which some
    parts could not be read.
    """
    found, known = MistakeList(), Known(model)
    for check, parts in _MODEL_CHECKS:
        if sound.issuperset(parts.split()):
            check(known, found)
    return found.found


def check_scenario(scenario: Scenario, sound: frozenset[str] = PARTS) -> list[Mistake]:
    """Mistakes across the parts of a scenario, its model and its current plan; ``sound`` as in check_model."""
    found, known = MistakeList(), Known(scenario.model)
    for check, parts in _SCENARIO_CHECKS:
        if sound.issuperset(parts.split()):
            check(scenario, known, found)
    if scenario.current_plan is not None and sound >= PLAN_PARTS:
        check_plan_entries(scenario.current_plan, scenario, known, found)
    return check_model(scenario.model, sound) + found.found


def check_plan(plan: Plan, scenario: Scenario) -> list[Mistake]:
    """Mistakes in a plan for ``scenario``; paths as in :func:`~allocator.domain.checks.plan.check_plan_entries`."""
    found = MistakeList()
    check_plan_entries(plan, scenario, Known(scenario.model), found)
    return found.found


def validate(scenario: Scenario) -> None:
    """Raise :class:`InvalidInput` with every mistake in a scenario, for instance one built in code."""
    mistakes = check_scenario(scenario)
    if mistakes:
        raise InvalidInput(mistakes)
