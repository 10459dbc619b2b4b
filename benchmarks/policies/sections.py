"""The tables of a benchmark of policies, with what they say in words."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from allocator.benchmarking import Benchmark
from benchmarks.results import Section

PERCENT = ("share_of_optimum", "share_of_gain", "lowest_share", "gain", "gain_low", "gain_high")
OVERALL = {
    "title": "policy",
    "scenarios": "scenarios",
    "share_of_optimum": "% of the optimum, mean",
    "lowest_share": "% of the optimum, lowest",
    "share_of_gain": "% of the gain over no effort, mean",
    "kept": "keeps every limit in",
    "gain": "gain over it there, %",
    "gain_low": "from (95%)",
    "gain_high": "to",
    "good_enough": "good enough in",
    "seconds": "seconds to plan, all",
}
EXAMPLES = {
    "scenario": "scenario",
    "title": "policy",
    "equity": "expected equity",
    "gain": "gain of the optimum over it, %",
    "gain_low": "from (95%)",
    "gain_high": "to",
    "spend": "spend",
    "hours": "hours",
    "cvar": "CVaR",
    "loss_probability": "probability of loss",
    "rules_broken": "limits broken",
    "good_enough": "good enough",
    "seconds": "seconds to plan",
}
VIEWS = ("scenario", "view", "measure", "by_product", "by_customer", "difference", "change")
WHOLE = ("equity", "spend", "hours", "cvar")
PLACES = 5


def sections(found: Benchmark, command: str) -> Iterator[Section]:
    """Over all examples; each example; the two views; where money and time go."""
    yield Section("policies-1-overall", "Policies over all examples", command, _overall(found), _words(found))
    yield Section("policies-2-examples", "Policies on each example", command, _examples(found), _on_each(found))
    views = found.views.loc[:, list(VIEWS)].round(4)
    views = views[(views["by_product"] != 1.0) | (views["by_customer"] != 1.0)]
    yield Section("policies-3-views", "Planned by product, planned by customer", command, views, _on_views(found))
    places = found.placements.groupby("scenario", sort=False).head(PLACES).drop(columns="change", errors="ignore")
    title = "Where money and people's time go, by product and by customer"
    note = f"The {PLACES} largest differences of each example, undiscounted over the plan; an hour counts at its wage."
    yield Section("policies-4-places", title, command, places.round(0), [note])


def _words(found: Benchmark) -> list[str]:
    """What the comparison is, whether it holds together, and what it says of each policy."""
    policies = found.overall["title"].tolist()
    held = (
        "On every example the optimum's expected equity is at least that of every policy that keeps the rules, and the "
        "proven bound is above both."
    )
    return [
        f"{len(policies)} policies, {found.settings['replications']:,} simulated lives of each plan, on fresh shocks "
        "that the optimiser did not see; all plans of a scenario meet the same ones, and differences are paired. "
        f"Examples that state no shocks have lognormal ones of volatility {found.settings['volatility']} by segment.",
        "Equal budgets: every policy has the same budgets, people, capacity and rules, and spends what they allow; "
        "spend (discounted) and the limits that a plan breaks stand beside its gain.",
        "Gain: mean equity of the optimum's lives over that of the policy's, less 1, with its 95 percent interval; the "
        "mean is over the examples in which the policy keeps every limit.",
        "Good enough: no limit broken, and surely at most 1 percent below the optimum.",
        *(found.contradictions or [held]),
        *(sentence for sentence in found.verdicts if not _scenario_of(found, sentence)),
    ]


def _on_each(found: Benchmark) -> list[str]:
    said = [sentence for sentence in found.verdicts if _scenario_of(found, sentence)]
    return [sentence for sentence in said if "instead of by product" not in sentence]


def _on_views(found: Benchmark) -> list[str]:
    return [
        "Planned by product is the policy `product_centric`, effort by today's sales; planned by customer is the "
        "optimum. Sales, product margin and market share are the old view, the rest the new one; shares are left out "
        "where there is no competitor.",
        *(sentence for sentence in found.verdicts if "instead of by product" in sentence),
    ]


def _scenario_of(found: Benchmark, sentence: str) -> str:
    """The scenario that a sentence is about; empty where it is about all."""
    return next((name for name in found.scores["scenario"].unique() if sentence.startswith(f"{name}: ")), "")


def _overall(found: Benchmark) -> pd.DataFrame:
    table = found.overall.sort_values("share_of_optimum", ascending=False, kind="stable")
    return _renamed(table, OVERALL)


def _examples(found: Benchmark) -> pd.DataFrame:
    chosen = ["gain", "gain_low", "gain_high", "good_enough"]
    gains = found.differences.set_index(["scenario", "policy"])[chosen]
    planned = found.scores[found.scores["status"] == "planned"]
    table = planned.join(gains, on=["scenario", "policy"])
    order = table.sort_values("equity", ascending=False, kind="stable").sort_values("scenario", kind="stable")
    return _renamed(order, EXAMPLES)


def _renamed(table: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    shown = table.loc[:, list(columns)].copy()
    for name in columns:
        if name in PERCENT:
            shown[name] = (100.0 * shown[name]).round(3)
        elif name in WHOLE:
            shown[name] = shown[name].round(0)
        elif name == "seconds":
            shown[name] = shown[name].round(1)
    return shown.rename(columns=columns)
