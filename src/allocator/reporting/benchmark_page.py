"""benchmark.html: policies against each other, for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from allocator.benchmarking.entries import OPTIMUM
from allocator.reporting.benchmark_scenario import intervals, scenario_section
from allocator.reporting.blocks import Blocks, Column, Prose, Section, Table
from allocator.reporting.rendering import render

if TYPE_CHECKING:
    from allocator.benchmarking import Benchmark

PAGE = "benchmark.html"
_SHOCKS = {"fresh": "that no policy saw", "given": "those of the scenario", None: "none"}
_READING = (
    "Equal budgets mean the same limits for all: budgets, people, capacity and rules. Every policy spends what these "
    "allow, is tried with a few ways to staff and with each programme as early as it may start, and keeps the limits "
    "it can. The optimum may spend less, because it stops where more does not pay; the spend of both plans stands "
    "beside the gain. A gain over a plan that breaks limits is not at equal budgets, and the limits it breaks are "
    "counted beside it.",
    "Planned by product means effort by today's sales (the policy of that name), planned by customer the best plan. "
    "People's time counts at what an hour costs.",
    "Expected customer equity is exact. A life is a simulation with whole customers who move by chance, hours as they "
    "are, and a shock; all plans meet the same shocks in the same life, so their differences are known better than "
    "their equities.",
    "Good enough means: no limit is broken, and the 95 % interval ends within 1 % of the best plan's customer equity.",
)


def write_benchmark_page(benchmark: Benchmark, folder: Path) -> Path:
    """Write benchmark.html into ``folder`` and return its path."""
    scenarios = [str(name) for name in benchmark.scores["scenario"].drop_duplicates()]
    about_one = tuple(f"{name}: " for name in scenarios)
    first = [sentence for sentence in benchmark.verdicts if sentence.startswith(about_one)]
    found = [
        _overall(benchmark, [sentence for sentence in benchmark.verdicts if sentence not in first]),
        *(scenario_section(benchmark, name, place) for place, name in enumerate(scenarios)),
        Section("reading", "How to read this", (Prose(_READING),)),
    ]
    page = render(
        "study.html",
        kicker="Policies against each other",
        heading="Benchmark",
        sentences=first,
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


def _overall(benchmark: Benchmark, sentences: list[str]) -> Section | None:
    """Every policy over all scenarios, where there are several, and what is said of it."""
    if len(benchmark.currencies) < 2:
        return None
    table = benchmark.overall.sort_values("share_of_optimum", ascending=False, kind="stable")
    shown = table.assign(
        interval=intervals(table["gain_low"].tolist(), table["gain_high"].tolist(), shares=True),
        good_enough=table["good_enough"].astype(float).where(table["policy"] != OPTIMUM),
    )
    columns = [
        Column("title", "policy", "text"),
        Column("scenarios", "scenarios"),
        Column("share_of_optimum", "share of the optimum, mean", "bar"),
        Column("lowest_share", "lowest", "percent"),
        Column("share_of_gain", "share of the gain, mean", "bar"),
        Column("kept", "keeps every limit in"),
        Column("gain", "gain over it there, mean (95 % interval)", "percent", remark="interval"),
        Column("good_enough", "good enough in"),
        Column("seconds", "seconds to plan"),
    ]
    blocks = Blocks()
    blocks.add(Table.of(shown, columns, source="overall.csv"), Prose(tuple(sentences)))
    return blocks.section("overall", "All scenarios")
