"""A made-up result with everything in it: the numbers add up where a reader would add them, no more."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from allocator.domain.evaluation import Evaluation, Tables
from allocator.domain.plan import Plan
from allocator.domain.result import Prices, Result, Size
from allocator.domain.scenario import Scenario

HORIZON = 8
OWN = ["金卡客户", "银卡客户", '<b>&"x"', "bronze_new", "at_risk"]
OTHERS = {"rival_north": "北方电信", "undecided": "market"}
LEVERS = ["客户拜访", "service_tier", "mailing"]
MODEL: dict[str, Any] = {
    "model": "电信 telecom",
    "currency": "CNY",
    "period": "quarter",
    "discount_rate": 0.1,
    "segments": [
        {"segment": name, "customers": 1000.0 * (i + 1), "margin": 400.0 - 70 * i, "revenue": 900.0 - 100 * i}
        for i, name in enumerate(OWN)
    ]
    + [
        {"segment": name, "customers": 4000.0, "margin": 200.0, "owner": owner, "revenue": 500.0}
        for name, owner in OTHERS.items()
    ],
    "transitions": [{"from": name, "to": name, "probability": 0.9} for name in [*OWN, *OTHERS]],
    "resources": {
        "field_sales": {"kind": "labour", "function": "sales", "headcount": 40, "hours": 420.0, "wage": 45000.0},
        "服务台": {"kind": "labour", "function": "service", "headcount": 25, "hours": 400.0, "wage": 30000.0},
        "network_ports": {"kind": "fixed", "function": "production", "capacity": 18000.0, "cost": 2.0},
    },
    "levers": {
        "客户拜访": {"function": "sales", "effort": {"max": 6.0}, "uses": {"field_sales": 1.6}, "cost": 35.0},
        "service_tier": {"function": "service", "effort": {"levels": [0, 1, 2]}, "uses": {"服务台": 0.7}},
        "mailing": {"function": "marketing", "effort": {"max": 4.0}, "cost": 3.0, "setup": 5000.0},
    },
    "channels": {
        name: {
            "function": "marketing",
            "spend": {"min": 20000.0, "max": 900000.0},
            "response": {"curve": "adbudg", "high": 1800.0, "half": 250000.0, "shape": 1.6},
            "into": {"bronze_new": 1.0},
        }
        for name in ("search_ads", "展会")
    },
    "programmes": {
        "data_cleaning": {"function": "marketing", "cost": 500000.0, "lead": 1, "running": 20000.0},
        "single_customer_view": {"function": "marketing", "cost": 2000000.0, "lead": 3, "window": [1, 4]},
        "outsourced_crm": {"function": "marketing", "cost": 900000.0},
    },
}


def frame(rows: list[dict[str, Any]], columns: str) -> pd.DataFrame:
    """A table with the given columns, also where there are no rows."""
    return pd.DataFrame(rows, columns=columns.split())


def scenario(**changes: Any) -> Scenario:
    """The question that the made-up result answers."""
    keys: dict[str, Any] = {
        "scenario": "电信增长",
        "model": MODEL,
        "horizon": HORIZON,
        "budgets": [
            {"name": "all money", "amount": 60e6},
            {"name": "市场费用", "amount": 2.5e6, "function": "marketing", "per": "period"},
        ],
        "rules": [{"rule": "customers", "name": "gold stays", "min": 900.0, "where": {"segment": "金卡客户"}}],
        "risk": {"generate": {"scenarios": 60, "seed": 7, "volatility": 0.25}, "cvar_floor": 100e6},
    }
    return Scenario.model_validate(keys | changes)


def _effort(lever: int, segment: int, period: int) -> float:
    """Efforts that differ by lever, segment and period; the last lever leaves most segments alone."""
    if lever == 1:
        return float((segment + period) % 3)
    if lever == 2 and segment % 2:
        return 0.0
    return round(max(0.0, 5.0 - segment * 1.1 - lever - 0.2 * period), 3)


def _customers(segment: int, period: int) -> float:
    return 1000.0 * (segment + 1) * (1.03 - 0.01 * segment) ** (period - 1)


def _treatments() -> list[dict[str, Any]]:
    rows = []
    for s, segment in enumerate([*OWN, *OTHERS]):
        for t in range(1, HORIZON + 1):
            parts = ((0.7, 1.0), (0.3, 0.5))
            for k, (share, factor) in enumerate(parts):
                efforts = {f"effort:{name}": _effort(i, s, t) * factor for i, name in enumerate(LEVERS)}
                rows.append(
                    {"segment": segment, "period": t, "treatment": k + 1, "customers": share * _customers(s, t)}
                    | efforts
                    | {"programmes": "data_cleaning" if k == 0 and t > 2 else ""}
                )
    return rows


def _allocation() -> list[dict[str, Any]]:
    rows = []
    for s, segment in enumerate([*OWN, *OTHERS]):
        for t in range(1, HORIZON + 1):
            for i, lever in enumerate(LEVERS):
                each, customers = _effort(i, s, t) * 0.85, _customers(s, t)
                settings = MODEL["levers"][lever]
                rows.append(
                    {
                        "segment": segment,
                        "period": t,
                        "lever": lever,
                        "effort_total": each * customers,
                        "effort_per_customer": each,
                        "share_treated": 1.0 if each else 0.0,
                        "hours": each * customers * sum(settings.get("uses", {}).values()),
                        "cost": each * customers * settings.get("cost", 0.0),
                    }
                )
    return rows


def _resources() -> list[dict[str, Any]]:
    rows = []
    for name, settings in MODEL["resources"].items():
        for t in range(1, HORIZON + 1):
            row = {"resource": name, "period": t, "overtime": 0.0, "partner": 0.0}
            if name == "network_ports":
                used = 11000.0 + 700 * t
                rows.append(row | {"hours_available": 18000.0, "hours_used": used, "cost": 2 * used})
                continue
            heads = settings["headcount"] + (min(t, 5) if name == "field_sales" else -t // 3)
            hours = settings["hours"] * heads + (300.0 if t == 2 else 0.0)
            moves = {
                "hires": 1 if name == "field_sales" and t <= 5 else 0,
                "releases": int(name == "服务台" and t == 3),
            }
            rows.append(
                row
                | moves
                | {"headcount": heads, "hours_available": hours, "hours_used": hours * (1.0 if t < 6 else 0.93)}
                | {"overtime": 300.0 if t == 2 else 0.0, "cost": heads * settings["wage"]}
            )
    return rows


def _cash() -> list[dict[str, Any]]:
    rows = []
    for t in range(1, HORIZON + 1):
        for row in (r for r in _allocation() if r["period"] == t and r["cost"] > 0):
            function = MODEL["levers"][row["lever"]]["function"]
            rows.append(
                {"period": t, "kind": "lever", "name": row["lever"], "function": function}
                | {"segment": row["segment"], "amount": row["cost"]}
            )
        for row in (r for r in _resources() if r["period"] == t):
            settings = MODEL["resources"][row["resource"]]
            kind = "fixed" if settings.get("kind") == "fixed" else "wages"
            item = {"period": t, "kind": kind, "name": row["resource"], "function": settings["function"]}
            rows.append(item | {"segment": "", "amount": row["cost"]})
        rows.append(
            {"period": t, "kind": "channel", "name": "search_ads", "function": "marketing"}
            | {"segment": "", "amount": 300000.0 + 20000 * t}
        )
    rows.append(
        {"period": 1, "kind": "programme", "name": "data_cleaning", "function": "marketing"}
        | {"segment": "", "amount": 500000.0}
    )
    return rows


def _budgets() -> list[dict[str, Any]]:
    cash = pd.DataFrame(_cash())
    marketing = cash[cash["function"] == "marketing"].groupby("period")["amount"].sum()
    rows = [
        {"name": "市场费用", "period": t, "amount": 2.5e6, "at_least": None, "used": float(marketing[t])}
        for t in range(1, HORIZON + 1)
    ]
    total = {"name": "all money", "period": None, "amount": 60e6, "at_least": 1e6, "used": float(cash["amount"].sum())}
    return [total, *rows]


def _rules() -> list[dict[str, Any]]:
    return [
        {"rule": "gold stays", "period": t, "segment": None, "sense": "min", "limit": 900.0}
        | {"value": 900.0 if t == 4 else 1000.0, "slack": 0.0 if t == 4 else 100.0, "binding": t == 4}
        for t in range(1, HORIZON + 1)
    ] + [
        {"rule": "concentration", "period": None, "segment": None, "sense": "max", "limit": 0.6}
        | {"value": 0.41, "slack": 0.19, "binding": False}
    ]


def _risk(mean: float) -> list[dict[str, Any]]:
    return [
        {"scenario": f"w{i}", "probability": 1 / 60, "equity": mean * (1 + 0.2 * math.sin(7.3 * i) + i / 600 - 0.05)}
        for i in range(60)
    ]


def tables(mean: float = 151.2345678901234e6) -> Tables:
    """The output tables, before prices."""
    segments = [*OWN, *OTHERS]
    equity = [4e7, 3.5e7, 3e7, 2e7, 1.6e7, 8e6, 2e6]
    levers = " ".join(f"effort:{lever}" for lever in LEVERS)
    return Tables(
        treatments=frame(_treatments(), f"segment period treatment customers {levers} programmes"),
        allocation=frame(
            _allocation(), "segment period lever effort_total effort_per_customer share_treated hours cost"
        ),
        customers=frame(
            [
                {"segment": name, "period": t, "customers": _customers(s, t)}
                | {"acquired": 120.0 if s == 3 and t > 1 else 0.0}
                for s, name in enumerate(segments)
                for t in range(1, HORIZON + 2)
            ],
            "segment period customers acquired",
        ),
        resources=frame(
            _resources(),
            "resource period headcount hires releases hours_available hours_used overtime partner cost",
        ),
        channels=frame(
            [
                {"channel": name, "period": t, "spend": spend, "stock": spend * 1.4, "new_customers": spend / 2000}
                for name, base in (("search_ads", 300000.0), ("展会", 0.0))
                for t in range(1, HORIZON + 1)
                for spend in [base + 20000 * t if base else 0.0]
            ],
            "channel period spend stock new_customers",
        ),
        programmes=frame(
            [
                {"programme": "data_cleaning", "start": 1},
                {"programme": "single_customer_view", "start": 2},
                {"programme": "outsourced_crm", "start": None},
            ],
            "programme start",
        ),
        budgets=frame(_budgets(), "name period amount at_least used"),
        rules=frame(_rules(), "rule period segment sense limit value binding slack"),
        equity=frame(
            [
                {"segment": name, "customers_now": _customers(s, 1), "clv": equity[s] / _customers(s, 1)}
                | {"equity": equity[s], "share": equity[s] / sum(equity)}
                for s, name in enumerate(segments)
            ],
            "segment customers_now clv equity share",
        ),
        risk=frame(_risk(mean), "scenario probability equity"),
        cash=frame(_cash(), "period kind name function segment amount"),
        margin=frame(
            [
                {"segment": s["segment"], "period": t, "owner": s.get("owner", "us")}
                | {"margin": s["margin"] * s["customers"]}
                for s in MODEL["segments"]
                for t in range(1, HORIZON + 1)
            ],
            "segment period owner margin",
        ),
    )


def prices() -> Prices:
    """Prices of some limits; those not listed have none."""
    return Prices(
        resources=frame(
            [
                {"resource": name, "period": t, "price": 310.5 / t if t < 6 else 0.0}
                for name in ("field_sales", "服务台")
                for t in range(1, HORIZON + 1)
            ],
            "resource period price",
        ),
        budgets=frame(
            [{"name": "市场费用", "period": t, "price": 1.84 - 0.1 * t} for t in range(1, HORIZON + 1)]
            + [{"name": "all money", "period": None, "price": 0.0}],
            "name period price",
        ),
        rules=frame(
            [{"rule": "gold stays", "period": 4, "segment": None, "sense": "min", "price": -812.0}],
            "rule period segment sense price",
        ),
        local=True,
    )


def evaluation(equity: float = 151.2345678901234e6, with_tables: Tables | None = None, **changes: Any) -> Evaluation:
    """Consequences with the given customer equity."""
    keys: dict[str, Any] = {
        "customer_equity": equity,
        "margin": 130e6,
        "cost": 47e6,
        "terminal_value": equity - 130e6 + 47e6,
        "equity_current_customers": 120e6,
        "equity_new_customers": 45e6,
        "cvar": 112.5e6,
        "objective": equity,
        "tables": with_tables or tables(equity),
    }
    return Evaluation(**(keys | changes))


def result(**changes: Any) -> Result:
    """The made-up result; ``changes`` replace its fields."""
    found = evaluation()
    keys: dict[str, Any] = {
        "scenario": scenario(),
        "plan": Plan(),
        "evaluation": found,
        "prices": prices(),
        "status": "optimal",
        "objective": found.objective,
        "bound": found.objective * (1 + 4e-5),
        "gap": 4e-5,
        "size": Size(columns=4210, rows=830, integers=48, treatments=1904, rounds=7),
        "seconds": {"load": 0.21, "build": 0.34, "solve": 0.93, "refine": 0.4},
        "current_plan": evaluation(140.1e6),
        "no_effort": evaluation(121.7e6),
        "further": {
            "ranges": pd.DataFrame({"budget": ["市场费用"], "low": [2.1e6], "high": [2.6e6]}),
        },
    }
    return Result(**(keys | changes))


def plain_result() -> Result:
    """The least a run can give: one lever, no budgets, rules, channels, programmes or shocks."""
    model = {key: value for key, value in MODEL.items() if key not in ("channels", "programmes")}
    model = model | {"segments": MODEL["segments"][:2], "transitions": [], "currency": ""}
    full = tables()
    own = {"segment": OWN[:2]}
    bare = Tables(
        treatments=full.treatments[full.treatments["segment"].isin(own["segment"])],
        allocation=full.allocation[full.allocation["segment"].isin(own["segment"])],
        customers=full.customers[full.customers["segment"].isin(own["segment"])],
        resources=full.resources,
        channels=full.channels.iloc[:0],
        programmes=full.programmes.iloc[:0],
        budgets=full.budgets.iloc[:0],
        rules=full.rules.iloc[:0],
        equity=full.equity.iloc[:2],
        risk=full.risk.iloc[:0],
        cash=full.cash[full.cash["segment"].isin(own["segment"])],
        margin=full.margin[full.margin["segment"].isin(own["segment"])],
    )
    none = Prices(
        resources=frame([], "resource period price"),
        budgets=frame([], "name period price"),
        rules=frame([], "rule period segment sense price"),
        local=False,
    )
    return result(
        scenario=scenario(model=model, budgets=[], rules=[], risk={}),
        evaluation=evaluation(with_tables=bare, cvar=None),
        prices=none,
        current_plan=None,
        no_effort=None,
        further={},
    )
