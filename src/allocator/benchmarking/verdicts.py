"""What a benchmark says, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

GOOD_ENOUGH = 0.01
"""A policy is good enough where it surely costs no more than this share of the reference's customer equity."""
OPTIMUM = "optimum"
REFERENCES = ("no_effort", "current")
"""Not rules of thumb: what is there already."""


def verdicts(scores: pd.DataFrame, differences: pd.DataFrame, overall: pd.DataFrame) -> tuple[str, ...]:
    """Where rules of thumb are good enough and where not, who is ahead only by breaking a rule."""
    found: list[str] = []
    for scenario in scores["scenario"].drop_duplicates():
        found.extend(_of_scenario(scenario, scores, differences))
    if scores["scenario"].nunique() > 1:
        found.extend(_of_all(overall))
    return tuple(found)


Row = dict[str, Any]


def _rows(frame: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict(orient="records")]


def _of_scenario(scenario: str, scores: pd.DataFrame, differences: pd.DataFrame) -> Iterator[str]:
    if not len(differences):
        return
    mine = differences[(differences["scenario"] == scenario) & ~differences["policy"].isin(REFERENCES)]
    rivals = _rows(mine.merge(scores[["scenario", "policy", "share_of_gain"]], on=["scenario", "policy"]))
    rivals.sort(key=lambda row: float(row["difference"]))
    enough = [row for row in rivals if row["good_enough"]]
    if enough:
        names = ", ".join(f"{row['title']} ({_below(row)})" for row in enough)
        yield f"{scenario}: a rule of thumb is good enough here, surely at most {GOOD_ENOUGH:.0%} below: {names}."
    elif rivals:
        yield f"{scenario}: no rule of thumb is surely within {GOOD_ENOUGH:.0%}. {_nearest(rivals)}"
    for row in rivals:
        if row["rules_broken"] and row["difference"] < 0.0:
            broken = _count(row["rules_broken"], "limit")
            yield f"{scenario}: {row['title']} is {-row['share']:.1%} ahead, but breaks {broken}."


def _below(row: Row) -> str:
    share, gain = float(row["share"]), float(row["share_of_gain"])
    distance = f"{share:.1%} below" if share > 0.0 else f"{-share:.1%} ahead in simulation"
    return distance if math.isnan(gain) else f"{distance}, {gain:.0%} of the gain over no effort"


def _nearest(rivals: list[Row]) -> str:
    keeping = [row for row in rivals if not row["rules_broken"]]
    if not keeping:
        return "None of them keeps every limit."
    row = keeping[0]
    return (
        f"The nearest that keeps every limit is {row['title']}, {_below(row)} "
        f"(95% interval of the difference {row['low']:,.0f} to {row['high']:,.0f})."
    )


def _of_all(overall: pd.DataFrame) -> Iterator[str]:
    rivals = overall[~overall["policy"].isin((*REFERENCES, OPTIMUM))]
    for row in _rows(rivals.sort_values("loss")):
        yield (
            f"{row['title']}: good enough in {row['good_enough']} of {_count(row['scenarios'], 'scenario')}; "
            f"{_percent(row['loss'])} below on average "
            f"(95% interval {_percent(row['loss_low'])} to {_percent(row['loss_high'])}); "
            f"breaks a limit in {row['rules_broken']}."
        )


def _percent(share: float) -> str:
    """One decimal, and no sign on a zero."""
    return f"{round(share, 3) + 0.0:.1%}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
