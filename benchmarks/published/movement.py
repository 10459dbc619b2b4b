"""Cases about customers who move, stay or lapse: De Bruyn, Pfeifer and Carraway, Farris, Fader and Hardie."""

from __future__ import annotations

import pandas as pd

from allocator.api import Plan, Scenario, evaluate, solve
from allocator.domain.plan import Treatment
from benchmarks.planner_files import PlannerFiles
from benchmarks.published.check import Check, Findings, NotExpressed, answer, facts

EXACT = {"gap": 1e-9}


def debruyn() -> Findings:
    """The flow model with no effort: eight value segments, eleven years, 2015 being period 1."""
    case = facts("debruyn")
    data, title = case["data"], "De Bruyn, customer base"
    scenario = debruyn_scenario(data)
    result = solve(scenario)
    earned = result.evaluation.tables.margin.groupby("period")["margin"].sum()
    for year, expected in enumerate(answer(case, "yearly revenue 2015..2025")["value"], start=2015):
        yield Check(title, f"revenue of {year}", expected, float(earned[year - 2014]), 1.0)
    equity = result.customer_equity
    total = answer(case, "cumulated discounted revenue 2015..2025")["value"]
    yield Check(title, "discounted revenue 2015..2025", total, equity, 1.0)
    value = answer(case, "value of the base, 2016..2025")["value"]
    yield Check(title, "value of the base, 2016..2025", value, equity - float(earned[1]), 1.0)
    customers = result.evaluation.tables.customers.query("period == 11").set_index("segment")["customers"]
    expected_customers = answer(case, "customers in 2025, rounded")["value"]
    for segment, expected in zip(data["segments"], expected_customers, strict=True):
        yield Check(title, f"customers in 2025: {segment}", expected, float(customers[segment]), 0.5)
    worth = answer(case, "infinite-horizon discounted revenue per customer (first year undiscounted)")["value"]
    endless = solve(debruyn_scenario(data, horizon=1, terminal="baseline"))
    clv = endless.evaluation.tables.equity.set_index("segment")["clv"]
    for segment, expected in zip(data["segments"], worth, strict=True):
        yield Check(title, f"CLV: {segment}", expected, float(clv[segment]), 0.01)


def debruyn_scenario(data: dict, horizon: int = 11, terminal: str = "none") -> Scenario:
    names = data["segments"]
    counts = pd.DataFrame(data["transition_counts_2014_to_2015"], index=names, columns=names)
    shares = counts.div(counts.sum(axis=1), axis=0).rename_axis(index="from", columns="to").stack()
    transitions = shares[shares > 0].rename("probability").reset_index()
    segments = pd.DataFrame(
        {"segment": names, "customers": data["customers_2015"], "margin": data["revenue_per_customer_2015"]}
    )
    return PlannerFiles(
        segments=segments,
        transitions=transitions,
        model={"model": "debruyn", "period": "year", "discount_rate": data["discount_rate"]},
        scenario={"scenario": "debruyn", "horizon": horizon, "terminal": terminal, "solver": EXACT},
    ).read()


LIFETIME = 100
"""Years after which 20 percent a year leaves less than 1e-7 of any value."""


def pfeifer_carraway() -> Findings:
    """Recency states are segments, mailing is a lever; who is not mailed never comes back."""
    case = facts("pfeifer_carraway")
    data, title = case["data"], "Pfeifer and Carraway, recency"
    states = data["states"]
    best = answer(case, "optimal policy: stop remarketing at recency 4")
    for state, expected in zip(states, best["V"], strict=True):
        result = solve(pfeifer_carraway_scenario(data, start=state))
        yield Check(title, f"best value: {state}", expected, result.customer_equity, best["tolerance"])
    mailed = solve(pfeifer_carraway_scenario(data, start=None)).evaluation.tables.allocation
    first = mailed[(mailed["period"] == 1) & (mailed["effort_total"] > 0)]
    for state, word in zip(states, best["policy"], strict=False):
        share = float(first.loc[first["segment"] == state, "share_treated"].sum())
        yield Check(title, f"share mailed: {state}", float(word == "spend"), share, 1e-6)
    fixed = (
        (4, 5, "value over t=0..4", 0.001),
        (4, LIFETIME, "infinite horizon, remarket in recency 1-4", 0.0005),
    )
    for last, horizon, name, tolerance in fixed:
        for state, expected in zip(states, answer(case, name)["V"], strict=True):
            value = _mail_up_to(data, last, state, horizon)
            yield Check(title, f"{name}: {state}", expected, value, tolerance)
    for last, name in ((2, "stop at recency 3"), (1, "stop at recency 2")):
        expected = answer(case, name)["V_recency1"]
        yield Check(title, f"{name}: recency 1", expected, _mail_up_to(data, last, states[0], LIFETIME), 0.0005)


def pfeifer_carraway_scenario(data: dict, start: str | None, horizon: int = LIFETIME) -> Scenario:
    """One customer in state ``start``, or one in each."""
    states = data["states"]
    former = states[-1]
    contribution = data["net_contribution_per_order"]
    segments = pd.DataFrame(
        {
            "segment": states,
            "customers": [float(start in (None, state)) for state in states],
            "margin": [contribution] + [0] * (len(states) - 1),
            "stage": ["mailable"] * (len(states) - 1) + ["former"],
        }
    )
    lapse = pd.DataFrame({"from": states, "to": former, "probability": 1.0})
    measured = pd.DataFrame(data["P"], index=states, columns=states).rename_axis(index="from", columns="to").stack()
    measured = measured[measured > 0].rename("probability").reset_index().query("`from` != @former")
    return PlannerFiles(
        segments=segments,
        transitions=lapse,
        treated=measured.assign(lever="mailing", effort=1.0),
        model={
            "model": "recency",
            "period": "year",
            "discount_rate": data["discount_rate"],
            "levers": {
                "mailing": {
                    "function": "marketing",
                    "where": {"stage": "mailable"},
                    "effort": {"levels": [1]},
                    "cost": data["remarketing_cost_per_period"],
                }
            },
        },
        scenario={"scenario": "recency", "horizon": horizon, "terminal": "none", "solver": EXACT},
    ).read()


def _mail_up_to(data: dict, last: int, start: str, horizon: int) -> float:
    """Value of a customer in ``start`` who is mailed in the first ``last`` recency states."""
    plan = Plan(
        treatments=tuple(
            Treatment(segment=state, period=period, share=1.0, efforts=(("mailing", 1.0),))
            for state in data["states"][:last]
            for period in range(1, horizon + 1)
        )
    )
    return evaluate(pfeifer_carraway_scenario(data, start, horizon), plan).customer_equity


def farris() -> Findings:
    """One segment; the second half of the retention spending is a lever of one level."""
    case = facts("farris")
    title = "Farris, retention spending"
    result = solve(farris_scenario(case["data"]))
    kept = result.evaluation.tables.allocation.query("period == 1")["share_treated"].sum()
    current, halved = case["answers"]
    yield Check(title, "CLV, best spending", current["clv"], result.customer_equity, 0.01)
    yield Check(title, "share of customers whose spending is kept", 1.0, float(kept), 1e-6)
    yield Check(title, "CLV, half the spending", halved["clv"], result.no_effort.customer_equity, 0.01)


def farris_scenario(data: dict) -> Scenario:
    """Eight hundred months: what is left then is worth less than a cent."""
    low = data["alternative"]
    spending = data["retention_spend_per_month"] - low["retention_spend_per_month"]
    margin = data["price"] - data["variable_cost"] - low["retention_spend_per_month"]
    stay = pd.DataFrame({"from": ["subscriber"], "to": ["subscriber"]})
    return PlannerFiles(
        segments=pd.DataFrame({"segment": ["subscriber"], "customers": [1.0], "margin": [margin]}),
        transitions=stay.assign(probability=1 - low["attrition_per_month"]),
        treated=stay.assign(probability=1 - data["attrition_per_month"], lever="other_half", effort=1.0),
        model={
            "model": "netflix",
            "period": "month",
            "discount_rate": (1 + data["discount_per_month"]) ** 12 - 1,
            "levers": {"other_half": {"function": "service", "effort": {"levels": [1]}, "cost": spending}},
        },
        scenario={"scenario": "netflix", "horizon": 800, "terminal": "baseline", "solver": EXACT},
    ).read()


def fader_hardie() -> Findings:
    """Retention that depends on duration: each year of tenure is a segment."""
    case = facts("fader_hardie")
    for group, observed in (("high end", "survival_high_end"), ("regular", "survival_regular")):
        title = f"Fader and Hardie, {group}"
        survival = case["data"][observed]
        fitted = answer(case, group)
        result = solve(tenure_scenario(fitted["alpha"], fitted["beta"], len(survival) - 1))
        alive = result.evaluation.tables.customers.groupby("period")["customers"].sum()
        for year, expected in enumerate(survival):
            yield Check(title, f"survival to year {year}", expected, float(alive[year + 1]), 0.02)
    yield NotExpressed(
        "Fader and Hardie", "estimating alpha and beta", "a scenario plans with retention; it does not estimate it"
    )


def tenure_scenario(alpha: float, beta: float, years: int) -> Scenario:
    """A customer in year n of tenure stays with chance (beta + n - 1) / (alpha + beta + n - 1)."""
    names = [f"year {number}" for number in range(1, years + 2)]
    retention = [(beta + number) / (alpha + beta + number) for number in range(years)]
    return PlannerFiles(
        segments=pd.DataFrame({"segment": names, "customers": [1.0] + [0.0] * years, "margin": 1.0}),
        transitions=pd.DataFrame({"from": names[:-1], "to": names[1:], "probability": retention}),
        model={"model": "tenure", "period": "year", "discount_rate": 0.1},
        scenario={"scenario": "tenure", "horizon": years, "terminal": "none", "solver": EXACT},
    ).read()
