"""sensitivity.csv, boxes.csv and sensitivity.html: what the plan hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allocator.reporting.blocks import Blocks, Chart, Column, Section, Table
from allocator.reporting.figures import INK, PALETTE, label, wrapped
from allocator.reporting.numbers import money, percent
from allocator.reporting.study import Study
from allocator.reporting.words import by_reason

if TYPE_CHECKING:
    from allocator.solving.swings import Swings

MOST_BARS = 15
"""Bars of the plot, which stands on the first printed page below what the study says; the table has all inputs."""
LABEL = 28
"""Width of a line of a label, in letters."""
_LEAD = (
    "Plan kept: what this plan gives if the input is lower or higher than stated, treatments beyond a capacity scaled "
    "to what fits. Solved again: what the best plan would give then. Adapting is what changing the plan would gain: "
    "an input with a long bar and little to gain need not be known better."
)
_LEAST = (
    "Plan kept: the customer equity that this plan comes to if the input is lower or higher than stated, treatments "
    "beyond a capacity scaled to what fits. Least spend: what the target takes then. Adapting is the spend that "
    "changing the plan would save where it still reaches the target."
)
_KINDS = {
    "response": "the whole curve",
    "margin": "margin per customer, and the terminal value that follows from it",
    "retention": "the odds of staying with us",
}


def swings_study(swings: Swings) -> Study:
    """What the plan hangs on as tables and a page with a plot."""
    tables = {"sensitivity": swings.table} | ({} if swings.boxes.empty else {"boxes": swings.boxes})
    currency = swings.scenario.model.currency
    return Study(
        name="sensitivity",
        heading=f"What the plan hangs on: inputs {percent(swings.change)} lower and higher",
        scenario=swings.scenario.name,
        sentences=_sentences(swings),
        terms=[
            ("least spend" if _spends(swings) else "objective of the plan", money(swings.objective, currency)),
            ("inputs changed", str(len(swings.table))),
            ("solved again", str(swings.solved)),
        ],
        sections=[_plot(swings), _inputs(swings), _boxes(swings)],
        tables=tables,
        facts={"change": swings.change, "objective": swings.objective},
    )


def _sentences(swings: Swings) -> list[str]:
    currency, table = swings.scenario.model.currency, swings.table
    if table.empty:
        return ["The scenario has no response and no segment of ours: there is nothing to change."]
    first = table.iloc[0]
    comes = "it comes to customer equity between" if _spends(swings) else "between"
    found = [
        f"The plan hangs most on the {first['kind']} of {first['input']}: {comes} "
        f"{money(float(first['kept_low']), currency)} and {money(float(first['kept_high']), currency)}."
    ]
    adapting = table.dropna(subset=["adapting"]).sort_values("adapting", ascending=False, kind="stable")
    if len(adapting):
        most = adapting.iloc[0]
        share = float(most["adapting"]) / abs(swings.objective) if swings.objective else 0.0
        verb = "saves" if _spends(swings) else "gains"
        found.append(
            f"Changing the plan {verb} most, {money(float(most['adapting']), currency)} ({percent(share)}), "
            f"where the {most['kind']} of {most['input']} is not as stated."
        )
    solved = swings.boxes.dropna()
    for width, objective, share in solved[["width", "objective", "share_of_free"]].astype(float).to_numpy().tolist():
        within = f"Within {percent(width)} of the current plan's efforts the"
        if _spends(swings):
            found.append(
                f"{within} least spend is {money(objective, currency)}, {percent(share)} of that without a box."
            )
        else:
            found.append(f"{within} best plan gives {money(objective, currency)}, {percent(share)} of the best.")
    return found


def _spends(swings: Swings) -> bool:
    return swings.scenario.objective.kind == "spend"


def _plot(swings: Swings) -> Section | None:
    blocks = Blocks()
    if len(swings.table):
        currency = swings.scenario.model.currency or "money"
        shown = swings.table.head(MOST_BARS)
        lines = max(1 + _name(row).count("<br>") for row in shown.itertuples())
        height = 70 + max(25, 14 * lines) * len(shown)
        most = (
            f", the {MOST_BARS} inputs of {len(swings.table)} that matter most"
            if len(swings.table) > len(shown)
            else ""
        )
        gains = (
            "How much more or less equity this plan comes to" if _spends(swings) else "What this plan gains or loses"
        )
        title = f"{gains} where an input is {percent(swings.change)} lower or higher ({currency})"
        blocks.add(Chart(title + most, _tornado(swings), height))
    return blocks.section("plot", "Plot")


def _name(row: Any) -> str:
    """An input as a label of the plot, in lines short enough to leave room for the bars."""
    words = row.input if row.kind == "response" else f"{row.kind}: {row.input}"
    return label("\n".join(wrapped(words, LABEL))).replace("\n", "<br>")


def _tornado(swings: Swings) -> dict[str, Any]:
    shown = swings.table.head(MOST_BARS).iloc[::-1]
    names = [_name(row) for row in shown.itertuples()]
    sides = (("lower", "kept_low", PALETTE[5]), ("higher", "kept_high", PALETTE[0]))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": side,
            "y": names,
            "x": (shown[column] - swings.kept).tolist(),
            "marker": {"color": colour},
            "hovertemplate": "%{y}<br>" + side + ": %{x:+,.4~r}<extra></extra>",
        }
        for side, column, colour in sides
    ]
    layout = {
        "barmode": "overlay",
        "bargap": 0.3,
        "xaxis": {"fixedrange": True, "exponentformat": "B", "zeroline": True, "zerolinecolor": INK},
        "yaxis": {"type": "category", "automargin": True, "fixedrange": True},
        "margin": {"t": 8, "r": 16, "b": 40, "l": 56},
    }
    return {"data": data, "layout": layout}


def _inputs(swings: Swings) -> Section | None:
    blocks = Blocks()
    unit, spends = swings.scenario.model.currency or "money", _spends(swings)
    columns = [
        Column("kind", "what", "text"),
        Column("input", "input", "text", remark="note"),
        Column("kept_low", f"plan kept, {'equity, ' if spends else ''}input lower ({unit})"),
        Column("kept_high", f"higher ({unit})"),
        Column("solved_low", f"{'least spend' if spends else 'solved again'}, input lower ({unit})"),
        Column("solved_high", f"higher ({unit})"),
        Column("adapting", f"adapting {'saves' if spends else 'gains'} ({unit})"),
    ]
    notes = [
        by_reason(str(note), {"lower": "input lower", "higher": "higher"}) for note in swings.table["note"].fillna("")
    ]
    blocks.add(Table.of(swings.table.assign(note=notes), columns, source="sensitivity.csv"))
    what = "; ".join(f"{kind}: {words}" for kind, words in _KINDS.items())
    return blocks.section("inputs", "Inputs", f"{_LEAST if spends else _LEAD} What is changed: {what}.")


def _boxes(swings: Swings) -> Section | None:
    blocks = Blocks()
    if len(swings.boxes):
        columns = [
            Column("width", "box", "percent"),
            Column("objective", f"objective ({swings.scenario.model.currency or 'money'})"),
            Column("share_of_free", "of the best without a box", "percent" if _spends(swings) else "bar"),
            Column("note", "note", "text"),
        ]
        blocks.add(Table.of(swings.boxes, columns, source="boxes.csv"))
    lead = "The best plan whose efforts stay within a box around the current plan's, per lever, segment and period."
    return blocks.section("boxes", "How wide a box matters", lead)
