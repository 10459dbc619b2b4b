"""What to do, in a few sentences made from the numbers of the plan."""

from __future__ import annotations

import pandas as pd

from allocator.reporting.numbers import listed, number, percent, signed
from allocator.reporting.view import View
from allocator.reporting.worth import priced_limits

_MOST_NAMED = 3


def advice(view: View) -> list[str]:
    """Three to six sentences: what following the plan gains, where effort goes, what changes, what binds."""
    sentences = [_gain(view), _effort(view), _spread(view), _heads(view), _launches(view), _scarcest(view)]
    return [sentence for sentence in sentences if sentence]


def _gain(view: View) -> str:
    result = view.result
    equity = result.customer_equity
    other, name = (result.current_plan, "the current plan") if result.current_plan else (result.no_effort, "no effort")
    if other is None:
        return f"The plan is worth {view.money(equity)} of customer equity."
    gain = equity - other.customer_equity
    share = f" ({percent(gain / abs(other.customer_equity))})" if other.customer_equity else ""
    if gain <= 1e-9 * abs(equity):
        return f"The plan is worth as much as {name}: {view.money(equity)} of customer equity."
    return f"Follow this plan rather than {name}: customer equity rises by {view.money(gain)}{share}."


def _first_efforts(view: View) -> tuple[pd.DataFrame, str]:
    """Allocation of the first period, most first, and the column that measures it: cost, else hours."""
    table = view.tables["allocation"]
    first = table[(table["period"] == 1) & (table["effort_total"] > 0.0)] if not table.empty else table
    measure = next(
        (name for name in ("cost", "hours", "effort_total") if not first.empty and first[name].sum() > 0), ""
    )
    return (first.sort_values(measure, ascending=False, kind="stable") if measure else first), measure


def _effort(view: View) -> str:
    first, measure = _first_efforts(view)
    if not measure:
        return f"Nobody gets any effort in {view.when(1)}."
    named = [
        f"{lever} for {segment} ({number(each, 3)} per customer)"
        for lever, segment, each in first[["lever", "segment", "effort_per_customer"]].head(_MOST_NAMED).to_numpy()
    ]
    most = {"cost": "most lever money", "hours": "most hours"}.get(measure, "most effort")
    verb = "goes" if measure == "cost" else "go"
    return f"In {view.when(1)} {most} {verb if measure != 'effort_total' else 'goes'} to {listed(named)}."


def _spread(view: View) -> str:
    """How concentrated the effort is: few segments may take most of it."""
    first, measure = _first_efforts(view)
    if not measure or first["segment"].nunique() < 4:
        return ""
    by_segment = first.groupby("segment")[measure].sum().sort_values(ascending=False)
    share = by_segment.head(2).sum() / by_segment.sum()
    what = {"cost": "lever money", "hours": "hours"}.get(measure, "effort")
    return f"{listed([str(name) for name in by_segment.index[:2]])} together take {percent(share)} of the {what} there."


def _heads(view: View) -> str:
    table = view.tables["resources"]
    if table.empty:
        return ""
    changes = []
    for name, rows in table[table["headcount"].notna()].groupby("resource", sort=False):
        ordered = rows.sort_values("period")
        now = getattr(view.scenario.model.resources[str(name)], "headcount", 0)
        end = float(ordered["headcount"].iloc[-1])
        # A mean over shock scenarios of one and the same number of heads may be off it by rounding.
        if abs(end - now) > 1e-6 * max(1.0, now):
            reached = int(ordered.loc[(ordered["headcount"] - end).abs() <= 1e-6 * max(1.0, end), "period"].min())
            words = f"{name} from {number(now)} to {number(end)} by {view.when(reached)}"
            changes.append((abs(end - now), words + _between(view, ordered, now, end)))
    if not changes:
        return "Heads stay as they are." if table["headcount"].notna().any() else ""
    changes.sort(key=lambda change: -change[0])
    return f"Heads change: {listed([text for _, text in changes[:_MOST_NAMED]])}."


def _between(view: View, rows: pd.DataFrame, now: float, end: float) -> str:
    """The fewest or most heads on the way, where these lie beyond both ends."""
    path = list(zip(rows["headcount"].astype(float).tolist(), rows["period"].astype(int).tolist(), strict=True))
    dust = 1e-6 * max(1.0, now)
    fewest, most = min(path), max(path, key=lambda place: place[0])
    beyond = [fewest] if fewest[0] < min(now, end) - dust else []
    beyond += [most] if most[0] > max(now, end) + dust else []
    return (
        f" (with {listed([f'{number(heads)} in {view.when(period)}' for heads, period in beyond])})" if beyond else ""
    )


def _launches(view: View) -> str:
    table = view.tables["programmes"]
    if table.empty:
        return ""
    started = table[table["start"].notna()].sort_values("start", kind="stable")
    if started.empty:
        return "No programme is worth starting."
    named = [
        f"{name} in {view.when(int(start))}" for name, start in zip(started["programme"], started["start"], strict=True)
    ]
    more = f" and {len(named) - 5} more" if len(named) > 5 else ""
    return f"Start {listed(named) if not more else ', '.join(named[:5]) + more}."


def _scarcest(view: View) -> str:
    priced = priced_limits(view)
    if priced.empty:
        return ""
    first = priced.iloc[0]
    when = "" if pd.isna(first["period"]) else f" in {view.when(int(first['period']))}"
    name = f"{first['what'].split(' (')[0]} {first['name']}{when}"
    effect = signed(first["one_percent"], view.scenario.model.currency)
    return f"What binds most is the {name}: one percent more of it changes customer equity by {effect}."
