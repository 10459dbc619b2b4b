"""A plan: names, periods, efforts and shares that its scenario knows."""

from __future__ import annotations

from collections import defaultdict

from allocator.domain.checks.known import Known, check_name
from allocator.domain.errors import MistakeList, Path
from allocator.domain.model import Levels
from allocator.domain.plan import Plan, Treatment
from allocator.domain.resources import Fixed
from allocator.domain.scenario import Scenario
from allocator.domain.selection import matches

TOLERANCE = 1e-6
"""How far shares and efforts may be off, for plans that were written with rounded numbers."""


def check_plan_entries(plan: Plan, scenario: Scenario, known: Known, found: MistakeList) -> None:
    """Check every entry of a plan.

    Paths are ``("plan", "effort", lever, segment, period)``, ``("plan", "spend", channel, period)``,
    ``("plan", "headcount", resource, period)`` and ``("plan", "programme", programme)``.
    """
    for treatments in (plan.treatments, *(entry.treatments for entry in plan.adapted)):
        _check_treatments(treatments, scenario, known, found)
    for spend in plan.spend:
        path: Path = ("plan", "spend", spend.channel, spend.period)
        check_name(found, path, "channel", spend.channel, known.model.channels)
        _check_period(found, path, spend.period, scenario.horizon)
    labour = [name for name, resource in known.model.resources.items() if not isinstance(resource, Fixed)]
    for heads in plan.heads:
        path = ("plan", "headcount", heads.resource, heads.period)
        check_name(found, path, "labour resource", heads.resource, labour)
        _check_period(found, path, heads.period, scenario.horizon)
    _check_starts(plan, scenario, known, found)


def _check_treatments(treatments: tuple[Treatment, ...], scenario: Scenario, known: Known, found: MistakeList) -> None:
    shares: dict[tuple[str, int], float] = defaultdict(float)
    for treatment in treatments:
        _check_treatment(treatment, scenario, known, found)
        cell = (treatment.segment, treatment.period)
        before = shares[cell]
        shares[cell] += treatment.share
        if before <= 1.0 + TOLERANCE < shares[cell]:
            lever = treatment.efforts[0][0] if treatment.efforts else ""
            message = f"the shares of `{cell[0]}` in period {cell[1]} add up to more than 1"
            found.add(("plan", "effort", lever, *cell), message, expected="at most 1")


def _check_treatment(treatment: Treatment, scenario: Scenario, known: Known, found: MistakeList) -> None:
    model, segment, period = known.model, treatment.segment, treatment.period
    for lever, effort in treatment.efforts or (("", 0.0),):
        path: Path = ("plan", "effort", lever, segment, period)
        is_segment = known.check_segment(found, path, segment)
        _check_period(found, path, period, scenario.horizon)
        if not lever or not check_name(found, path, "lever", lever, model.levers) or effort == 0.0:
            continue
        if is_segment and not matches(model.levers[lever].where, known.segments[segment].tags):
            found.add(path, f"the lever `{lever}` does not reach `{segment}`", expected="a segment its `where` selects")
        allowed = model.levers[lever].effort
        if isinstance(allowed, Levels):
            if all(abs(effort - level) > TOLERANCE * max(1.0, level) for level in allowed.levels):
                levels = ", ".join(f"{level:g}" for level in allowed.levels)
                found.add(path, f"effort {effort:g} is no level of `{lever}`", expected=f"one of: {levels}")
        elif effort > allowed.max * (1.0 + TOLERANCE):
            found.add(path, f"effort {effort:g} is out of reach of `{lever}`", expected=f"at most {allowed.max:g}")
    for programme in treatment.programmes or ():
        path = ("plan", "effort", treatment.efforts[0][0] if treatment.efforts else "", segment, period)
        check_name(found, path, "programme", programme, model.programmes)


def _check_starts(plan: Plan, scenario: Scenario, known: Known, found: MistakeList) -> None:
    seen: set[str] = set()
    for item in plan.programmes:
        path: Path = ("plan", "programme", item.programme)
        if item.programme in seen:
            found.add(path, f"`{item.programme}` starts twice", expected="one start")
        seen.add(item.programme)
        _check_period(found, path, item.start, scenario.horizon)
        if check_name(found, path, "programme", item.programme, known.model.programmes):
            window = known.model.programmes[item.programme].window
            if window and not window[0] <= item.start <= window[1]:
                message = f"`{item.programme}` starts in period {item.start}, outside its window"
                found.add(path, message, expected=f"{window[0]} to {window[1]}")


def _check_period(found: MistakeList, path: Path, period: int, horizon: int) -> None:
    if period > horizon:
        found.add(path, f"period {period} is beyond the horizon", expected=f"1 to {horizon}")
