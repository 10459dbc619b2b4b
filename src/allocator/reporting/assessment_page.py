"""assessment.csv, samples.csv, stability.csv and assessment.html: how good a plan really is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from allocator.reporting.blocks import Blocks, Column, Section, Table
from allocator.reporting.numbers import money, number, percent
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
_AIMED = (
    " This plan comes to another {target} on each sample. It is brought to the target at the price that the target has "
    "in the best plan of the sample."
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
    recourse = assessment.scenario.risk.recourse
    if recourse and float(figures.iloc[-1]["fresh"]) > 0.0:
        share = percent(float(figures.iloc[-1]["fresh"]))
        found.append(f"On {share} of fresh shocks no treatments keep all limits with what the plan commits to.")
    if not assessment.kept:
        found.append(
            "No treatments keep the rules on customer equity on the fresh shocks; they are left out there."
            if recourse
            else "On the fresh shocks this plan does not keep all rules on customer equity."
        )
    found += [*_aim(assessment), *_gap(assessment)]
    limits = _limits(assessment)
    if limits and len(assessment.gaps):
        kept = int(assessment.gaps["keeps_limits"].sum())
        found.append(f"The plan keeps {' and '.join(limits)} on {kept} of {len(assessment.gaps)} samples.")
    planned, samples = _planned(assessment), len(assessment.gaps)
    if planned < samples:
        found.append(f"On {samples - planned} of {samples} samples no plan at all meets the requirements.")
    stability = assessment.stability
    if planned > 1 and len(stability):
        changing = int(stability["changes"].sum())
        found.append(f"{changing} of {len(stability)} allocations change from sample to sample; the others never do.")
    return found


def _aim(assessment: Assessment) -> Iterator[str]:
    """Whether the target of the objective is reached on the fresh shocks."""
    scenario, target = assessment.scenario, assessment.target
    if target is None:
        return
    spends = scenario.objective.kind == "spend"
    aim = f"equity of {money(target.limit, scenario.model.currency)}" if spends else f"return of {number(target.limit)}"
    row = assessment.figures["figure"] == ("mean" if spends else "return on spend")
    value, low, high = assessment.figures.loc[row, ["fresh", "low", "high"]].to_numpy(dtype=float)[0].tolist()
    if math.isnan(value):
        yield "The plan spends no more than no effort does: there is no return on spend."
    elif scenario.risk.recourse and target.violation() is not None:
        yield (
            f"No treatments reach the {aim} on the fresh shocks with what the plan commits to: those that earn the "
            "most are taken."
        )
    elif scenario.risk.recourse:
        yield f"Treatments reach the {aim} on the fresh shocks."
    elif low > target.limit or high < target.limit:
        yield f"The {aim} is {'reached' if low > target.limit else 'missed'} on fresh shocks, beyond chance."
    else:
        yield f"Whether the {aim} is reached on fresh shocks is a matter of chance: the interval holds it."


def _gap(assessment: Assessment) -> Iterator[str]:
    """How far from the best the plan can be."""
    mean, bound = assessment.gap
    if not math.isfinite(bound):
        return
    currency, size = assessment.scenario.model.currency, abs(assessment.evaluation.objective) or 1.0
    near = f"with 95 % confidence this plan is within {money(bound, currency)} ({percent(bound / size)}) of the"
    if assessment.scenario.objective.kind == "spend":
        yield (
            f"Another sample of shocks would have let the best plan spend {money(mean, currency)} less on average; "
            f"{near} least spend."
        )
    else:
        yield (
            f"Another sample of shocks would have let the best plan be {money(mean, currency)} better on average; "
            f"{near} best."
        )


def _limits(assessment: Assessment) -> list[str]:
    """What the plan may keep on one sample and break on another."""
    risk = assessment.scenario.risk
    found = ["its limits on risk"] if risk.cvar_floor is not None or risk.chance is not None else []
    found += ["the rules on customer equity"] if assessment.shared else []
    return found if assessment.target is None else [*found, "the target"]


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
    kind = assessment.scenario.objective.kind
    columns = [
        Column("sample", "sample"),
        Column("best", f"{'least spend on it' if kind == 'spend' else 'objective of its best plan'} ({unit})"),
        Column("plan", f"of this plan ({unit})"),
        Column("gap", f"difference{' at the target' if kind != 'equity' else ''} ({unit})"),
        Column("keeps_limits", "this plan keeps the limits", "text"),
    ]
    if kind != "equity":
        columns.insert(3, Column("target", f"its equity ({unit})" if kind == "spend" else "its return on spend"))
    if len(assessment.gaps):
        blocks.add(Table.of(assessment.gaps, columns, source="samples.csv"))
    lead = _SAMPLES if kind == "equity" else _SAMPLES + _AIMED.format(target="equity" if kind == "spend" else "return")
    return blocks.section("samples", "On other samples", lead)


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
