"""Cases about dividing effort over response curves: Syntex, TV spots, sales engineers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from allocator.api import Plan, Scenario, evaluate, solve
from allocator.domain.plan import ChannelSpend
from benchmarks.planner_files import PlannerFiles
from benchmarks.published.check import FOLDER, Check, Findings, answer, facts

SYNTEX = FOLDER / "syntex"


def syntex() -> Findings:
    """Product lines are channels fed with representatives; what they answer with is contribution."""
    case = facts("syntex")
    title = "Syntex, sales force"
    for file, published in (
        ("at-700.yaml", "sum of reps <= 700"),
        ("without-limit.yaml", "each product alone, no cap"),
    ):
        expected = answer(case, published)
        result = solve(Scenario.read(SYNTEX / file))
        spend = result.evaluation.tables.channels.set_index("channel")["spend"]
        yield Check(title, f"profit, {published}", expected["total_profit"], result.customer_equity, 0.001)
        for product, representatives in zip(case["data"]["products"], expected["reps"], strict=True):
            # The optimum is flat: a representative more or less changes profit by less than 1e-4.
            yield Check(title, f"{product}, {published}", representatives, float(spend[product.lower()]), 2.0)
    today = Plan(
        spend=tuple(
            ChannelSpend(channel=product.lower(), period=1, spend=representatives)
            for product, representatives in zip(case["data"]["products"], case["data"]["current_reps"], strict=True)
        )
    )
    value = evaluate(Scenario.read(SYNTEX / "at-700.yaml"), today).customer_equity
    yield Check(title, "profit, current staffing", answer(case, "current staffing 527.0")["total_profit"], value, 0.001)


def supersuds() -> Findings:
    """Products are segments of one; spots are levels of a lever; all of a segment gets the same number."""
    case = facts("supersuds")
    data = case["data"]
    table = {f"product {n}": row for n, row in enumerate(data["profit_by_spots"], start=1)}
    yield from _whole_units("Hillier and Lieberman, TV spots", table, data["spots"], case["answers"][0])


def sales_engineers() -> Findings:
    """Areas are segments of one; engineers are levels of a lever."""
    case = facts("sales_engineers")
    data = case["data"]
    table = {f"area {n}": row for n, row in enumerate(data["sales_by_number"], start=1)}
    yield from _whole_units("Sales engineers", table, data["engineers"], case["answers"][0])


def _whole_units(title: str, table: Mapping[str, list[float]], units: int, expected: Mapping) -> Findings:
    result = solve(whole_units_scenario(table, units))
    yield Check(title, "total", expected["value"], result.customer_equity, 1e-6)
    given = result.evaluation.tables.allocation.groupby("segment")["effort_total"].sum()
    for name, number in zip(table, expected["allocation"], strict=True):
        yield Check(title, name, number, float(given.get(name, 0.0)), 1e-6)


def whole_units_scenario(table: Mapping[str, list[float]], units: int) -> Scenario:
    """``table``: for each segment what 0, 1, 2 ... units are worth there."""
    responses = [
        {
            "lever": "units",
            "segment": name,
            "effect": "margin_add",
            "curve": "points",
            "efforts": ";".join(map(str, range(len(row)))),
            "values": ";".join(map(str, row)),
        }
        for name, row in table.items()
    ]
    most = max(len(row) for row in table.values()) - 1
    return PlannerFiles(
        segments=pd.DataFrame({"segment": list(table), "customers": 1.0, "margin": 0.0}),
        transitions=pd.DataFrame({"from": list(table), "to": list(table), "probability": 1.0}),
        responses=pd.DataFrame(responses),
        model={
            "model": "units",
            "period": "year",
            "discount_rate": 0.0,
            "resources": {"stock": {"kind": "fixed", "function": "sales", "capacity": units}},
            "levers": {
                "units": {"function": "sales", "effort": {"levels": list(range(1, most + 1))}, "uses": {"stock": 1}}
            },
        },
        scenario={
            "scenario": "units",
            "horizon": 1,
            "terminal": "none",
            "rules": [{"rule": "uniform"}],
            "solver": {"gap": 1e-9},
        },
    ).read()
