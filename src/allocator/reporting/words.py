"""The answer's standing in a planner's words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from allocator.reporting.numbers import money, percent

if TYPE_CHECKING:
    from allocator.domain.result import Result


def status_words(result: Result) -> str:
    """Whether the plan is as good as was asked for, or the search stopped before that."""
    asked = percent(result.scenario.solver.gap)
    if result.status == "optimal":
        return f"Solved: the plan is within {asked} of the best there can be, as asked for."
    return f"Stopped early: the plan holds, but the search ended before it was proven to be within {asked} of the best."


def proof(result: Result) -> str:
    """What the bound says, in one sentence."""
    if not math.isfinite(result.bound) or not math.isfinite(result.gap):
        return "Nothing is proven yet about how much better another plan could be."
    spends, currency = result.scenario.objective.kind == "spend", result.scenario.model.currency
    how, side = ("cheaper", "below") if spends else ("better", "above")
    bound = money(result.bound, currency, 6)
    if result.gap < 5e-10:
        return f"Proven: no plan can be {how}{_measure(result)}; the bound of {bound} is reached."
    return f"Proven: no plan can be more than {percent(result.gap)} {how}{_measure(result)}; none is {side} {bound}."


def _measure(result: Result) -> str:
    """What the bound is about, where that is not customer equity itself."""
    objective = money(result.objective, result.scenario.model.currency, 6)
    if result.scenario.objective.kind == "spend":
        return f" than this plan's discounted spend of {objective}"
    aversion = result.scenario.risk.aversion
    if aversion > 0.0:
        return f" by what was maximised, {percent(1 - aversion)} mean equity and {percent(aversion)} CVaR ({objective})"
    return ""
