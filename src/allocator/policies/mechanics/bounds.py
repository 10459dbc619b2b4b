"""Rules that can be kept while allotting, as bounds on items."""

from __future__ import annotations

import numpy as np

from allocator.domain.rules import Active, Change, Coverage, Effort, Headcount, Uniform
from allocator.evaluation.arrays import Bools, Floats, Ints
from allocator.evaluation.instance import Instance


class Bounds:
    """What rules ask of items and heads. Items are laid out as in :mod:`.setting`.

    least, most: [I,T] amounts that rules ask for and allow. A rule over several segments is kept in each of
        them alone, so that it holds for all together.
    threshold: [L,S,T] smallest effort above 0 that counts for a coverage rule; 0 where there is none.
    alike: [L,S,T] whether everyone in the segment gets the same effort.
    active: items of which only so many may be used in each of the periods (counted from 0).
    heads: rules on headcount.
    """

    def __init__(self, instance: Instance, current: Floats | None) -> None:
        self._instance = instance
        self._current = current
        self._segments = len(instance.segments)
        shape = (len(instance.levers.names), self._segments, instance.horizon)
        self._first_channel = shape[0] * shape[1]
        items = self._first_channel + len(instance.channels.names)
        self.threshold = np.zeros(shape)
        self.least = np.zeros((items, instance.horizon))
        self.most = self._within_contacts(items)
        self.alike = np.zeros(shape, dtype=bool)
        self.active: list[tuple[Bools, tuple[int, ...], int]] = []
        self.heads: list[Headcount] = []
        for rule in instance.scenario.rules:
            if isinstance(rule, Coverage):
                self._coverage(rule)
            elif isinstance(rule, Effort):
                self._effort(rule)
            elif isinstance(rule, Uniform):
                self._uniform(rule)
            elif isinstance(rule, Active):
                self._active(rule)
            elif isinstance(rule, Headcount):
                self.heads.append(rule)
            elif isinstance(rule, Change):
                self._change(rule)

    def _within_contacts(self, items: int) -> Floats:
        """[I,T] shares of the items' ranges that one customer's contacts allow."""
        levers, limit = self._instance.levers, self._instance.contacts_max
        most = np.ones((items, self._instance.horizon))
        for lever, contacts in enumerate(levers.contacts):
            if contacts > 0.0 and levers.max[lever] > 0.0:
                allowed = np.minimum(limit / contacts, levers.max[lever])
                steps = levers.levels[lever]
                if steps is not None:
                    below = steps.searchsorted(allowed * (1.0 + 1e-9), side="right")
                    allowed = np.where(below > 0, steps[np.maximum(below - 1, 0)], 0.0)
                first = lever * self._segments
                most[first : first + self._segments] = (allowed / levers.max[lever])[:, None]
        return most

    def _periods(self, periods: tuple[int, ...] | None) -> Ints:
        chosen = range(1, self._instance.horizon + 1) if periods is None else periods
        return np.array([period - 1 for period in chosen if period <= self._instance.horizon], dtype=np.int64)

    def _lever_items(self, lever: int, selected: Bools) -> Ints:
        able = self._instance.levers.max[lever] > 0.0
        return lever * self._segments + np.flatnonzero(selected & self._instance.levers.reaches[lever] & able)

    def _raise_least(self, items: Ints, periods: Ints, amount: float) -> None:
        place = np.ix_(items, periods)
        self.least[place] = np.maximum(self.least[place], amount)

    def _lower_most(self, items: Ints, periods: Ints, amount: float) -> None:
        place = np.ix_(items, periods)
        self.most[place] = np.minimum(self.most[place], amount)

    def _coverage(self, rule: Coverage) -> None:
        """Each selected segment alone keeps the share, so that all of them together do."""
        lever = self._instance.levers.names.index(rule.lever)
        selected, periods = self._instance.selected(rule.where), self._periods(rule.periods)
        items = self._lever_items(lever, selected)
        place = np.ix_(np.array([lever]), items % self._segments, periods)
        self.threshold[place] = np.maximum(self.threshold[place], rule.min_effort)
        reach = self._effort_reaching(lever, rule.min_effort) / self._instance.levers.max[lever]
        if rule.min_share is not None:
            self._raise_least(items, periods, rule.min_share * reach)
        if rule.max_share is not None and rule.max_share < 1.0:
            self._lower_most(items, periods, rule.max_share * reach)

    def _effort_reaching(self, lever: int, effort: float) -> float:
        """Smallest allowed effort of at least ``effort``; the lever's largest where there is none."""
        levels = self._instance.levers.levels[lever]
        allowed = np.array([effort]) if levels is None else levels[levels >= effort]
        return float(allowed[0] if len(allowed) else self._instance.levers.max[lever])

    def _effort(self, rule: Effort) -> None:
        lever = self._instance.levers.names.index(rule.lever)
        items, periods = self._lever_items(lever, self._instance.selected(rule.where)), self._periods(rule.periods)
        if rule.min is not None:
            self._raise_least(items, periods, rule.min / self._instance.levers.max[lever])
        if rule.max is not None:
            self._lower_most(items, periods, rule.max / self._instance.levers.max[lever])

    def _uniform(self, rule: Uniform) -> None:
        names = self._instance.levers.names
        chosen = list(range(len(names))) if rule.lever is None else [names.index(rule.lever)]
        selected = np.flatnonzero(self._instance.selected(rule.where))
        self.alike[np.ix_(np.array(chosen, dtype=np.int64), selected, self._periods(rule.periods))] = True

    def _active(self, rule: Active) -> None:
        items = np.zeros(len(self.least), dtype=bool)
        if rule.lever is not None:
            lever = self._instance.levers.names.index(rule.lever)
            items[self._lever_items(lever, self._instance.selected(rule.where))] = True
        for channel in rule.channels or ():
            items[self._first_channel + self._instance.channels.names.index(channel)] = True
        if rule.max is not None:
            self.active.append((items, tuple(self._periods(rule.periods).tolist()), rule.max))

    def _change(self, rule: Change) -> None:
        """Total effort near the current plan's, as bounds on effort per customer.

        The number of customers is taken from the current plan as well, so the bound is exact where the
        new plan has moved no customers yet.
        """
        if self._current is None or rule.max is None:
            return
        names = self._instance.levers.names
        periods = self._periods(rule.periods)
        for lever in range(len(names)) if rule.lever is None else [names.index(rule.lever)]:
            now = self._current[lever] / self._instance.levers.max[lever]
            for item in self._lever_items(lever, self._instance.selected(rule.where)):
                amounts = now[item % self._segments, periods]
                least, most = (1.0 - min(rule.max, 1.0)) * amounts, (1.0 + rule.max) * amounts
                self.least[item, periods] = np.maximum(self.least[item, periods], least)
                self.most[item, periods] = np.minimum(self.most[item, periods], most)
