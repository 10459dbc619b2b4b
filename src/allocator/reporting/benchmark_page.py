"""benchmark.html: policies against each other, for people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from allocator.reporting.blocks import Blocks, Chart, Column, Prose, Section, Table
from allocator.reporting.figures import INK, PALETTE, label
from allocator.reporting.rendering import render

if TYPE_CHECKING:
    from allocator.benchmarking import Benchmark

PAGE = "benchmark.html"
_SHOCKS = {"fresh": "that no policy saw", "given": "those of the scenario", None: "none"}
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_MOST_PLACES = 12
_PLACES_TITLE = "Where money and people's time go over the plan (largest differences first)"
_LOSSES_TITLE = "Customer equity lost against the best, 95% intervals (hatched: breaks limits)"
_MEASURES = {
    "sales": "sales over the plan",
    "product_margin": "product margin over the plan",
    "market_share": "market share at the end (%)",
    "customer_margin": "margin a customer and period",
    "lifetime_value": "CLV of a customer of today",
    "customer_equity": "customer equity",
    "customer_equity_share": "customer equity share (%)",
}
_SHARES = ("market_share", "customer_equity_share")
_VIEWS = {"product": "old: products", "customer": "new: customers"}
_LEAD = (
    "Equity and spend are discounted. The share of the gain is what a policy keeps of what the optimum adds to no "
    "effort. CVaR and loss are over the simulated lives of the plan; a loss is less equity than the current plan "
    "has in the same life, or than no effort where there is no current plan. Without hours: customers meant to get "
    "effort for whom there was no time."
)


def write_benchmark_page(benchmark: Benchmark, folder: Path) -> Path:
    """Write benchmark.html into ``folder`` and return its path."""
    scenarios = list(benchmark.scores["scenario"].drop_duplicates())
    overall = [_overall(benchmark)] if len(scenarios) > 1 else []
    found = [*overall, *(_scenario(benchmark, name, place) for place, name in enumerate(scenarios)), _reading()]
    page = render(
        "study.html",
        kicker="Policies against each other",
        heading="Benchmark",
        sentences=benchmark.verdicts,
        terms=[
            ("scenarios", str(len(scenarios))),
            ("lives of each plan", f"{benchmark.settings['replications']:,}"),
            ("shocks", _shocks(benchmark)),
            ("responses", _responses(benchmark)),
            ("seed", str(benchmark.settings["seed"])),
        ],
        sections=[section for section in found if section is not None],
    )
    path = folder / PAGE
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def _shocks(benchmark: Benchmark) -> str:
    """Which shocks the lives met."""
    volatility = benchmark.settings["volatility"]
    assumed = f", and of volatility {volatility:g} where the scenario states none" if volatility else ""
    return _SHOCKS[benchmark.settings["shocks"]] + assumed


def _responses(benchmark: Benchmark) -> str:
    """Whether the lives respond as was judged."""
    error = benchmark.settings["response_error"]
    return f"off what was judged, by a factor of standard deviation {error:g}" if error else "as judged"


def _overall(benchmark: Benchmark) -> Section | None:
    blocks = Blocks()
    table = benchmark.overall.sort_values("share_of_optimum", ascending=False, kind="stable")
    columns = [
        Column("title", "policy", "text"),
        Column("scenarios", "scenarios"),
        Column("share_of_optimum", "share of the optimum, mean", "bar"),
        Column("lowest_share", "lowest", "percent"),
        Column("share_of_gain", "share of the gain, mean", "bar"),
        Column("kept", "keeps every limit in"),
        Column("gain", "gain over it there, mean", "percent"),
        Column("gain_low", "from (95%)", "percent"),
        Column("gain_high", "to", "percent"),
        Column("good_enough", "good enough in"),
        Column("seconds", "seconds to plan"),
    ]
    blocks.add(Table.of(table, columns, source="overall.csv"))
    return blocks.section("overall", "All scenarios")


def _scenario(benchmark: Benchmark, name: str, place: int) -> Section | None:
    scores = benchmark.scores[benchmark.scores["scenario"] == name]
    planned = scores[scores["status"] == "planned"].sort_values("equity", ascending=False, kind="stable")
    blocks = Blocks()
    blocks.charts(_charts(benchmark, name, planned))
    if len(planned):
        blocks.add(_scores(planned))
    _add_differences(blocks, benchmark, name)
    _add_two_plans(blocks, benchmark, name)
    _add_views(blocks, benchmark, name)
    blocks.add(*(Prose(tuple(lines)) for lines in [list(_troubles(scores))] if lines))
    return blocks.section(f"scenario-{place + 1}", name, _LEAD if place == 0 else "")


def _charts(benchmark: Benchmark, name: str, planned: pd.DataFrame) -> Iterator[Chart]:
    height = 120 + 26 * len(planned)
    differences = benchmark.differences
    if len(differences):
        mine = differences[differences["scenario"] == name].sort_values("difference", ascending=False)
        if len(mine):
            yield Chart(_LOSSES_TITLE, _losses(mine), height)
    titles = {row.policy: row.title for row in planned.iloc[::-1].itertuples()}
    lives = {str(titles[policy]): benchmark.lives[name, str(policy)] for policy in titles}
    if lives:
        yield Chart("Customer equity over the lives of each plan (5, 25, 50, 75, 95%)", _boxes(lives), height)


def _losses(rows: pd.DataFrame) -> dict[str, Any]:
    """Bars of the mean difference with their intervals; plans that break limits are hollow."""
    broken = (rows["rules_broken"] > 0).to_numpy()
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [label(title) for title in rows["title"]],
        "x": rows["difference"].tolist(),
        "error_x": {"type": "data", "array": (rows["high"] - rows["difference"]).tolist(), "color": INK},
        "marker": {
            "color": [PALETTE[4] if hit else PALETTE[0] for hit in broken],
            "pattern": {"shape": ["/" if hit else "" for hit in broken]},
        },
        "hovertemplate": "%{y}: %{x:,.4~r}<extra></extra>",
    }
    return {"data": [trace], "layout": _sideways()}


def _boxes(lives: dict[str, Any]) -> dict[str, Any]:
    data = []
    for name, values in lives.items():
        low, lower, middle, upper, high = ([float(value)] for value in np.quantile(values, _QUANTILES))
        box = {"lowerfence": low, "q1": lower, "median": middle, "q3": upper, "upperfence": high}
        data.append(
            {"type": "box", "orientation": "h", "y": [label(name)], "name": label(name), "showlegend": False}
            | {"line": {"color": PALETTE[0]}}
            | box
        )
    return {"data": data, "layout": _sideways()}


def _sideways() -> dict[str, Any]:
    return {
        "xaxis": {"fixedrange": True, "exponentformat": "B", "showgrid": True},
        "yaxis": {"type": "category", "automargin": True, "fixedrange": True},
        "margin": {"t": 8, "r": 16, "b": 40, "l": 56},
        "showlegend": False,
    }


def _scores(planned: pd.DataFrame) -> Table:
    columns = [
        Column("title", "policy", "text"),
        Column("equity", "customer equity, expected"),
        Column("share_of_optimum", "share of the optimum", "bar"),
        Column("share_of_gain", "share of the gain", "bar"),
        Column("cvar", f"CVaR {float(planned['confidence'].iloc[0]):.0%}"),
        Column("loss_probability", "probability of loss", "percent"),
        Column("spend", "spend"),
        Column("hours", "hours"),
        Column("unserved", "without hours", "percent"),
        Column("rules_broken", "limits broken"),
        Column("seconds", "seconds to plan"),
    ]
    return Table.of(planned, columns, title="Scores", source="scores.csv")


def _add_differences(blocks: Blocks, benchmark: Benchmark, name: str) -> None:
    if not len(benchmark.differences):
        return
    mine = benchmark.differences[benchmark.differences["scenario"] == name].sort_values("difference")
    if len(mine):
        title = f"Gain of the {_named(benchmark, name, mine['reference'].iloc[0])} at equal budgets, life by life"
        columns = [
            Column("title", "over", "text"),
            Column("gain", "gain in customer equity", "percent"),
            Column("gain_low", "from (95%)", "percent"),
            Column("gain_high", "to", "percent"),
            Column("difference", "in money"),
            Column("low", "from (95%)"),
            Column("high", "to"),
            Column("spend", "its spend"),
            Column("reference_spend", "spend of the better plan"),
            Column("rules_broken", "limits it breaks"),
            Column("good_enough", "good enough", "text"),
        ]
        blocks.add(Table.of(mine, columns, title=title, source="differences.csv"))


def _named(benchmark: Benchmark, scenario: str, policy: str) -> str:
    """The policy's title, as it stands within a sentence."""
    scores = benchmark.scores
    title = str(scores.loc[(scores["scenario"] == scenario) & (scores["policy"] == policy), "title"].iloc[0])
    return title[0].lower() + title[1:]


def _add_views(blocks: Blocks, benchmark: Benchmark, name: str) -> None:
    if not len(benchmark.scorecard):
        return
    mine = benchmark.scorecard[benchmark.scorecard["scenario"] == name].sort_values("customer_equity", ascending=False)
    columns = [
        Column("title", "policy", "text"),
        Column("sales", "sales over the plan"),
        Column("product_margin", "product margin over the plan"),
        Column("market_share", "market share at the end", "percent"),
        Column("customer_margin", "margin a customer and period"),
        Column("lifetime_value", "CLV"),
        Column("customer_equity", "customer equity"),
        Column("customer_equity_share", "customer equity share", "percent"),
    ]
    title = "Every plan by products (sales to market share) and by customers"
    blocks.add(Table.of(mine, columns, title=title, source="scorecard.csv"))


def _add_two_plans(blocks: Blocks, benchmark: Benchmark, name: str) -> None:
    """Planned by product against planned by customer: both scorecards, and where money and time go."""
    seen = benchmark.views[benchmark.views["scenario"] == name]
    if not len(seen):
        return
    shares = seen["measure"].isin(_SHARES)
    seen = seen[~(shares & (seen["by_product"] == 1.0) & (seen["by_customer"] == 1.0))]
    scale = np.where(seen["measure"].isin(_SHARES), 100.0, 1.0)
    shown = seen.assign(
        view=[_VIEWS[key] for key in seen["view"]],
        measure=[_MEASURES[key] for key in seen["measure"]],
        **{key: seen[key] * scale for key in ("by_product", "by_customer", "difference")},
    )
    columns = [
        Column("view", "view", "text"),
        Column("measure", "measure", "text"),
        Column("by_product", "planned by product", "mixed"),
        Column("by_customer", "planned by customer", "mixed"),
        Column("difference", "difference", "mixed"),
        Column("change", "change", "percent"),
    ]
    blocks.add(Table.of(shown, columns, title="Planned by product, planned by customer", source="views.csv"))
    placed = benchmark.placements[benchmark.placements["scenario"] == name]
    if len(placed):
        largest = placed.head(_MOST_PLACES)
        blocks.charts([Chart(_PLACES_TITLE, _places(largest), 120 + 34 * len(largest))])


def _places(placed: pd.DataFrame) -> dict[str, Any]:
    """Two bars a segment or channel: by product, by customer."""
    rows = placed.iloc[::-1]
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": title,
            "y": [label(name) for name in rows["name"]],
            "x": rows[key].tolist(),
            "marker": {"color": colour},
            "hovertemplate": "%{y}: %{x:,.4~r}<extra>" + title + "</extra>",
        }
        for key, title, colour in (
            ("by_product", "planned by product", PALETTE[1]),
            ("by_customer", "planned by customer", PALETTE[0]),
        )
    ]
    legend = {"orientation": "h", "y": 1.08, "x": 0, "traceorder": "normal"}
    return {"data": data, "layout": _sideways() | {"barmode": "group", "showlegend": True, "legend": legend}}


def _troubles(scores: pd.DataFrame) -> Iterator[str]:
    """What limits plans break, and which policies have no plan."""
    for row in scores.to_dict(orient="records"):
        if row["status"] != "planned":
            yield f"{row['title']}: {row['status']} ({row['message']})."
        elif row["rules_broken"]:
            yield f"{row['title']} breaks: {row['broken']}."


def _reading() -> Section | None:
    blocks = Blocks()
    blocks.add(
        Prose(
            (
                "Equal budgets mean the same limits for all: budgets, people, capacity and rules. Every policy spends "
                "what these allow, is tried with a few ways to staff and with each programme as early as it may start, "
                "and keeps the limits it can. The optimum may spend less, because it stops where more does "
                "not pay; the spend of both plans stands beside the gain. A gain over a plan that breaks limits is not "
                "at equal budgets, and the limits it breaks are counted beside it.",
                "Planned by product means effort by today's sales (the policy of that name), planned by customer the "
                "best plan. People's time counts at what an hour costs.",
                "Expected customer equity is exact. A life is a simulation with whole customers who move by chance, "
                "hours as they are, and a shock; all plans meet the same shocks in the same life, so their "
                "differences are known better than their equities.",
                "Good enough means: no limit is broken, and the 95% interval ends within 1% of the best plan's "
                "customer equity.",
            )
        )
    )
    return blocks.section("reading", "How to read this")
