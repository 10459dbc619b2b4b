"""A scenario small enough to see what clashes in it, and the planner's side of a proposed change.

    gold    100 customers who all stay, margin 10
    calls   0, 1, 2 or 4 a customer, half an hour of the desk and 3 money each; each adds 1 to the margin
    desk    2 heads of 100 hours at a wage of 50

Two periods, no discount, nothing at the end.
"""

from __future__ import annotations

import copy
import math
from typing import Any

from allocator.domain.errors import Clash
from allocator.domain.scenario import Scenario

SMALL: dict[str, Any] = {
    "scenario": "small",
    "horizon": 2,
    "terminal": "none",
    "solver": {"threads": 1},
    "model": {
        "model": "small",
        "period": "year",
        "discount_rate": 0.0,
        "segments": [{"segment": "gold", "customers": 100, "margin": 10.0, "unit": "north"}],
        "transitions": [{"from": "gold", "to": "gold", "probability": 1.0}],
        "resources": {"desk": {"kind": "labour", "function": "service", "headcount": 2, "hours": 100.0, "wage": 50.0}},
        "levers": {
            "calls": {"function": "service", "effort": {"levels": [1, 2, 4]}, "uses": {"desk": 0.5}, "cost": 3.0}
        },
        "responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 1.0}}],
    },
}


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """``base`` with ``changes`` laid over it, mapping by mapping; lists are replaced whole."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else copy.deepcopy(value)
    return result


def small(**changes: Any) -> dict[str, Any]:
    """The small scenario as a planner would write it, with changes."""
    return merged(SMALL, changes)


def scenario(question: dict[str, Any]) -> Scenario:
    """The scenario that a planner's mappings describe."""
    return Scenario.model_validate(question)


def applied(question: dict[str, Any], clash: Clash, part: float = 1.0) -> dict[str, Any] | None:
    """The question with ``part`` of a proposed change made; None where the file cannot say that.

    A requirement is dropped or not, and whole numbers are changed by one less instead of by a part.
    """
    result = copy.deepcopy(question)
    root, *path, last = clash.path
    node = result["model"] if root == "model" else result
    for step in path:
        node = node[step]
    if clash.unit == "requirement":
        if part < 1.0:
            return None
        del node[last]
        return result
    value = clash.limit + part * clash.change
    if isinstance(node[last], int) and not isinstance(node[last], bool) and clash.unit not in ("money", "share"):
        change = clash.change if part == 1.0 else clash.change - math.copysign(1.0, clash.change)
        value = round(clash.limit + change)
    node[last] = value
    return result
