"""Cases about dividing effort over response curves: Syntex, the farmer, TV spots, sales engineers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from allocator.api import Plan, Scenario, evaluate, solve
from allocator.domain.plan import ChannelSpend
from benchmarks.planner_files import PlannerFiles
from benchmarks.published.check import FOLDER, Check, Findings, NotExpressed, answer, facts

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


def farmer() -> Findings:
    """Crops are channels fed with land. Buying and selling adapt crop by crop, so they fold into a curve."""
    case = facts("farmer")
    data, title = case["data"], "Birge and Louveaux, farmer"
    published = {entry["quantity"]: entry for entry in case["answers"]}
    yields = [{crop: year[crop] for crop in data["plant_cost"]} for year in data["scenarios"]]
    chances = [year["p"] for year in data["scenarios"]]
    stochastic = farmer_scenario(data, yields, chances)
    result = solve(stochastic)
    best = published["expected profit of stochastic program"]
    yield Check(title, best["quantity"], best["value"], result.customer_equity, 0.5)
    acres = result.evaluation.tables.channels.set_index("channel")["spend"]
    for crop, expected in best["first_stage"].items():
        yield Check(title, f"acres of {crop}", expected, float(acres[crop]), 0.01)
    alone = [solve(farmer_scenario(data, [year], [1.0])).customer_equity for year in yields]
    for number, (expected, value) in enumerate(
        zip(published["profit per scenario, wait-and-see"]["value"], alone, strict=True), start=1
    ):
        yield Check(title, f"profit if year {number} is known", expected, value, 0.5)
    foreseen = sum(chance * value for chance, value in zip(chances, alone, strict=True))
    yield Check(title, "wait-and-see", published["wait-and-see"]["value"], foreseen, 0.5)
    yield Check(title, "EVPI", published["EVPI"]["value"], foreseen - result.customer_equity, 0.5)
    mean = {crop: sum(p * year[crop] for p, year in zip(chances, yields, strict=True)) for crop in data["plant_cost"]}
    average = solve(farmer_scenario(data, [mean], [1.0]))
    yield Check(title, "mean-value problem", published["mean-value problem"]["value"], average.customer_equity, 0.5)
    kept = evaluate(stochastic, average.plan).customer_equity
    name = "expected result of mean-value solution"
    yield Check(title, name, published[name]["value"], kept, 0.5)
    yield Check(title, "VSS", published["VSS"]["value"], result.customer_equity - kept, 0.5)
    yield NotExpressed(
        title,
        "decisions after the harvest as decisions",
        "what is bought and sold is decided crop by crop once the yield is known, so it is inside each crop's curve; "
        "no treatment adapts to the shock",
    )


def farmer_scenario(data: Mapping, yields: list[Mapping[str, float]], chances: list[float]) -> Scenario:
    """Gain from each crop against buying all that is needed, averaged over the yields with their chances."""
    land = data["land"]
    channels = {}
    for crop in data["plant_cost"]:
        kinks = {0.0, float(land)} | {_enough(data, crop) / year[crop] for year in yields}
        efforts = sorted(kink for kink in kinks if kink <= land)
        values = [
            sum(p * _gain(data, crop, year[crop], acres) for p, year in zip(chances, yields, strict=True))
            for acres in efforts
        ]
        channels[crop] = {
            "function": "production",
            "input": "land",
            "spend": {"max": land},
            "response": {"curve": "points", "efforts": efforts, "values": values},
            "into": {"earned": 1.0},
        }
    need = sum(amount * data["buy_price"][crop] for crop, amount in data["requirement"].items())
    return PlannerFiles(
        segments=pd.DataFrame({"segment": ["earned", "needs"], "customers": [0.0, 1.0], "margin": [0.0, -need]}),
        transitions=pd.DataFrame({"from": ["earned"], "to": ["earned"], "probability": [1.0]}),
        model={
            "model": "farm",
            "period": "year",
            "discount_rate": 0.0,
            "resources": {"land": {"kind": "fixed", "function": "production", "capacity": land}},
            "channels": channels,
        },
        scenario={"scenario": "farm", "horizon": 1, "terminal": {"earned": 1.0}, "solver": {"gap": 1e-9}},
    ).read()


def _enough(data: Mapping, crop: str) -> float:
    """Tonnes after which a tonne more is worth less: the requirement is met, or the quota is full."""
    return data["requirement"].get(crop, data["beet_quota"])


def _gain(data: Mapping, crop: str, per_acre: float, acres: float) -> float:
    tonnes, enough, prices = per_acre * acres, _enough(data, crop), data["sell_price"]
    first, then = (
        (data["buy_price"][crop], prices[crop])
        if crop in data["requirement"]
        else (prices[f"{crop}_in_quota"], prices[f"{crop}_over_quota"])
    )
    return first * min(tonnes, enough) + then * max(0.0, tonnes - enough) - data["plant_cost"][crop] * acres


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
