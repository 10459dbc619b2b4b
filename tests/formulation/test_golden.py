"""Every family of constraints, row by row, beside its file in ``golden``, which is there to be read.

Each family is written on the tiny scenario with the one feature that brings it. Where a change of a
formulation is meant, ``ALLOCATOR_WRITE_GOLDEN=1 pytest tests/formulation/test_golden.py`` writes the files
again; the difference is then read like any other change. Segments stand by number: gold 0, silver 1.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyomo.repn import generate_standard_repn
from tiny_scenario import merged, tiny

import allocator.formulation
from allocator.domain.plan import Plan
from allocator.evaluation import evaluate
from allocator.formulation.build import build, build_commitments
from allocator.formulation.instance import Instance
from allocator.formulation.ledger import ROWS, Ledger
from allocator.formulation.rules import WRITERS

GOLDEN = Path(__file__).parent / "golden"
SENSES = {(False, True): "<=", (True, False): ">=", (True, True): "="}


def model(**changes: Any) -> dict[str, Any]:
    return {"model": changes}


def rule(kind: str, **keys: Any) -> dict[str, Any]:
    return {"rules": [{"rule": kind, **keys}]}


MOVES = model(
    discount_rate=0.25,
    transitions=[
        {"from": "gold", "to": "gold", "probability": 0.8},
        {"from": "silver", "to": "silver", "probability": 0.9},
        {"from": "silver", "to": "gold", "probability": 0.05},
    ],
)
WORTH = {"terminal": {"gold": 20, "silver": 5}}
"""With weights of 1, 0.8 and 0.64 over two periods and the end."""
STAFF = model(
    resources={
        "desk": {
            "hire": {"cost": 10, "max": 3, "ramp": [0.5, 0.8]},
            "release": {"cost": 20, "max": 1},
            "overtime": {"share": 0.1, "cost": 2},
            "partner": {"hours": 40, "cost": 3, "quality": 0.9},
        }
    }
)
PORTS = model(
    resources={"ports": {"kind": "fixed", "function": "production", "capacity": [80, 60], "cost": 2}},
    levers={"calls": {"uses": {"ports": 1}}},
)
BENT = {"curve": "points", "efforts": [0, 50, 100], "values": [0, 8, 10]}
ADS = {"function": "marketing", "spend": {"max": 100, "min": 20, "fixed": 5}, "response": BENT, "into": {"gold": 1}}
CHANNEL = model(channels={"ads": ADS})
STOCK = model(channels={"ads": {**ADS, "carryover": 0.5}})
PROGRAMMES = model(
    programmes={
        "cleaning": {"function": "service", "cost": 70, "running": 5, "lead": 1, "window": [1, 1]},
        "view": {"function": "service", "requires": ["cleaning"], "boosts": {"calls": 1.5}},
        "outsourcing": {
            "function": "service",
            "window": [2, 2],
            "excludes": ["view"],
            "saves": {"calls": 0.5},
            "adds": {"desk": 10},
        },
    }
)
SAVING = merged(
    {"budgets": [{"name": "calls", "amount": 600, "per": "period"}]},
    model(
        resources={"desk": {"hire": {"cost": 10, "max": 3}}},
        programmes={
            "outsourcing": {"function": "service", "window": [2, 2], "saves": {"calls": 0.5}},
            "training": {"function": "service", "saves": {"calls": 0.8}, "adds": {"desk": 10}},
        },
    ),
)
UNLOCKING = merged(CHANNEL, model(programmes={"launch": {"function": "marketing", "unlocks": ["ads"]}}))
SETUP = model(levers={"calls": {"setup": 30}})
FLOOR = rule("spend", min=40)
RIVAL = model(
    segments=[
        {"segment": "gold", "customers": 100, "margin": 10.0},
        {"segment": "silver", "customers": 200, "margin": 4.0, "owner": "rival"},
    ]
)
OWING = model(
    segments=[
        {"segment": "gold", "customers": 100, "margin": 10.0, "revenue": 30, "collection_days": 73},
        {"segment": "silver", "customers": 200, "margin": 4.0, "revenue": 10, "collection_days": 36.5},
    ]
)
RISK = {
    "risk": {
        "shocks": [
            {"scenario": "calm", "probability": 0.75, "segment": "gold", "factor": 1.1},
            {"scenario": "storm", "probability": 0.25, "segment": "gold", "factor": 0.5},
        ],
        "confidence": 0.5,
        "cvar_floor": 900,
    }
}
CHANCE = {"risk": {**RISK["risk"], "cvar_floor": None, "chance": {"target": 800, "probability": 0.9}}}
CURRENT = {"current_plan": {"treatments": [{"segment": "gold", "period": 1, "share": 0.5, "efforts": [["calls", 1]]}]}}
BUDGET = {"budgets": [{"name": "calls", "amount": 200, "at_least": 40, "levers": ["calls"], "per": "period"}]}
VALUED = model(levers={"calls": {"customer_value": 2}})
COVERAGE = rule("coverage", lever="calls", min_effort=2, min_share=0.1, max_share=0.6, where={"tier": "vip"})
EARNING = merged(MOVES, WORTH)

HELD: dict[str, dict[str, Any]] = {
    "start": {},
    "flow": MOVES,
    "usage": SETUP,
    "used": merged(SETUP, FLOOR),
    "heads": STAFF,
    "overtime share of": STAFF,
    "capacity": merged(STAFF, PORTS),
    "bought": merged(STAFF, FLOOR),
    "busy": merged(STAFF, FLOOR),
    "dear": merged(STAFF, FLOOR),
    "cheap": merged(STAFF, FLOOR),
    "moves": merged(STAFF, FLOOR),
    "taken": PORTS,
    "stock": STOCK,
    "most": CHANNEL,
    "in_use": merged(merged(CHANNEL, model(channels={"ads": {"spend": {"min": 0}}})), FLOOR),
    "spend min of": CHANNEL,
    "once": PROGRAMMES,
    "requires": PROGRAMMES,
    "excludes": PROGRAMMES,
    "unlocked": UNLOCKING,
    "needs": PROGRAMMES,
    "work": SAVING,
    "within": SAVING,
    "linked": SAVING,
    "supplied": SAVING,
    "no_less": merged(SAVING, FLOOR),
    "together": PROGRAMMES,
    "budget": BUDGET,
    "coverage": COVERAGE,
    "effort": rule("effort", lever="calls", min=0.1, max=1.5, periods=[2]),
    "customers": rule("customers", min=250, periods=[2, 3]),
    "equity": merged(EARNING, rule("equity", min=500, each="segment")),
    "spend": merged(merged(SETUP, CHANNEL), rule("spend", max=400, min_share=0.2, where={"tier": "vip"})),
    "concentration": merged(EARNING, rule("concentration", by="tier", max=0.7)),
    "equity_share": merged(merged(RIVAL, EARNING), rule("equity_share", min=0.4)),
    "active": {"rules": [{"rule": "active", "lever": "calls", "max": 1}]},
    "headcount": merged(STAFF, rule("headcount", resources=["desk"], min=1, max=4)),
    "change": merged(CURRENT, rule("change", lever="calls", max=0.2)),
    "receivables": merged(OWING, rule("receivables", max=1100)),
    "customer_value": merged(VALUED, rule("customer_value", min=50)),
    "outcome": merged(EARNING, RISK),
    "spent": merged(EARNING, RISK),
    "tail": merged(EARNING, RISK),
    "cvar": merged(EARNING, RISK),
    "missed": merged(EARNING, CHANCE),
    "chance": merged(EARNING, CHANCE),
    "target": merged(EARNING, {"objective": {"kind": "spend", "target": 2000}}),
    "return": merged(EARNING, {"objective": {"kind": "return", "target": 1.5}}),
}
"""Family -> what brings it."""

GIVING: dict[str, dict[str, Any]] = {
    "hire max of": STAFF,
    "release max of": STAFF,
    "partner hours of": STAFF,
    "gauge": BUDGET,
    "base": COVERAGE,
    "hurried": PROGRAMMES,
    "lead of": PROGRAMMES,
    "first start of": PROGRAMMES,
    "last start of": PROGRAMMES,
}
"""The same for families that are written only where limits give way, to explain infeasibility."""

RECOURSE = merged(merged(EARNING, STAFF), {"risk": {**RISK["risk"], "recourse": True}})
ADAPTING: dict[str, tuple[str, dict[str, Any]]] = {
    "adapting heads": ("heads", RECOURSE),
    "adapting capacity": ("capacity", RECOURSE),
    "adapting outcome": ("outcome", RECOURSE),
    "adapting equity": ("equity", merged(RECOURSE, rule("equity", min=500))),
}
"""File -> family and what brings it, where treatments adapt: what is committed stands once, and equity in the mean."""

NO_ROWS = {"headcount of"}
"""Limits that appear inside the rows of others only."""

Names = dict[int, str]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """id of each variable that a ledger declares -> its name and key."""
    found: Names = {}
    declare = Ledger.declare

    def recording(ledger: Ledger, name: str, keys: Any, **settings: Any) -> Any:
        variables = declare(ledger, name, keys, **settings)
        found.update({id(variable): label(name, key) for key, variable in variables.items()})
        return variables

    monkeypatch.setattr(Ledger, "declare", recording)
    return found


def label(name: str, key: object) -> str:
    """A name that the LP format takes."""
    parts = key if isinstance(key, tuple) else (key,)
    text = f"{name}({','.join('all' if part is None else str(part) for part in parts)})" if parts else name
    return "".join("_" if letter in " '" else letter for letter in text)


def ledger_of(changes: dict[str, Any], *, relaxable: bool) -> Ledger:
    """The closed ledger of the tiny scenario with changes; at most 300 customers anywhere."""
    scenario = tiny(**changes)
    current = evaluate(scenario, scenario.current_plan) if scenario.current_plan is not None else None
    instance = Instance(scenario, current)
    instance = instance.fan() if scenario.risk.recourse else instance
    reachable = np.full((len(instance.segments), instance.horizon + 1), 300.0)
    return build(instance, lambda: reachable, evaluate(scenario, Plan()), relaxable=relaxable)


def text_of(ledger: Ledger, family: str, names: Names) -> str:
    """The rows of one family in LP format."""
    lines = [f"\\ {family}", "Maximize", " obj:", "Subject To"]
    constraint = ledger.program.component(ROWS + family)
    for number, key in enumerate(ledger.keys(family)):
        row = constraint[number]
        body = generate_standard_repn(row.body)
        terms = [f"{c:+.12g} {names[id(v)]}" for c, v in zip(body.linear_coefs, body.linear_vars, strict=True)]
        sense = SENSES[row.has_lb(), row.has_ub()]
        right = row.ub if row.has_ub() else row.lb
        lines += [f" {label(family, key)}:", *(f"  {term}" for term in terms), f"  {sense} {right:.12g}"]
    return "\n".join([*lines, "End", ""])


def path_of(family: str) -> Path:
    return GOLDEN / f"{family.replace(' ', '_')}.lp"


@pytest.mark.parametrize("family", [*HELD, *GIVING])
def test_a_family_is_written_as_it_was_read(family: str, names: Names):
    ledger = ledger_of({**HELD, **GIVING}[family], relaxable=family in GIVING)
    compare(text_of(ledger, family, names), family)


@pytest.mark.parametrize("name", ADAPTING)
def test_a_family_is_written_for_every_shock_scenario(name: str, names: Names):
    family, changes = ADAPTING[name]
    compare(text_of(ledger_of(changes, relaxable=False), family, names), name)


def test_the_program_of_the_commitments(names: Names):
    instance = Instance(tiny(**merged(RECOURSE, CHANNEL))).standing()
    ledger, _ = build_commitments(instance, lambda: np.zeros((2, 3)))
    compare(text_of(ledger, "committed", names), "committed")


def compare(text: str, name: str) -> None:
    if os.environ.get("ALLOCATOR_WRITE_GOLDEN"):
        path_of(name).write_text(text, encoding="utf-8")
    assert text == path_of(name).read_text(encoding="utf-8")


def test_every_golden_file_is_compared():
    every = {**HELD, **GIVING, **ADAPTING, "committed": {}}
    assert {path.name for path in GOLDEN.iterdir()} == {path_of(family).name for family in every}


def test_every_family_written_here_has_its_file():
    """Each scenario above writes more families than the one it is there for; where limits give way, nearly all."""
    written: set[str] = set()
    for changes in {id(changes): changes for changes in (*HELD.values(), *GIVING.values())}.values():
        for relaxable in (False, True):
            written |= set(ledger_of(changes, relaxable=relaxable).families)
    assert written == {*HELD, *GIVING}


def test_every_family_named_in_the_formulation_has_its_file():
    """A feature that starts to write a family has to bring its golden file."""
    assert {*families_in_source()} - NO_ROWS <= {*HELD, *GIVING, "committed"}


def test_every_rule_that_writes_rows_has_its_file():
    """A rule's family is its own name; `uniform` acts on treatments and writes no row."""
    kinds = {kind.model_fields["rule"].annotation.__args__[0] for kind in WRITERS}
    assert kinds - {"uniform"} <= set(HELD)


def families_in_source() -> Iterator[str]:
    """First arguments of `row` and `Limit` wherever they are plain text."""
    for folder in allocator.formulation.__path__:
        for path in sorted(Path(folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    if called in ("row", "Limit") and isinstance(node.args[0].value, str):
                        yield node.args[0].value
