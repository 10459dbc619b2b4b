"""Heads and programmes by trial: a few sensible ways to staff, and each programme with and without.

A rule of thumb says who gets effort, not how many people to employ. So that no policy loses for want of
staff, or pays for staff it does not use, each is walked through with a few ways to staff, and with each
programme started as early as it may be; what gives the most equity at the fewest broken rules is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from allocator.domain.plan import Plan
from allocator.domain.scenario import Scenario
from allocator.evaluation.arrays import Floats, Ints
from allocator.policies.mechanics.commitments import Commitments
from allocator.policies.mechanics.money import labour
from allocator.policies.mechanics.setting import Setting
from allocator.policies.mechanics.walk import Draft, Rule, walk

GROWTH = (0.25, 0.5, 1.0)
"""Shares of the way to the heads that would meet all that the rule could use."""


def best_plan(scenario: Scenario, make: Callable[[Setting], Rule]) -> Plan:
    """Plan of the rule that ``make`` builds for the scenario, with the best of the ways to staff and invest."""
    setting = Setting(scenario)
    return best_draft(setting, make(setting)).plan()


def best_draft(setting: Setting, rule: Rule) -> Draft:
    """The walk of ``rule`` with the best of the ways to staff and invest.

    In turn: heads as they are; more heads, a quarter, half and all of the way to what the rule could use;
    no overtime and partner hours; each programme (and what it requires) as early as it may start; at last
    no more heads than are used.
    """
    best = _Best(setting, rule)
    for commitments in _staffing(setting, best.draft):
        best.consider(commitments)
    if _has_extra_hours(setting):
        best.consider(Commitments(best.chosen.heads, best.chosen.start, extra_hours=False))
    for programme in range(len(setting.instance.programmes.names)):
        start = with_programme(setting, best.chosen.start, programme)
        if start is not None:
            best.consider(Commitments(best.chosen.heads, start, best.chosen.extra_hours))
    lean = _lean(setting, best.draft)
    if not np.array_equal(lean, best.chosen.heads):
        best.consider(Commitments(lean, best.chosen.start, best.chosen.extra_hours))
    return best.draft


class _Best:
    """The best draft so far."""

    def __init__(self, setting: Setting, rule: Rule) -> None:
        self._setting, self._rule = setting, rule
        heads = np.repeat(setting.instance.resources.headcount[:, None], setting.horizon, axis=1)
        never = np.full(len(setting.instance.programmes.names), -1, dtype=np.int64)
        self.draft = walk(setting, Commitments(_allowed(setting, heads), never, extra_hours=True), rule)
        self._score = score(setting, self.draft.plan())

    @property
    def chosen(self) -> Commitments:
        return self.draft.commitments

    def consider(self, commitments: Commitments) -> None:
        draft = walk(self._setting, commitments, self._rule)
        found = score(self._setting, draft.plan())
        if found > self._score:
            self.draft, self._score = draft, found


def score(setting: Setting, plan: Plan) -> tuple[int, float]:
    """Fewest broken requirements first (as a negative number), then most equity."""
    evaluator = setting.evaluator
    trajectory = evaluator.run(plan)
    readings = (*evaluator.budget_readings(trajectory), *evaluator.readings(trajectory))
    broken = sum(reading.violation() is not None for reading in readings)
    broken += len(trajectory.violations) + len(trajectory.flow.scaled)
    return -broken, evaluator.equity(trajectory)


def _staffing(setting: Setting, start: Draft) -> Iterator[Commitments]:
    """More heads, where there is anyone to hire: part of the way, or all of it, to what could be used."""
    wanted = _wanted(setting)
    now = start.commitments.heads
    seen = [now]
    for share in GROWTH:
        target = now + np.ceil(share * np.maximum(wanted[:, None] - now, 0.0))
        heads = _allowed(setting, target)
        if not any(np.array_equal(heads, other) for other in seen):
            seen.append(heads)
            yield Commitments(heads, start.commitments.start, extra_hours=True)


def _wanted(setting: Setting) -> Floats:
    """[R] heads for every customer of today at full effort and every channel at full spend."""
    instance = setting.instance
    efforts = setting.bounds.most[: setting.levers * setting.segments].max(axis=1)
    efforts = efforts.reshape(setting.levers, setting.segments) * instance.levers.reaches
    total = efforts * instance.levers.max[:, None] * instance.customers[None, :]
    hours = np.einsum("ls,lsr->r", total, instance.levers.hours)
    hours += instance.channels.input_hours.T @ instance.channels.max + instance.channels.uses.T @ setting.potential
    per_head = instance.resources.hours
    return np.asarray(np.divide(hours, per_head, out=np.zeros_like(hours), where=per_head > 0.0))


def _lean(setting: Setting, draft: Draft) -> Floats:
    """Heads of the draft less those whom nothing uses from some period to the end."""
    per_head = setting.instance.resources.hours[:, None]
    used = np.divide(draft.hours, per_head, out=np.zeros_like(draft.hours), where=per_head > 0.0)
    ahead = np.maximum.accumulate(np.ceil(used - 1e-9)[:, ::-1], axis=1)[:, ::-1]
    return _allowed(setting, np.minimum(draft.commitments.heads, ahead))


def _allowed(setting: Setting, target: Floats) -> Floats:
    """Heads as near to ``target`` [R,T] as hiring, release and headcount rules allow, period by period."""
    resources = setting.instance.resources
    heads = np.zeros_like(target)
    before = resources.headcount
    terms = labour(setting.instance)
    for t in range(setting.horizon):
        low, high = before.copy(), before.copy()
        for r, resource in terms.items():
            if resource.hire is not None:
                high[r] = np.inf if resource.hire.max is None else before[r] + resource.hire.max
            if resource.release is not None:
                low[r] = 0.0 if resource.release.max is None else max(before[r] - resource.release.max, 0.0)
        before = _within_rules(setting, np.clip(target[:, t], low, high), low, high, t)
        heads[:, t] = before
    return heads


def _within_rules(setting: Setting, heads: Floats, low: Floats, high: Floats, t: int) -> Floats:
    """Heads moved into headcount rules, one resource after another, as far as hiring and release go."""
    names = setting.instance.resources.names
    moved = heads.copy()
    for rule in setting.bounds.heads:
        if rule.periods is not None and t + 1 not in rule.periods:
            continue
        for name in rule.resources:
            r = names.index(name)
            total = sum(moved[names.index(other)] for other in rule.resources)
            least = 0.0 if rule.min is None else max(np.ceil(rule.min) - total, 0.0)
            most = 0.0 if rule.max is None else max(total - np.floor(rule.max), 0.0)
            moved[r] = min(max(moved[r] + least - most, low[r]), high[r])
    return moved


def _has_extra_hours(setting: Setting) -> bool:
    resources = setting.instance.resources
    return bool((resources.overtime_share > 0.0).any() or (resources.partner_hours > 0.0).any())


def with_programme(setting: Setting, start: Ints, programme: int) -> Ints | None:
    """Starts with one programme more, and all that it requires, each as early as it may; None if it cannot."""
    model, names = setting.instance.model, setting.instance.programmes.names
    lead = setting.instance.programmes.lead
    added = start.copy()

    def begin(index: int, open_: tuple[int, ...]) -> bool:
        if added[index] >= 0:
            return True
        terms = model.programmes[names[index]]
        first, last = terms.window or (1, setting.horizon)
        earliest = first - 1
        for needed in map(names.index, terms.requires):
            if needed in open_ or not begin(needed, (*open_, index)):
                return False
            earliest = max(earliest, int(added[needed] + lead[needed]))
        rivals = [g for g, name in enumerate(names) if name in terms.excludes or names[index] in _excludes(name)]
        if earliest > min(last, setting.horizon) - 1 or any(added[g] >= 0 for g in rivals):
            return False
        added[index] = earliest
        return True

    def _excludes(name: str) -> tuple[str, ...]:
        return model.programmes[name].excludes

    if start[programme] >= 0 or not begin(programme, ()):
        return None
    return added
