"""The answer's standing in a planner's words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from allocator.reporting.numbers import money, percent

if TYPE_CHECKING:
    from allocator.domain.result import Result


_NOTHING = 5e-10
"""A gap that is rounding."""
_SHOWN = 1e-6
"""The smallest gap that is written down."""


def status_words(result: Result) -> str:
    """Whether the plan is as good as was asked for, or the search stopped before that."""
    asked = percent(result.scenario.solver.gap)
    if result.status == "optimal":
        return f"Solved: the plan is within {asked} of the best there can be, as asked for."
    return f"Stopped early: the plan holds, but the search ended before it was proven to be within {asked} of the best."


def gap_in_words(gap: float) -> str:
    """A gap in percent, without digits that mean nothing to anybody."""
    if gap < _NOTHING:
        return percent(0.0)
    return percent(gap) if gap >= _SHOWN else f"less than {percent(_SHOWN)}"


def by_reason(note: str, names: Mapping[str, str]) -> str:
    """A note `what: reason; what: reason` with each reason once, after all it holds for, these by their ``names``."""
    reasons: dict[str, list[str]] = {}
    for what, _, reason in (part.partition(": ") for part in note.split("; ") if part):
        reasons.setdefault(reason, []).append(names.get(what, what))
    return "; ".join(f"{', '.join(whats)}: {reason}" for reason, whats in reasons.items())


def proof(result: Result) -> str:
    """What the bound says, in one sentence."""
    if not math.isfinite(result.bound) or not math.isfinite(result.gap):
        return "Nothing is proven yet about how much better another plan could be."
    spends, currency = result.scenario.objective.kind == "spend", result.scenario.model.currency
    how, side = ("cheaper", "below") if spends else ("better", "above")
    bound = money(result.bound, currency, 6)
    if result.gap < _NOTHING:
        return f"Proven: no plan can be {how}{_measure(result)}; the bound of {bound} is reached."
    most = percent(max(result.gap, _SHOWN))
    return f"Proven: no plan can be more than {most} {how}{_measure(result)}; none is {side} {bound}."


def _measure(result: Result) -> str:
    """What the bound is about, where that is not customer equity itself."""
    objective = money(result.objective, result.scenario.model.currency, 6)
    if result.scenario.objective.kind == "spend":
        return f" than this plan's discounted spend of {objective}"
    aversion = result.scenario.risk.aversion
    if aversion > 0.0:
        return f" by what was maximised, {percent(1 - aversion)} mean equity and {percent(aversion)} CVaR ({objective})"
    return ""
