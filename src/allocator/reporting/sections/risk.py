"""Risk: how customer equity spreads over the shock scenarios."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.domain.evaluation import Evaluation
from allocator.reporting.blocks import Blocks, Chart, Column, Prose, Section, Table
from allocator.reporting.figures import cumulative, histogram
from allocator.reporting.numbers import percent
from allocator.reporting.statistics import PERCENTILES, probability_of_reaching
from allocator.reporting.view import View


def section(view: View) -> Section | None:
    """Sentences, both views of the distribution, and its percentiles."""
    risk = view.tables["risk"]
    blocks = Blocks()
    if risk.empty:
        return None
    statistics = view.facts["risk"]
    blocks.add(Prose(tuple(_sentences(view))))
    marks = {"mean": statistics["mean"]}
    if view.result.evaluation.cvar is not None:
        marks[f"CVaR {percent(view.scenario.risk.confidence)}"] = view.result.evaluation.cvar
    ordered = risk.sort_values("equity", kind="stable")
    equity, probability = ordered["equity"].tolist(), ordered["probability"].to_numpy(dtype=float)
    reached = np.cumsum(probability / probability.sum()).tolist()
    unit = f"customer equity ({view.currency})"
    blocks.charts(
        [
            Chart("Probability by customer equity", histogram(equity, probability.tolist(), marks, unit)),
            Chart("Probability that equity is at most", cumulative(equity, reached, marks, unit)),
        ]
    )
    rows = {"mean": "mean", "standard_deviation": "standard deviation", "worst": "worst scenario"}
    rows |= {f"percentile_{percentile}": f"percentile {percentile}" for percentile in PERCENTILES}
    rows["best"] = "best scenario"
    shown = pd.DataFrame({"what": rows.values(), "equity": [statistics[key] for key in rows]})
    columns = [Column("what", "over the scenarios", "text"), Column("equity", unit)]
    blocks.add(Table.of(shown, columns, title="Customer equity over the shock scenarios"))
    return blocks.section("risk", "Risk")


def _sentences(view: View) -> list[str]:
    risk, evaluation, wanted = view.tables["risk"], view.result.evaluation, view.scenario.risk
    found = [f"{len(risk):,} shock scenarios vary what customers earn; costs do not vary."]
    if evaluation.cvar is not None:
        worst = percent(1.0 - wanted.confidence)
        floor = f", at least {view.money(wanted.cvar_floor)} as asked" if wanted.cvar_floor is not None else ""
        found.append(f"In the worst {worst} customer equity is {view.money(evaluation.cvar)} on average (CVaR){floor}.")
    if wanted.chance is not None:
        reached = percent(probability_of_reaching(risk, wanted.chance.target))
        asked = percent(wanted.chance.probability)
        found.append(f"{view.money(wanted.chance.target)} is reached with probability {reached}; asked is {asked}.")
    if view.result.current_plan is not None:
        found += _against_current_plan(risk, view.result.current_plan)
    return found


def _against_current_plan(risk: pd.DataFrame, current: Evaluation) -> list[str]:
    """How often the plan loses against the current one in the same scenarios."""
    pairs = risk.merge(current.tables.risk[["scenario", "equity"]], on="scenario", suffixes=("", "_current"))
    if len(pairs) != len(risk):
        return []
    loses = pairs["equity"] < pairs["equity_current"]
    chance = pairs.loc[loses, "probability"].sum() / pairs["probability"].sum()
    if chance == 0.0:
        return ["The plan is better than the current plan in every scenario."]
    return [f"The plan earns less than the current plan in scenarios of {percent(chance)} probability."]
