"""Cases about choosing one of several: multiple-choice knapsack, generalised assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from allocator.api import Scenario, solve
from benchmarks.planner_files import PlannerFiles
from benchmarks.published.check import Check, Findings, facts

Option = tuple[float, Mapping[str, float]]
"""What choosing it is worth, and what it uses of each resource."""

PROOF = 5e-4
"""Values are whole numbers below 2,000, so that a plan within this gap is the best."""


def mmkp() -> Findings:
    """Each segment picks one package within the capacities: I01 and I02."""
    yield from _mmkp("I01", "I02")


def mmkp_large() -> Findings:
    """I03, on which a solver works for many seconds."""
    yield from _mmkp("I03")


def _mmkp(*names: str) -> Findings:
    for instance in facts("mmkp")["instances"]:
        if instance["name"] not in names:
            continue
        groups = [
            [(item[0], {f"resource {r}": use for r, use in enumerate(item[1:], start=1)}) for item in items]
            for items in instance["items_value_then_weights"]
        ]
        capacity = {f"resource {r}": units for r, units in enumerate(instance["capacity"], start=1)}
        value = solve(choice_scenario(groups, capacity)).customer_equity
        yield Check("Khan, multiple-choice knapsack", instance["name"], instance["published_optimum"], value, 1e-6)


def gap() -> Findings:
    """Each account gets one owner; owners have limited hours, and hours differ by owner and account."""
    for instance in facts("gap")["instances"]:
        owners = range(instance["agents"])
        accounts = [
            [(instance["profit"][a][job], {f"owner {a + 1}": instance["resource"][a][job]}) for a in owners]
            for job in range(instance["jobs"])
        ]
        capacity = {f"owner {a + 1}": instance["capacity"][a] for a in owners}
        value = solve(choice_scenario(accounts, capacity)).customer_equity
        yield Check("OR-Library, generalised assignment", instance["name"], instance["published_optimum"], value, 1e-6)


def choice_scenario(groups: Sequence[Sequence[Option]], capacity: Mapping[str, float]) -> Scenario:
    """Segments of one customer; each option of a segment is a lever of one level that reaches only it.

    ``contacts_max`` allows one option at most, a promise of customer value asks for one at least, and
    ``uniform`` keeps the choice whole.
    """
    levers, responses = {}, []
    segments = [f"group {g}" for g in range(1, len(groups) + 1)]
    for segment, options in zip(segments, groups, strict=True):
        for number, (value, uses) in enumerate(options, start=1):
            name = f"{segment}, option {number}"
            levers[name] = {
                "function": "sales",
                "where": {"segment": segment},
                "effort": {"levels": [1]},
                "uses": {resource: units for resource, units in uses.items() if units},
                "contacts": 1,
                "customer_value": 1,
            }
            responses.append({"lever": name, "effect": "margin_add", "curve": "linear", "slope": value})
    return PlannerFiles(
        segments=pd.DataFrame({"segment": segments, "customers": 1.0, "margin": 0.0, "contacts_max": 1.0}),
        transitions=pd.DataFrame({"from": segments, "to": segments, "probability": 1.0}),
        responses=pd.DataFrame(responses),
        model={
            "model": "choice",
            "period": "year",
            "discount_rate": 0.0,
            "resources": {
                name: {"kind": "fixed", "function": "sales", "capacity": units} for name, units in capacity.items()
            },
            "levers": levers,
        },
        scenario={
            "scenario": "choice",
            "horizon": 1,
            "terminal": "none",
            "rules": [{"rule": "uniform"}, {"rule": "customer_value", "min": 1, "each": "segment"}],
            "solver": {"gap": PROOF},
        },
    ).read()
