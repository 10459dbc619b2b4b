"""Risk: how customer equity spreads over the shock scenarios."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.reporting.blocks import Blocks, Chart, Column, Prose, Section, Table
from allocator.reporting.figures import cumulative, histogram
from allocator.reporting.numbers import percent
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
    rows |= {f"percentile_{share}": f"percentile {share}" for share in (5, 50, 95)} | {"best": "best scenario"}
    shown = pd.DataFrame({"what": rows.values(), "equity": [statistics[key] for key in rows]})
    columns = [Column("what", "over the scenarios", "text"), Column("equity", unit)]
    blocks.add(Table.of(shown, columns, title="Customer equity over the shock scenarios"))
    return blocks.section("risk", "Risk")


def _sentences(view: View) -> list[str]:
    statistics, evaluation, wanted = view.facts["risk"], view.result.evaluation, view.scenario.risk
    found = [f"{len(view.tables['risk']):,} shock scenarios vary what customers earn; costs do not vary."]
    if evaluation.cvar is not None:
        worst = percent(1.0 - wanted.confidence)
        floor = f", at least {view.money(wanted.cvar_floor)} as asked" if wanted.cvar_floor is not None else ""
        found.append(f"In the worst {worst} customer equity is {view.money(evaluation.cvar)} on average (CVaR){floor}.")
    if wanted.chance is not None:
        reached, asked = percent(1.0 - statistics["below_target"]), percent(wanted.chance.probability)
        found.append(f"{view.money(wanted.chance.target)} is reached with probability {reached}; asked is {asked}.")
    if statistics["below_other"] is not None:
        found.append(_against_current_plan(statistics["below_other"]))
    return found


def _against_current_plan(chance: float) -> str:
    """How often the plan loses against the current one in the same scenarios."""
    if chance == 0.0:
        return "The plan earns at least as much as the current plan in every scenario."
    return f"The plan earns less than the current plan with probability {percent(chance)}."
