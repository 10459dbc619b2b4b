"""assessment.csv, samples.csv, stability.csv and assessment.html: how good a plan really is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from allocator.reporting.blocks import Blocks, Column, Section, Table
from allocator.reporting.numbers import money, percent
from allocator.reporting.study import Study

if TYPE_CHECKING:
    from allocator.solving.assessment import Assessment

_FRESH = (
    "In sample: on the shocks that the scenario plans with. Fresh: on shocks that no plan has seen, with 95 % "
    "confidence intervals."
)
_ADAPTING = (
    " Heads, programmes and channels stay as the plan has them; the treatments are those that are best with these in "
    "each shock scenario. Where none keep all limits, those of the most similar scenario of the plan are carried out."
)
_SAMPLES = (
    "Each sample is drawn anew, as large as the scenario's own; the best plan for it is found and compared with this "
    "plan on the same sample. The mean difference bounds on average what this plan leaves on the table."
)
_STABILITY = (
    "The best plans of the samples beside this plan. What never changes can be decided without waiting for better "
    "knowledge of the market. A change is a range above 1 % of the largest value."
)

_MEANS = " What is committed comes first; efforts, which adapt, are means over the shock scenarios."


def assessment_study(assessment: Assessment) -> Study:
    """What is known of the plan as tables and a page, with the plan."""
    mean, bound = assessment.gap
    tables = {"assessment": assessment.figures, "samples": assessment.gaps, "stability": assessment.stability}
    gap = {"mean": mean, "bound_95": bound} if math.isfinite(bound) else None
    return Study(
        name="assessment",
        heading="How good the plan really is",
        scenario=assessment.scenario.name,
        sentences=_sentences(assessment),
        terms=[("samples planned on", str(len(assessment.gaps)))],
        sections=[_figures(assessment), _gaps(assessment), _stable(assessment)],
        tables=tables,
        facts={"gap_of_the_sample": gap},
        plans={"assessed": assessment.evaluation},
    )


def _sentences(assessment: Assessment) -> list[str]:
    currency, figures = assessment.scenario.model.currency, assessment.figures
    first = figures.iloc[0]
    found = [
        f"On fresh shocks customer equity is {money(float(first['fresh']), currency)} on average, "
        f"between {money(float(first['low']), currency)} and {money(float(first['high']), currency)} with 95 % "
        f"confidence; on the shocks planned with it is {money(float(first['in_sample']), currency)}."
    ]
    if assessment.scenario.risk.recourse and float(figures.iloc[-1]["fresh"]) > 0.0:
        share = percent(float(figures.iloc[-1]["fresh"]))
        found.append(f"On {share} of fresh shocks no treatments keep all limits with what the plan commits to.")
    if not assessment.kept:
        found.append("No treatments keep the rules on customer equity on the fresh shocks; they are left out there.")
    mean, bound = assessment.gap
    if math.isfinite(bound):
        size = abs(assessment.evaluation.objective) or 1.0
        found.append(
            f"Another sample of shocks would have let the best plan be {money(mean, currency)} better on average; "
            f"with 95 % confidence this plan is within {money(bound, currency)} ({percent(bound / size)}) of the best."
        )
    risk = assessment.scenario.risk
    if risk.cvar_floor is not None or risk.chance is not None:
        kept = int(assessment.gaps["keeps_limits"].sum())
        found.append(f"The plan keeps its limits on risk on {kept} of {len(assessment.gaps)} samples.")
    planned, samples = _planned(assessment), len(assessment.gaps)
    if planned < samples:
        found.append(f"On {samples - planned} of {samples} samples no plan at all meets the requirements.")
    stability = assessment.stability
    if planned > 1 and len(stability):
        changing = int(stability["changes"].sum())
        found.append(f"{changing} of {len(stability)} allocations change from sample to sample; the others never do.")
    return found


def _figures(assessment: Assessment) -> Section | None:
    blocks = Blocks()
    unit = assessment.scenario.model.currency or "money"
    columns = [
        Column("figure", f"customer equity ({unit})", "text"),
        Column("in_sample", "in sample", "mixed"),
        Column("fresh", "fresh", "mixed"),
        Column("low", "from (95\N{NO-BREAK SPACE}%)", "mixed"),
        Column("high", "to", "mixed"),
    ]
    blocks.add(Table.of(assessment.figures, columns))
    lead = _FRESH + _ADAPTING if assessment.scenario.risk.recourse else _FRESH
    return blocks.section("figures", "On fresh shocks", lead)


def _gaps(assessment: Assessment) -> Section | None:
    blocks = Blocks()
    unit = assessment.scenario.model.currency or "money"
    columns = [
        Column("sample", "sample"),
        Column("best", f"objective of its best plan ({unit})"),
        Column("plan", f"of this plan ({unit})"),
        Column("gap", f"difference ({unit})"),
        Column("keeps_limits", "this plan keeps the limits", "text"),
    ]
    if len(assessment.gaps):
        blocks.add(Table.of(assessment.gaps, columns, source="samples.csv"))
    return blocks.section("samples", "On other samples", _SAMPLES)


def _planned(assessment: Assessment) -> int:
    """Samples that have a plan."""
    return int(assessment.gaps["best"].notna().sum())


def _stable(assessment: Assessment) -> Section | None:
    if _planned(assessment) < 2:
        return None
    blocks = Blocks()
    table = assessment.stability
    spread = (table["highest"] - table["lowest"]).abs()
    ordered = table.assign(spread=spread).sort_values("spread", ascending=False, kind="stable")
    adapting = assessment.scenario.risk.recourse
    if adapting:
        ordered = pd.concat([ordered[ordered["kind"] != "effort"], ordered[ordered["kind"] == "effort"]])
    columns = [
        Column("kind", "what", "text"),
        Column("name", "name", "text"),
        Column("segment", "segment", "text"),
        Column("period", "period"),
        Column("plan", "this plan"),
        Column("lowest", "lowest"),
        Column("mean", "mean"),
        Column("highest", "highest"),
    ]
    for title, part in (("What changes", ordered[ordered["changes"]]), ("What never changes", _used(ordered))):
        if len(part):
            blocks.add(Table.of(part, columns, title=title, source="stability.csv"))
    return blocks.section("stability", "Stability", _STABILITY + (_MEANS if adapting else ""))


def _used(table: pd.DataFrame) -> pd.DataFrame:
    """What never changes and is done at all, the largest first."""
    return table[~table["changes"] & (table["highest"] > 0.0)].sort_values("highest", ascending=False, kind="stable")
