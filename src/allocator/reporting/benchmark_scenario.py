"""One scenario's part of benchmark.html: what every policy's plan gives on it, and by how much the best gains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from allocator.reporting.benchmark_figures import boxes, losses, places
from allocator.reporting.blocks import Blocks, Chart, Column, Prose, Section, Table
from allocator.reporting.numbers import column, percent, percents

if TYPE_CHECKING:
    from allocator.benchmarking import Benchmark

_MOST_PLACES = 12
_PLACES_TITLE = "Where money and people's time go over the plan (largest differences first)"
_LOSSES_TITLE = "Customer equity lost against the best, 95 % intervals (hatched: breaks limits)"
_LIVES_TITLE = "Customer equity over the lives of each plan (5, 25, 50, 75 and 95 % of them are below)"
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


def scenario_section(benchmark: Benchmark, name: str, place: int) -> Section | None:
    """Charts, scores, gains and both views of the scenario ``name``, which is at ``place`` among all."""
    scores = benchmark.scores[benchmark.scores["scenario"] == name]
    planned = scores[scores["status"] == "planned"].sort_values("equity", ascending=False, kind="stable")
    unit = benchmark.currencies[name] or "money"
    blocks = Blocks()
    blocks.charts(_charts(benchmark, name, planned, unit))
    if len(planned):
        blocks.add(_scores(planned, unit))
    _add_differences(blocks, benchmark, name, unit)
    _add_two_plans(blocks, benchmark, name, unit)
    _add_views(blocks, benchmark, name, unit)
    blocks.add(*(Prose(tuple(lines)) for lines in [list(_troubles(scores))] if lines))
    return blocks.section(f"scenario-{place + 1}", name, _LEAD if place == 0 else "")


def intervals(low: Sequence[float], high: Sequence[float], *, shares: bool) -> list[str]:
    """95 percent intervals in words, empty where there is none."""
    texts = [percents(values) if shares else column(values) for values in (low, high)]
    known = np.isfinite(low) & np.isfinite(high)
    pairs = zip(*texts, known, strict=True)
    return [f"{first} to {last}".replace(" ", "\N{NO-BREAK SPACE}") if there else "" for first, last, there in pairs]


def _charts(benchmark: Benchmark, name: str, planned: pd.DataFrame, unit: str) -> Iterator[Chart]:
    height = 90 + 26 * len(planned)
    differences = benchmark.differences
    if len(differences):
        mine = differences[differences["scenario"] == name].sort_values("difference", ascending=False)
        if len(mine):
            yield Chart(_LOSSES_TITLE, losses(mine, unit), height)
    titles = {row.policy: row.title for row in planned.iloc[::-1].itertuples()}
    lives = {str(titles[policy]): benchmark.lives[name, str(policy)] for policy in titles}
    if lives:
        yield Chart(_LIVES_TITLE, boxes(lives, unit), height)


def _scores(planned: pd.DataFrame, unit: str) -> Table:
    columns = [
        Column("title", "policy", "text"),
        Column("equity", f"customer equity, expected ({unit})"),
        Column("share_of_optimum", "share of the optimum", "bar"),
        Column("share_of_gain", "share of the gain", "bar"),
        Column("cvar", f"CVaR {percent(float(planned['confidence'].iloc[0]))} ({unit})"),
        Column("loss_probability", "probability of loss", "percent"),
        Column("spend", f"spend ({unit})"),
        Column("hours", "hours"),
        Column("unserved", "without hours", "percent"),
        Column("rules_broken", "limits broken"),
        Column("seconds", "seconds to plan"),
    ]
    return Table.of(planned, columns, title="Scores", source="scores.csv")


def _add_differences(blocks: Blocks, benchmark: Benchmark, name: str, unit: str) -> None:
    if not len(benchmark.differences):
        return
    mine = benchmark.differences[benchmark.differences["scenario"] == name].sort_values("difference")
    if len(mine):
        title = f"Gain of the {_named(benchmark, name, mine['reference'].iloc[0])} at equal budgets, life by life"
        shown = mine.assign(
            gain_interval=intervals(mine["gain_low"].tolist(), mine["gain_high"].tolist(), shares=True),
            money_interval=intervals(mine["low"].tolist(), mine["high"].tolist(), shares=False),
        )
        columns = [
            Column("title", "over", "text"),
            Column("gain", "gain in customer equity (95 % interval)", "percent", remark="gain_interval"),
            Column("difference", f"in {unit} (95 % interval)", remark="money_interval"),
            Column("spend", f"its spend ({unit})"),
            Column("reference_spend", f"spend of the better plan ({unit})"),
            Column("rules_broken", "limits it breaks"),
            Column("good_enough", "good enough", "text"),
        ]
        blocks.add(Table.of(shown, columns, title=title, source="differences.csv"))


def _named(benchmark: Benchmark, scenario: str, policy: str) -> str:
    """The policy's title, as it stands within a sentence."""
    scores = benchmark.scores
    title = str(scores.loc[(scores["scenario"] == scenario) & (scores["policy"] == policy), "title"].iloc[0])
    return title[0].lower() + title[1:]


def _add_views(blocks: Blocks, benchmark: Benchmark, name: str, unit: str) -> None:
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
    title = f"Every plan by products (sales to market share) and by customers ({unit})"
    blocks.add(Table.of(mine, columns, title=title, source="scorecard.csv"))


def _add_two_plans(blocks: Blocks, benchmark: Benchmark, name: str, unit: str) -> None:
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
    title = f"Planned by product, planned by customer ({unit})"
    blocks.add(Table.of(shown, columns, title=title, source="views.csv"))
    placed = benchmark.placements[benchmark.placements["scenario"] == name]
    if len(placed):
        largest = placed.head(_MOST_PLACES)
        blocks.charts([Chart(_PLACES_TITLE, places(largest, unit), 80 + 34 * len(largest))])


def _troubles(scores: pd.DataFrame) -> Iterator[str]:
    """What limits plans break, and which policies have no plan."""
    for row in scores.to_dict(orient="records"):
        if row["status"] != "planned":
            yield f"{row['title']}: {row['status']} ({row['message']})."
        elif row["rules_broken"]:
            yield f"{row['title']} breaks: {row['broken']}."
