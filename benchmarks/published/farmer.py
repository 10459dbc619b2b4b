"""Birge and Louveaux's farmer, planned with recourse: what is planted is decided now, what is done with the harvest
once the weather is known.

    planting   a channel for each crop: money in, the most tonnes that the acres could bear out, land used up
    weather    of those tonnes a share is harvested: the chance of staying with us, whose odds the shock changes
    harvest    levers sell a tonne, sell it within the quota, or keep it for the cattle
    market     tonnes of others that a lever buys
    needs      a rule: so many tonnes kept at the end, in every weather
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from allocator.api import Result, Scenario, solve
from benchmarks.planner_files import PlannerFiles
from benchmarks.published.check import Check, Findings, facts

TITLE = "Birge and Louveaux, farmer"
HARVESTED = 0.5
"""Share of the tonnes that acres could bear which is harvested in mean weather."""
SOLD_OUT = 1e4
"""Tonnes on the market, more than anyone needs."""


def farmer() -> Findings:
    """Every published number, from runs of one scenario and of its parts."""
    case = facts("farmer")
    data = case["data"]
    published = {entry["quantity"]: entry for entry in case["answers"]}
    names = [f"year {number}" for number in range(1, len(data["scenarios"]) + 1)]
    years = dict(zip(names, data["scenarios"], strict=True))
    result = solve(farm(data, years, {name: year["p"] for name, year in years.items()}))
    value = _valued(result)
    best = published["expected profit of stochastic program"]
    yield Check(TITLE, best["quantity"], best["value"], result.customer_equity, 0.5)
    spent = result.evaluation.tables.channels.groupby("channel")["spend"].sum()
    for crop, expected in best["first_stage"].items():
        yield Check(TITLE, f"acres of {crop}", expected, float(spent[crop]) / data["plant_cost"][crop], 0.01)
    alone = published["profit per scenario, wait-and-see"]["value"]
    for name, expected in zip(names, alone, strict=True):
        profit = solve(farm(data, {name: years[name]}, {name: 1.0}, means(data))).customer_equity
        yield Check(TITLE, f"profit if {name} is known", expected, profit, 0.5)
    yield Check(TITLE, "wait-and-see", published["wait-and-see"]["value"], value["wait_and_see"], 0.5)
    yield Check(TITLE, "EVPI", published["EVPI"]["value"], value["perfect_information"], 0.5)
    known = {"mean": {**means(data), "p": 1.0}}
    average = solve(farm(data, known, {"mean": 1.0}))
    yield Check(TITLE, "mean-value problem", published["mean-value problem"]["value"], average.customer_equity, 0.5)
    name = "expected result of mean-value solution"
    yield Check(TITLE, name, published[name]["value"], value["mean_value"], 0.5)
    yield Check(TITLE, "VSS", published["VSS"]["value"], value["stochastic_solution"], 0.5)


def _valued(result: Result) -> dict[str, float]:
    """What recourse and knowledge are worth, by name."""
    value = result.recourse
    figures = {name: getattr(value, name) for name in ("mean_value", "stochastic_solution")}
    figures |= {name: getattr(value, name) for name in ("wait_and_see", "perfect_information")}
    return {name: figure.value for name, figure in figures.items()}


def means(data: Mapping[str, Any]) -> dict[str, float]:
    """Mean tonnes an acre of each crop."""
    return {crop: sum(year["p"] * year[crop] for year in data["scenarios"]) for crop in data["plant_cost"]}


def farm(
    data: Mapping[str, Any],
    years: Mapping[str, Mapping[str, float]],
    chances: Mapping[str, float],
    usual: Mapping[str, float] | None = None,
) -> Scenario:
    """The farm with yields by weather; ``usual`` yields are those without shocks, by default the means."""
    usual = usual or means(data)
    crops, needs = list(data["plant_cost"]), data["requirement"]
    harvests = {crop: f"{crop} harvest" for crop in crops}
    segments = [(f"{crop} sown", 0.0, "us") for crop in crops] + [(name, 0.0, "us") for name in harvests.values()]
    segments += [(f"{crop} kept", 0.0, "us") for crop in needs]
    segments += [(f"{crop} on the market", SOLD_OUT, "market") for crop in needs]
    moves = [(f"{crop} sown", harvests[crop], HARVESTED) for crop in crops]
    moves += [(f"{crop} kept", f"{crop} kept", 1.0) for crop in needs]
    kept = [("keep", 1, harvests[crop], f"{crop} kept", 1.0) for crop in needs]
    kept += [(f"buy {crop}", 1, f"{crop} on the market", f"{crop} kept", 1.0) for crop in needs]
    return PlannerFiles(
        segments=_segments(segments),
        transitions=pd.DataFrame(moves, columns=["from", "to", "probability"]),
        treated=pd.DataFrame(kept, columns=["lever", "effort", "from", "to", "probability"]),
        responses=_sales(data, harvests),
        model={
            "model": "farm",
            "period": "year",
            "discount_rate": 0.0,
            "resources": {
                "land": {"kind": "fixed", "function": "production", "capacity": data["land"]},
                "quota": {"kind": "fixed", "function": "sales", "capacity": data["beet_quota"]},
            },
            "levers": _levers(data, harvests),
            "channels": _planting(data, usual),
        },
        scenario={
            "scenario": "farm",
            "horizon": 3,
            "terminal": "none",
            "budgets": [
                {"name": "planted in spring", "function": "production", "periods": [2, 3], "amount": 0.0},
            ],
            "rules": [
                {"rule": "customers", "where": {"segment": f"{crop} kept"}, "min": tonnes, "periods": [4]}
                for crop, tonnes in needs.items()
            ],
            "risk": {"recourse": True},
            "solver": {"gap": 1e-9},
        },
        shocks=_weather(usual, years, chances),
    ).read()


def _segments(rows: list[tuple[str, float, str]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["segment", "customers", "owner"])
    return table.assign(margin=0.0, contacts_max=1)


def _levers(data: Mapping[str, Any], harvests: Mapping[str, str]) -> dict[str, Any]:
    """All or nothing for a tonne, and one thing at most."""
    once = {"effort": {"levels": [1]}, "contacts": 1}
    sold = {"function": "sales", **once}
    levers: dict[str, Any] = {
        "sell": {**sold, "where": {"segment": list(harvests.values())}},
        "sell in quota": {**sold, "where": {"segment": harvests["beets"]}, "uses": {"quota": 1}},
        "keep": {**sold, "where": {"segment": [harvests[crop] for crop in data["requirement"]]}},
    }
    for crop, price in data["buy_price"].items():
        levers[f"buy {crop}"] = {**sold, "where": {"segment": f"{crop} on the market"}, "cost": price}
    return levers


def _sales(data: Mapping[str, Any], harvests: Mapping[str, str]) -> pd.DataFrame:
    """What a tonne sold brings."""
    prices = data["sell_price"]
    rows = [("sell", harvests[crop], prices.get(crop, prices["beets_over_quota"])) for crop in harvests]
    rows.append(("sell in quota", harvests["beets"], prices["beets_in_quota"]))
    table = pd.DataFrame(rows, columns=["lever", "segment", "slope"])
    return table.assign(effect="margin_add", curve="linear")


def _planting(data: Mapping[str, Any], usual: Mapping[str, float]) -> dict[str, Any]:
    """Money to tonnes that could be harvested, and the land that they take."""
    return {
        crop: {
            "function": "production",
            "spend": {"max": cost * data["land"]},
            "response": {"curve": "linear", "slope": usual[crop] / HARVESTED / cost},
            "into": {f"{crop} sown": 1.0},
            "uses": {"land": HARVESTED / usual[crop]},
        }
        for crop, cost in data["plant_cost"].items()
    }


def _weather(
    usual: Mapping[str, float], years: Mapping[str, Mapping[str, float]], chances: Mapping[str, float]
) -> pd.DataFrame:
    """The odds of being harvested in each weather, against the usual ones."""
    rows = []
    for name, chance in chances.items():
        for crop, tonnes in usual.items():
            share = HARVESTED * years[name][crop] / tonnes
            odds = share / (1.0 - share) * (1.0 - HARVESTED) / HARVESTED
            rows.append((name, chance, f"{crop} sown", 1.0, odds))
    return pd.DataFrame(rows, columns=["scenario", "probability", "segment", "factor", "keep_factor"])
