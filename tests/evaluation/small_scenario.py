"""A scenario small enough to work out by hand, and plans for it.

Two of our segments and prospects; money is not discounted unless a test asks for it:

    gold      100 customers, margin 10, stays with probability 0.8, falls to bronze with 0.1
    bronze    200 customers, margin  2, stays with 0.5
    prospect 1000 customers of the market, 0.9 stay, 0.01 become bronze
    calls     up to 4 a customer, 0.5 hours of the desk and 3 money each; each adds 1 to the margin (linear)
"""

from __future__ import annotations

from typing import Any

from allocator.domain.model import Model
from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario

SEGMENTS: list[dict[str, Any]] = [
    {"segment": "gold", "customers": 100, "margin": 10.0, "tier": "gold", "unit": "north"},
    {"segment": "bronze", "customers": 200, "margin": 2.0, "tier": "bronze", "unit": "south"},
    {"segment": "prospect", "customers": 1000, "margin": 0.0, "owner": "market"},
]
TRANSITIONS = [
    {"from": "gold", "to": "gold", "probability": 0.8},
    {"from": "gold", "to": "bronze", "probability": 0.1},
    {"from": "bronze", "to": "bronze", "probability": 0.5},
    {"from": "prospect", "to": "prospect", "probability": 0.9},
    {"from": "prospect", "to": "bronze", "probability": 0.01},
]
DESK = {"kind": "labour", "function": "service", "headcount": 2, "hours": 100.0, "wage": 50.0}
CALLS = {"function": "service", "where": {"owner": "us"}, "effort": {"max": 4.0}, "uses": {"desk": 0.5}, "cost": 3.0}
RESPONSE = {"lever": "calls", "effect": "margin_add", "curve": {"curve": "linear", "slope": 1.0}}


def scenario(*, model: dict[str, Any] | None = None, **keys: Any) -> Scenario:
    """The small scenario; ``model`` replaces keys of its model, ``keys`` those of the scenario."""
    business = {
        "model": "small",
        "period": "year",
        "discount_rate": 0.0,
        "segments": SEGMENTS,
        "transitions": TRANSITIONS,
        "resources": {"desk": DESK},
        "levers": {"calls": CALLS},
        "responses": [RESPONSE],
        **(model or {}),
    }
    question = {"scenario": "small", "horizon": 2, "terminal": "none", **keys}
    return Scenario.model_validate({**question, "model": Model.model_validate(business)})


def calls(segment: str, period: int, effort: float, share: float = 1.0, **keys: Any) -> dict[str, Any]:
    """One treatment with calls."""
    efforts = (("calls", effort),)
    return {"segment": segment, "period": period, "share": share, "efforts": efforts, **keys}


def plan(*treatments: dict[str, Any], **keys: Any) -> Plan:
    """A plan of treatments, and ``spend``, ``heads`` or ``programmes`` rows."""
    return Plan.model_validate({"treatments": treatments, **keys})
