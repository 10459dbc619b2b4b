"""What a benchmark says, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from allocator.benchmarking.entries import OPTIMUM
from allocator.benchmarking.views import moved_share

GOOD_ENOUGH = 0.01
"""A policy is good enough where it surely costs no more than this share of the reference's customer equity."""
REFERENCES = ("no_effort", "current")
"""Not rules of thumb: what is there already."""
_SAID = {"lifetime_value": "CLV", "sales": "sales", "product_margin": "product margin", "market_share": "market share"}
_SHARES = ("market_share", "customer_equity_share")


def verdicts(
    scores: pd.DataFrame,
    differences: pd.DataFrame,
    overall: pd.DataFrame,
    views: pd.DataFrame,
    placements: pd.DataFrame,
    currencies: Mapping[str, str],
) -> tuple[str, ...]:
    """How much is gained on rules of thumb, where they are good enough, who is ahead only by breaking a limit."""
    found: list[str] = []
    for scenario in scores["scenario"].drop_duplicates():
        found.extend(_of_scenario(scenario, scores, differences))
        seen = {row["measure"]: row for row in _rows(views[views["scenario"] == scenario])}
        if seen:
            placed = placements[placements["scenario"] == scenario]
            found.append(_of_views(scenario, seen, placed, currencies[scenario]))
    if scores["scenario"].nunique() > 1:
        found.extend(_of_all(overall))
    return tuple(found)


Row = dict[str, Any]


def _rows(frame: pd.DataFrame) -> list[Row]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict(orient="records")]


def _of_scenario(scenario: str, scores: pd.DataFrame, differences: pd.DataFrame) -> Iterator[str]:
    if not len(differences) or scenario not in set(differences["scenario"]):
        return
    best = _best_equity(scenario, scores, differences)
    mine = differences[(differences["scenario"] == scenario) & ~differences["policy"].isin(REFERENCES)]
    rivals = _rows(mine.merge(scores[["scenario", "policy", "equity", "share_of_gain"]], on=["scenario", "policy"]))
    rivals.sort(key=lambda row: float(row["difference"]))
    keeping = [row for row in rivals if not row["rules_broken"]]
    enough = [row for row in keeping if row["good_enough"]]
    if enough:
        names = "; ".join(f"{row['title']} ({_gain(row)})" for row in enough)
        yield f"{scenario}: a simpler policy is good enough here, surely at most {GOOD_ENOUGH:.0%} below: {names}."
    elif rivals:
        yield f"{scenario}: no simpler policy is surely within {GOOD_ENOUGH:.0%}. {_nearest(keeping)}"
    others = [row for row in keeping if not row["good_enough"]]
    if others and (enough or len(others) > 1):
        yield f"{scenario}: {_span(others, bool(enough))}."
    for row in rivals:
        ahead = float(row["equity"]) / best - 1.0
        if row["rules_broken"] and ahead > 0.0:
            yield f"{scenario}: {row['title']} is {ahead:.1%} ahead, but breaks {_count(row['rules_broken'], 'limit')}."


def _best_equity(scenario: str, scores: pd.DataFrame, differences: pd.DataFrame) -> float:
    """Expected equity of the plan that the others are compared with."""
    name = differences.loc[differences["scenario"] == scenario, "reference"].iloc[0]
    return float(scores.loc[(scores["scenario"] == scenario) & (scores["policy"] == name), "equity"].iloc[0])


def _gain(row: Row) -> str:
    """The reference's gain over a policy, with its interval and what the policy keeps of the gain over no effort."""
    interval = f"gain over it {_percent(row['gain'])}, 95% interval {_percent(row['gain_low'])} to "
    kept = "" if math.isnan(row["share_of_gain"]) else f", {row['share_of_gain']:.0%} of the gain over no effort"
    return f"{interval}{_percent(row['gain_high'])}{kept}"


def _nearest(keeping: list[Row]) -> str:
    if not keeping:
        return "None of them keeps every limit."
    return f"The nearest that keeps every limit is {keeping[0]['title']} ({_gain(keeping[0])})."


def _span(rows: list[Row], others_are_enough: bool) -> str:
    """From which gain to which, over policies that keep every limit; the nearest to the reference comes first."""
    low, high = rows[0], rows[-1]
    interval = f"95% interval {_percent(high['gain_low'])} to {_percent(high['gain_high'])}"
    but = " but are not good enough" if others_are_enough else ""
    if len(rows) == 1:
        return f"the gain over {high['title']} is {_percent(high['gain'])} ({interval})"
    return (
        f"over the policies that keep every limit{but}, the gain runs from {_percent(low['gain'])} ({low['title']}) to "
        f"{_percent(high['gain'])} ({high['title']}, {interval})"
    )


def _of_views(scenario: str, seen: Mapping[str, Row], placed: pd.DataFrame, currency: str) -> str:
    """What planning by customer instead of by product changes, in money."""
    equity = _more(seen["customer_equity"], currency)
    text = f"{scenario}: planned by customer instead of by product, customer equity is {equity}"
    others = [
        f"{name} {_more(seen[key], currency)}" for key, name in _SAID.items() if key in seen and _differs(seen[key])
    ]
    text += f"; {', '.join(others)}" if others else ""
    moved = moved_share(placed)
    return text + ("." if math.isnan(moved) else f"; {moved:.0%} of the money and time go elsewhere.")


def _differs(row: Row) -> bool:
    """Whether a measure differs by more than what is shown of it."""
    least = 5e-4 if row["measure"] in _SHARES else 0.5
    return abs(float(row["difference"])) >= least


def _more(row: Row, currency: str) -> str:
    """A difference in the measure's own unit, and in percent."""
    difference, change = float(row["difference"]), float(row["change"])
    side = "higher" if difference >= 0.0 else "lower"
    if row["measure"] in _SHARES:
        return f"{abs(difference) * 100:.1f} points {side}"
    percent = "" if math.isnan(change) else f" ({abs(change):.1%})"
    return f"{f'{currency} {abs(difference):,.0f}'.lstrip()}{percent} {side}"


def _of_all(overall: pd.DataFrame) -> Iterator[str]:
    rivals = overall[~overall["policy"].isin((*REFERENCES, OPTIMUM))]
    for row in _rows(rivals.sort_values("share_of_optimum", ascending=False)):
        gain = (
            f"where it keeps every limit, in {row['kept']}, the gain over it is {_percent(row['gain'])} on average "
            f"(95% interval {_percent(row['gain_low'])} to {_percent(row['gain_high'])})"
        )
        kept = "it always breaks a limit" if math.isnan(row["gain"]) else gain
        yield f"{row['title']}: good enough in {row['good_enough']} of {_count(row['scenarios'], 'scenario')}; {kept}."


def _percent(share: float) -> str:
    """Two decimals, and no sign on a zero."""
    return f"{round(share, 4) + 0.0:.2%}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
