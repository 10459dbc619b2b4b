"""A business small enough to derive its best plan on paper, to which each test adds one feature.

    gold    100 customers who all stay, margin 10
    silver  200 customers who all stay, margin 4
    calls   0, 1 or 2 per gold customer; half an hour of the desk and 3 money each; each adds 5 to the margin
    desk    1 head of 100 hours at a wage of 50

Two periods, no discount, nothing at the end.
"""

from __future__ import annotations

import copy
from typing import Any

from allocator.domain.scenario import Scenario

TINY: dict[str, Any] = {
    "scenario": "tiny",
    "horizon": 2,
    "terminal": "none",
    "solver": {"gap": 1e-9, "threads": 1},
    "model": {
        "model": "tiny",
        "period": "year",
        "discount_rate": 0.0,
        "segments": [
            {"segment": "gold", "customers": 100, "margin": 10.0, "tier": "vip", "unit": "north"},
            {"segment": "silver", "customers": 200, "margin": 4.0, "tier": "mass", "unit": "south"},
        ],
        "transitions": [
            {"from": "gold", "to": "gold", "probability": 1.0},
            {"from": "silver", "to": "silver", "probability": 1.0},
        ],
        "resources": {"desk": {"kind": "labour", "function": "service", "headcount": 1, "hours": 100.0, "wage": 50.0}},
        "levers": {
            "calls": {
                "function": "service",
                "where": {"segment": "gold"},
                "effort": {"levels": [1, 2]},
                "uses": {"desk": 0.5},
                "cost": 3.0,
            }
        },
        "responses": [{"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 5.0}}],
    },
}


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """``base`` with ``changes`` laid over it, mapping by mapping; lists are replaced whole."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else copy.deepcopy(value)
    return result


def tiny(**changes: Any) -> Scenario:
    """The tiny scenario with changes, as a planner's mappings say them."""
    return Scenario.model_validate(merged(TINY, changes))
