"""report.html: what stands in it, that it fetches nothing, and that names stay names."""

from __future__ import annotations

import dataclasses
import html
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import synthetic

from allocator.domain.evaluation import Violation
from allocator.domain.result import Result
from allocator.reporting import write
from allocator.reporting.advice import advice
from allocator.reporting.blocks import Chart, Charts, Column, Grid, Prose, Table
from allocator.reporting.figures import PALETTE, stacked_bars
from allocator.reporting.sections import allocation, further, warnings
from allocator.reporting.sections import channels as channels_section
from allocator.reporting.sections.market import scorecard
from allocator.reporting.summary import summary
from allocator.reporting.tables import output_tables
from allocator.reporting.view import View
from allocator.reporting.worth import priced_limits

DIGESTS = {"scenarios/电信.yaml": "ab" * 32}
OPTIONAL = {"limits", "market", "channels", "programmes", "rules", "risk", "shocks", "further"}
PACKED = re.compile(r'<script type="application/octet-stream" id="plotly-packed">.*?</script>', re.DOTALL)


def page(result: Result, folder: Path) -> Path:
    return write(result, folder / "out", digests=DIGESTS, resolved="", xlsx=False)


def text_of(path: Path) -> str:
    """The page without plotly."""
    text, removed = PACKED.subn("", path.read_text(encoding="utf-8"))
    assert removed == 1
    return text


def view(result: Result) -> View:
    return View(result, output_tables(result), summary(result, DIGESTS))


def section_keys(text: str) -> set[str]:
    return set(re.findall(r'<section id="(\w+)"', text))


def test_the_page_fetches_nothing(full: Result, tmp_path: Path) -> None:
    text = text_of(page(full, tmp_path))
    assert not re.findall(r"https?:|src=|@import|url\(", text)
    assert re.findall(r'<link [^>]*href="([^"]*)"', text) == ["data:,"]


def test_names_are_shown_and_never_markup(full: Result, tmp_path: Path) -> None:
    text = text_of(page(full, tmp_path))
    for name in ("金卡客户", "客户拜访", "服务台", "市场费用", "电信增长"):
        assert name in text
    assert html.escape('<b>&"x"').replace("&quot;", "&#34;") in text
    assert '<b>&"x"' not in text


def test_the_decision_is_said_in_numbers_and_words(full: Result, tmp_path: Path) -> None:
    text = html.unescape(text_of(page(full, tmp_path))).replace("\N{NO-BREAK SPACE}", " ")
    for part in (
        "CNY 151.23 million",
        "CNY 140.1 million",
        "CNY 121.7 million",
        "+CNY 29.53 million",
        "no plan can be more than 0.004 % better",
        "8 quarters",
        "10 % a year",
        "allocator run scenarios/电信.yaml",
    ):
        assert part in text


def test_sections_without_content_disappear(full: Result, plain: Result, tmp_path: Path) -> None:
    complete = section_keys(text_of(page(full, tmp_path)))
    bare = section_keys(text_of(page(plain, tmp_path)))
    assert complete - bare == OPTIONAL
    assert bare == {"decision", "allocation", "capacity", "money", "customers", "equity", "glossary", "provenance"}


def test_what_does_not_hold_is_said(full: Result, tmp_path: Path) -> None:
    breach = Violation("budget", "市场费用", 3, 2.5e6, 2.6e6, 1e5)
    broken = dataclasses.replace(full.evaluation, violations=(breach,), scaled=("Field sales was cut to 90 %.",))
    text = text_of(page(dataclasses.replace(full, evaluation=broken), tmp_path))
    assert "budget `市场费用` in period 3" in text
    assert "Field sales was cut to 90 %." in text


def test_a_long_list_of_breaches_is_cut(full: Result) -> None:
    breaches = tuple(Violation("coverage", "reach", t, 0.5, 0.0, 0.5) for t in range(1, 101))
    broken = dataclasses.replace(full, evaluation=dataclasses.replace(full.evaluation, violations=breaches))
    section = warnings.section(view(broken))
    assert section is not None
    listed = section.blocks[1]
    assert isinstance(listed, Prose)
    assert listed.sentences[-1] == "And 70 more, which summary.json lists."


def test_a_plan_without_effort_or_heads_is_a_page_too(plain: Result, tmp_path: Path) -> None:
    tables = plain.evaluation.tables
    idle = dataclasses.replace(
        tables,
        allocation=tables.allocation.iloc[:0],
        treatments=tables.treatments.iloc[:0],
        resources=tables.resources.iloc[:0],
        cash=tables.cash.iloc[:0],
    )
    result = dataclasses.replace(plain, evaluation=dataclasses.replace(plain.evaluation, tables=idle))
    text = text_of(page(result, tmp_path))
    assert section_keys(text) == {"decision", "customers", "equity", "glossary", "provenance"}
    assert "Nobody gets any effort in quarter 1." in text


def test_advice_names_effort_heads_programmes_and_what_binds(full: Result) -> None:
    sentences = [sentence.replace("\N{NO-BREAK SPACE}", " ") for sentence in advice(view(full))]
    assert 3 <= len(sentences) <= 6
    assert sentences[0].startswith("Follow this plan rather than the current plan: customer equity rises by CNY 11.13")
    assert "Heads change: field_sales from 40 to 45 by quarter 5 and 服务台 from 25 to 22 by quarter 7." in sentences
    assert "Start data_cleaning in quarter 1 and single_customer_view in quarter 2." in sentences
    # field_sales in quarter 1: 17,220 hours at 310.5, so one percent is 172.2 x 310.5 = 53,468.1.
    assert sentences[-1].endswith("one percent more of it changes customer equity by +CNY 53,468.")


def test_heads_that_go_down_before_they_go_up_are_said(full: Result) -> None:
    # field_sales goes from 40 to 45; with 30 in quarter 2 the two ends alone would hide the way.
    resources = full.evaluation.tables.resources.copy()
    resources.loc[(resources["resource"] == "field_sales") & (resources["period"] == 2), "headcount"] = 30
    tables = dataclasses.replace(full.evaluation.tables, resources=resources)
    changed = dataclasses.replace(full, evaluation=dataclasses.replace(full.evaluation, tables=tables))
    assert "field_sales from 40 to 45 by quarter 5 (with 30 in quarter 2)" in " ".join(advice(view(changed)))


def test_money_and_hours_of_channels_are_not_added_up(full: Result) -> None:
    model = full.scenario.model
    name, spent = next(iter(model.channels)), {"input": "field_sales"}
    channels = model.channels | {name: model.channels[name].model_copy(update=spent)}
    hours = full.scenario.model_copy(update={"model": model.model_copy(update={"channels": channels})})
    section = channels_section.section(view(dataclasses.replace(full, scenario=hours)))
    assert section is not None
    drawn = section.blocks[0]
    assert isinstance(drawn, Charts)
    assert {chart.title for chart in drawn.charts} <= {"Spend (hours)", "Spend (CNY)", "New customers"}
    assert "Spend (hours)" in {chart.title for chart in drawn.charts}


def test_what_other_limits_are_worth_is_said_in_words(full: Result) -> None:
    row = {"requirement": "budget `mail`", "limit": 5.0, "unit": "money", "price": 2.0, "holds_from": 4.0}
    row |= {"holds_to": 6.0, "minus_1": -2.0, "plus_1": float("nan"), "plus_5_percent": float("nan")}
    note = "plus 1: no time left; plus 5 percent: no time left"
    section = further.section(
        view(dataclasses.replace(full, further={"relaxation": pd.DataFrame([row | {"note": note}])}))
    )
    assert section is not None
    table = section.blocks[0]
    assert isinstance(table, Table)
    assert [column.heading for column in table.columns][-3:] == [
        "gain by 1 less (CNY)",
        "gain by 1 more (CNY)",
        "gain by 5 % more (CNY)",
    ]
    assert table.rows[0][0].remark == "1 more, 5 % more: no time left"
    assert table.rows[0][2].text == "CNY"


def test_a_plan_as_good_as_the_current_one_says_so(full: Result) -> None:
    same = dataclasses.replace(full, current_plan=full.evaluation)
    assert advice(view(same))[0].startswith("The plan is worth as much as the current plan")


def test_limits_are_in_the_order_of_what_one_percent_is_worth(full: Result) -> None:
    priced = priced_limits(view(full))
    assert priced["one_percent"].abs().is_monotonic_decreasing
    assert set(priced["what"]) == {"budget", "resource", "rule (at least)"}
    rule = priced[priced["name"] == "gold stays"].iloc[0]
    assert (rule["price"], rule["one_percent"]) == (-812.0, -812.0 * 9.0)
    assert "all money" not in set(priced["name"])


def test_a_budget_of_nothing_still_shows_its_worth(full: Result) -> None:
    budgets = full.evaluation.tables.budgets.assign(amount=0.0, at_least=None, used=0.0)
    tables = dataclasses.replace(full.evaluation.tables, budgets=budgets)
    result = dataclasses.replace(full, evaluation=dataclasses.replace(full.evaluation, tables=tables))
    priced = priced_limits(view(result))
    assert (priced["what"] == "budget").sum() == synthetic.HORIZON


def test_the_scorecard_sets_equity_share_beside_sales() -> None:
    # One segment each: we have 100 customers at margin 4 and revenue 10, the rival 300 at margin 2 and revenue 5.
    # Nobody moves and nobody leaves but half of each, so V = m + beta/2 V. One period of a year, rate 0.25:
    # beta = 0.8, V = m / 0.6, weight_2 = 0.8; at the end 50 and 150 customers remain.
    segments = [
        {"segment": "a", "customers": 100, "margin": 4.0, "revenue": 10.0},
        {"segment": "b", "customers": 300, "margin": 2.0, "revenue": 5.0, "owner": "rival"},
        {"segment": "c", "customers": 900, "margin": 1.0, "owner": "market"},
    ]
    model = {"model": "m", "period": "year", "discount_rate": 0.25, "segments": segments}
    model["transitions"] = [{"from": name, "to": name, "probability": 0.5} for name in "abc"]
    scenario = synthetic.scenario(model=model, horizon=1, budgets=[], rules=[], risk={})
    customers = pd.DataFrame(
        [(name, t, n / t, 0.0) for name, n in (("a", 100), ("b", 300), ("c", 900)) for t in (1, 2)],
        columns=["segment", "period", "customers", "acquired"],
    )
    margin = pd.DataFrame(
        [("a", 1, "us", 400.0), ("b", 1, "rival", 600.0)], columns=["segment", "period", "owner", "margin"]
    )
    tables = dataclasses.replace(synthetic.plain_result().evaluation.tables, customers=customers, margin=margin)
    ours = 400.0 + 0.8 * 50 * 4.0 / 0.6
    rival = 600.0 + 0.8 * 150 * 2.0 / 0.6
    evaluation = synthetic.evaluation(with_tables=tables, margin=400.0, terminal_value=ours - 400.0)
    card = scorecard(view(synthetic.result(scenario=scenario, evaluation=evaluation, further={})), ["us", "rival"])
    assert card["equity"].tolist() == pytest.approx([ours, rival])
    assert card["equity_share"].tolist() == pytest.approx([0.4, 0.6])
    assert card["sales_share"].tolist() == pytest.approx([0.4, 0.6])
    assert card["customers_share"].tolist() == pytest.approx([0.25, 0.75])
    assert card["margin_share"].tolist() == pytest.approx([0.4, 0.6])


def test_every_chart_has_its_legend_with_names_as_they_are(full: Result, tmp_path: Path) -> None:
    legends = re.findall(r"</i>(.*?)</li>", text_of(page(full, tmp_path)))
    assert {"金卡客户", "服务台", '&lt;b&gt;&amp;"x"'} <= set(legends)


def test_a_legend_shows_how_each_trace_is_drawn() -> None:
    # Bars in the palette's first colour, their limit as a line in the colour of the text.
    chart = Chart("Hours", stacked_bars([1, 2], {"a<b": [1.0, 2.0]}, "hours", "month", {"available": [3.0, 3.0]}))
    assert [(str(entry.name), entry.colour, entry.mark) for entry in chart.legend] == [
        ("a&lt;b", PALETTE[0], "bar"),
        ("available", "currentColor", "line"),
    ]


def test_many_periods_are_not_all_named() -> None:
    # 40 periods at no more than 16 names: every third.
    assert stacked_bars(range(1, 41), {}, "hours", "month")["layout"]["xaxis"]["dtick"] == 3
    assert stacked_bars(range(1, 13), {}, "hours", "month")["layout"]["xaxis"]["dtick"] == 1


def test_a_grid_of_many_periods_is_in_parts_as_wide_as_a_page() -> None:
    # Cells are 4 characters and a gap: 110 / 5 = 22 periods fit, so 40 are shown as twice 20.
    wide = pd.DataFrame([[0.25] * 40], index=["gold"], columns=range(1, 41))
    grid = Grid.of(wide, title="visits", corner="segment", period="month")
    assert [part.periods[0] + ".." + part.periods[-1] for part in grid.parts] == ["1..20", "21..40"]
    assert [len(cells) for part in grid.parts for _, cells in part.rows] == [20, 20]
    assert len(Grid.of(wide.iloc[:, :20], title="visits", corner="segment", period="month").parts) == 1


def test_rows_that_are_left_out_are_counted() -> None:
    frame = pd.DataFrame({"x": range(65)})
    assert Table.of(frame, [Column("x", "x")], source="x.csv").note == "5 more rows are in x.csv."
    assert Table.of(frame, [Column("x", "x")]).note == "5 more rows are not shown."


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no browser here")
def test_a_browser_draws_every_chart_without_complaint(full: Result, tmp_path: Path) -> None:
    opened = page(full, tmp_path)
    flags = [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", "--virtual-time-budget=20000"),
        *("--enable-logging=stderr", f"--user-data-dir={tmp_path / 'browser'}", "--dump-dom"),
    ]
    done = subprocess.run(
        [str(CHROMIUM), *flags, opened.as_uri()],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    dom = done.stdout
    charts = dom.count('class="chart')
    assert charts >= 12
    assert 'data-charts="drawn"' in dom
    drawn = re.findall(r'<div class="chart[^"]*"[^>]*>.*?class="main-svg"', dom, re.DOTALL)
    assert len(drawn) == charts
    assert "legendtext" not in dom


def test_treatments_that_are_nearly_the_same_are_shown_as_one(full: Result) -> None:
    # Of at most 4 visits, 1.00 and 1.05 differ by 1.25 %: together (30 x 1.00 + 10 x 1.05) / 40. No visits are not few.
    lever, most = next((name, lever.effort.max) for name, lever in full.scenario.model.levers.items())
    efforts = [0.25 * most, 0.2625 * most, 0.5 * most, 0.0, 0.01 * most, 0.25 * most]
    table = pd.DataFrame({"segment": ["gold"] * 5 + ["silver"], "programmes": "", "customers": [30.0, 10, 5, 5, 5, 7]})
    column = f"effort:{lever}"
    table[column] = efforts
    shown = allocation._alike_as_one(view(full), table, [column])
    assert shown["customers"].tolist() == [40.0, 5.0, 5.0, 5.0, 7.0]
    assert shown[f"effort:{lever}"].tolist() == pytest.approx(
        [each * most for each in (0.253125, 0.5, 0.0, 0.01, 0.25)]
    )
